// What deliver.mjs does, by require().
'use strict';

const { diag, DiagLogLevel } = require('@opentelemetry/api');
const {
  ImmutableLogClient,
  ImmutableLogSpanExporter,
} = require('opentelemetry-exporter-immutablelog');
const { createEmulator } = require('opentelemetry-exporter-immutablelog/emulator');

async function deliver() {
  const warnings = [];
  const warn = (...words) => warnings.push(words.join(' '));
  const ignore = () => {};
  diag.setLogger(
    { error: warn, warn, info: ignore, debug: ignore, verbose: ignore },
    DiagLogLevel.WARN,
  );
  const ledger = await createEmulator({ apiKey: 'local' });
  for (const worker of [false, true]) {
    const redact = { key: { id: 'test', secret: 'x'.repeat(32) } };
    const client = new ImmutableLogClient({ url: ledger.url, apiKey: 'local', redact, worker });
    await client.send({ eventName: 'job.done', payload: { worker } });
    await new ImmutableLogSpanExporter({ client }).shutdown();
    await client.close();
  }
  const page = await fetch(ledger.url);
  const events = ledger.events().map(({ payload }) => payload);
  await ledger.close();
  return { events, warnings, page: page.status };
}

void deliver().then((seen) => {
  process.stdout.write(JSON.stringify(seen));
});
