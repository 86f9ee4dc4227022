/**
 * Sends 2,000 events, from the main thread or from a worker thread, and tells how long the main
 * thread was busy with it.
 *
 *   npx immutablelog emulator --port 4800
 *   IMTBL_URL=http://127.0.0.1:4800 IMTBL_API_KEY=local node examples/worker-thread/main.js
 *   IMTBL_WORKER=true IMTBL_URL=http://127.0.0.1:4800 IMTBL_API_KEY=local \
 *     node examples/worker-thread/main.js
 */
import { performance } from 'node:perf_hooks';
import { ImmutableLogClient } from 'opentelemetry-exporter-immutablelog';

const EVENTS = 2_000;
const client = new ImmutableLogClient({ service: 'billing' }); // or `worker: true` here
const before = performance.eventLoopUtilization();

for (let id = 0; id < EVENTS; id += 1) {
  client.sendAsync({ eventName: 'invoice.booked', payload: { invoice_id: `inv_${id}` } });
}
await client.flush();

const busyMs = Math.round(performance.eventLoopUtilization(before).active);
await client.close();
const { accepted } = client.stats();
console.log(JSON.stringify({ accepted, mainThreadBusyMs: busyMs }));
