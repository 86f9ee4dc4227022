import type { QuarantinedEvent, Spool, SpooledRecord } from '../../src/spool/spool.ts';

/** A spool in an array, that shows what was done to it. */
export interface FakeSpool extends Spool {
  /** Puts records in as if they had been stored. */
  fill(count: number): void;
  readonly acknowledged: readonly number[];
  readonly inQuarantine: readonly QuarantinedEvent[];
  /** Whether quarantine can be written. */
  quarantineWorks: boolean;
}

/** Makes an empty one. */
export function fakeSpool(): FakeSpool {
  const records: SpooledRecord[] = [];
  const acknowledged: number[] = [];
  const inQuarantine: QuarantinedEvent[] = [];
  let claimed = 0;
  let closed = false;

  function add(record: Omit<SpooledRecord, 'ref' | 'storedAtMs'>): SpooledRecord {
    const ref = { writer: 'w', sequence: records.length + 1 };
    const added = { ...record, ref, storedAtMs: 0 };
    records.push(added);
    return added;
  }

  const spool: FakeSpool = {
    acknowledged,
    inQuarantine,
    quarantineWorks: true,
    fill(count) {
      for (let made = 0; made < count; made += 1) {
        const key = `key-${records.length + 1}`;
        const body = Buffer.from(`{"payload":"{}","meta":{"request_id":"${key}"}}`);
        add({ idempotencyKey: key, requestId: key, body });
      }
    },
    store({ idempotencyKey, requestId, body }) {
      if (closed) return Promise.resolve({ kind: 'closed', detail: 'closed' });
      const { ref } = add({ idempotencyKey, requestId, body: Buffer.from(body) });
      return Promise.resolve({ kind: 'stored', ref });
    },
    claim(limit) {
      const next = records.slice(claimed, claimed + limit);
      claimed += next.length;
      return Promise.resolve(next);
    },
    acknowledge({ sequence }) {
      if (!acknowledged.includes(sequence)) acknowledged.push(sequence);
    },
    quarantine(event) {
      if (!spool.quarantineWorks) return Promise.resolve(false);
      inQuarantine.push(event);
      spool.acknowledge(event.record.ref);
      return Promise.resolve(true);
    },
    adopt: () => Promise.resolve(0),
    stats: () => ({
      events: records.length - acknowledged.length,
      bytes: 0,
      oldestAgeMs: undefined,
      adopted: 0,
      corruptRanges: 0,
      quarantined: inQuarantine.length,
      quarantineBytes: 0,
      quarantineErrors: 0,
      readErrors: 0,
      unreadable: 0,
    }),
    onRetryDue() {
      // Everything can be read here.
    },
    settled: () => Promise.resolve(),
    storeRestNow() {
      // Nothing is ever left uncommitted here.
    },
    close() {
      closed = true;
      return Promise.resolve();
    },
  };
  return spool;
}
