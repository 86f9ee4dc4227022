// A CommonJS consumer: the package, its emulator and the SDK by require().
'use strict';

const { BatchLogRecordProcessor, LoggerProvider } = require('@opentelemetry/sdk-logs');
const { ImmutableLogLogRecordExporter } = require('opentelemetry-exporter-immutablelog');
const { createEmulator } = require('opentelemetry-exporter-immutablelog/emulator');

async function main() {
  const ledger = await createEmulator();
  const exporter = new ImmutableLogLogRecordExporter({ url: ledger.url, apiKey: 'local' });
  const provider = new LoggerProvider({ processors: [new BatchLogRecordProcessor({ exporter })] });
  for (let index = 0; index < 10; index += 1) {
    provider.getLogger('consumer').emit({ eventName: 'job.done', body: index });
  }
  await provider.shutdown();
  process.stdout.write(`${ledger.events().length} ${ledger.verify().ok}`);
  await ledger.close();
}

void main();
