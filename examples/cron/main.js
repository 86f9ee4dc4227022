/**
 * A scheduled job, without OpenTelemetry: each run leaves one audit event, good or bad.
 *
 *   npx immutablelog emulator --port 4800
 *   IMTBL_URL=http://127.0.0.1:4800 IMTBL_API_KEY=local node examples/cron/main.js
 */
import { Cron } from 'croner';
import { ImmutableLogClient } from 'opentelemetry-exporter-immutablelog';

const client = new ImmutableLogClient({ service: 'retention', env: 'staging' });

let runs = 0;

async function deleteOldAccounts() {
  runs += 1;
  if (runs === 2) throw new Error('account of bruno@example.com is locked');
  return { deleted: 3 };
}

/** @param {Cron} job */
async function runAudited(job) {
  const scheduled = job.currentRun()?.toISOString() ?? '';
  // Two instances that run the same schedule leave one event per run, not two.
  const idempotencyKey = `accounts-deleted-${scheduled.slice(0, 19)}`;
  const event = { eventName: 'accounts.deleted', trail: 'retention', idempotencyKey };
  try {
    const result = await deleteOldAccounts();
    await client.send({ ...event, type: 'success', payload: { scheduled, ...result } });
  } catch (error) {
    await client.send({ ...event, type: 'error', payload: { scheduled, error } });
  }
}

// Every second and three times, to have something to look at; `0 3 * * *` is every night at three.
const job = new Cron(
  '* * * * * *',
  { maxRuns: 3, protect: true, catch: console.error },
  runAudited,
);

// The schedule is over, or the platform wants the process to end.
process.once('SIGTERM', () => job.stop());
process.once('beforeExit', () => void end());

async function end() {
  await client.close();
  const { emitted, accepted } = client.stats();
  console.log(`${accepted} of ${emitted} events accepted`);
}
