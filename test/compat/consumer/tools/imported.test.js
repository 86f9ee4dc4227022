import { ImmutableLogClient } from 'opentelemetry-exporter-immutablelog';
import * as emulators from 'opentelemetry-exporter-immutablelog/emulator';

test('delivers', async () => {
  const ledger = await emulators.createEmulator();
  const client = new ImmutableLogClient({ url: ledger.url, apiKey: 'key' });
  const { txId } = await client.send({ eventName: 'job.done', payload: {} });
  await client.close();
  expect(ledger.events().map((event) => event.txId)).toEqual([txId]);
  await ledger.close();
});
