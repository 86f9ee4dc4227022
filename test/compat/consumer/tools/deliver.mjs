// Sends one event from the main thread and one from a worker's to an emulator, and asks for the
// emulator's page. Prints what came of it, as JSON. Also what bundlers are given.
import { diag, DiagLogLevel } from '@opentelemetry/api';
import { ImmutableLogClient, ImmutableLogSpanExporter } from 'opentelemetry-exporter-immutablelog';
import { createEmulator } from 'opentelemetry-exporter-immutablelog/emulator';

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
