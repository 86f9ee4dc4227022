/**
 * A worker without OpenTelemetry: it takes jobs off a queue and leaves one audit event for each.
 *
 *   npx immutablelog emulator --port 4800
 *   IMTBL_URL=http://127.0.0.1:4800 IMTBL_API_KEY=local node examples/direct-client/main.js
 */
import { ImmutableLogClient, isExporterError } from 'opentelemetry-exporter-immutablelog';

const client = new ImmutableLogClient({
  service: 'invoice-worker',
  env: 'staging',
  onDrop: (reason, { meta }) => console.error(`lost ${meta['event_name']}: ${reason}`),
});

// The receipt matters: the job is done only when its evidence is in the ledger.
async function recordPayment() {
  try {
    const receipt = await client.send(
      {
        eventName: 'invoice.paid',
        type: 'success',
        idempotencyKey: 'invoice-2026-0042-paid',
        trail: 'invoice-2026-0042',
        payload: { invoice_id: 'inv_42', amount_cents: 12_990, customer_email: 'ana@example.com' },
      },
      { signal: AbortSignal.timeout(20_000) },
    );
    console.log(`invoice.paid      ${receipt.txId}  duplicate: ${receipt.duplicate}`);
  } catch (error) {
    // `code` says why, from a closed list: quota_exhausted, unauthorized, deadline, …
    if (!isExporterError(error)) throw error;
    console.error(`invoice.paid      not recorded: ${error.code}`);
  }
}

// The queue delivers the job twice. The same key makes the ledger keep one event of two.
await recordPayment();
await recordPayment();

// Many at once: parallel requests, results in the order of the events, never a rejection.
const results = await client.sendBatch(
  [43, 44, 45].map((id) => ({
    eventName: 'invoice.reminded',
    payload: { invoice_id: `inv_${id}`, note: `reminder to bruno${id}@example.com` },
  })),
);
for (const result of results) {
  console.log(
    `invoice.reminded  ${result.ok ? result.receipt.txId : `not recorded: ${result.error.code}`}`,
  );
}

// Nothing waits for this one; it is counted, and `close()` gives it its time.
client.sendAsync({ eventName: 'worker.idle', payload: { queue: 'invoices', jobs: 0 } });

await client.close();
const { emitted, accepted, duplicates, dropped } = client.stats();
console.log(JSON.stringify({ emitted, accepted, duplicates }));
if (Object.values(dropped).some((count) => count > 0)) process.exitCode = 1;
