/**
 * Events that survive an outage and a `kill -9`.
 *
 *   IMTBL_URL=http://127.0.0.1:4800 IMTBL_API_KEY=local node examples/spool/main.js --crash
 *   npx immutablelog emulator --port 4800
 *   IMTBL_URL=http://127.0.0.1:4800 IMTBL_API_KEY=local node examples/spool/main.js
 *
 * The first run finds no ledger and kills itself; the second one sends the events of both.
 */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ImmutableLogClient } from 'opentelemetry-exporter-immutablelog';

const directory = process.env['IMTBL_SPOOL_DIR'] ?? join(tmpdir(), 'immutablelog-example-spool');
const client = new ImmutableLogClient({ service: 'billing', spool: { directory } });

for (const id of [42, 43, 44]) {
  // Resolves when the event is on disk; where the ledger is does not matter.
  await client.record({
    eventName: 'invoice.paid',
    type: 'success',
    payload: { invoice_id: `inv_${id}`, customer_email: `ana${id}@example.com` },
  });
}
console.log('3 events on disk');
if (process.argv.includes('--crash')) process.kill(process.pid, 'SIGKILL');

await client.close(); // what cannot be sent within shutdownTimeoutMs stays on disk
const { accepted, recovered, spooled } = client.stats();
console.log(JSON.stringify({ accepted, recovered, spooled }));
