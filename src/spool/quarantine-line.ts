import type { QuarantinedEvent } from './spool.ts';

/** One line of a quarantine file: everything there is about a refused event, as JSON. */
export function lineOf({ record, status, reason }: QuarantinedEvent, nowMs: number): Buffer {
  const { idempotencyKey, storedAtMs, body } = record;
  const line = {
    time: timeText(nowMs),
    stored_at: timeText(storedAtMs),
    idempotency_key: idempotencyKey,
    status,
    reason,
    body: Buffer.from(body).toString('utf8'),
  };
  return Buffer.from(`${JSON.stringify(line)}\n`);
}

function timeText(ms: number): string {
  // Only its form is needed, not the clock.
  // oxlint-disable-next-line no-restricted-globals
  return new Date(ms).toISOString();
}
