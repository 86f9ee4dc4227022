import type { LogRecordLike, SpanLike } from '../../src/record/otel-types.ts';
import type { ImmutableLogEvent } from '../../src/index.ts';
import { createGeneratedRecords } from './generated-records.ts';

type Writable = Record<string | number, unknown>;

/** Spoils everything that can be reached from a value, as its owner may once a call has returned. */
export function scramble(value: unknown, seen: Set<object> = new Set()): void {
  if (typeof value !== 'object' || value === null || seen.has(value)) return;
  seen.add(value);
  if (value instanceof Uint8Array) value.fill(0);
  else if (value instanceof Date) value.setTime(86_400_000);
  else if (value instanceof Map || value instanceof Set) {
    for (const member of value.values()) scramble(member, seen);
    value.clear();
  } else {
    const object = value as Writable;
    for (const key of Object.keys(object)) {
      scramble(object[key], seen);
      object[key] = 'changed afterwards';
    }
    if (Array.isArray(value)) value.length = 0;
    else object['added afterwards'] = true;
  }
}

const hex = (seed: number, index: number, length: number): string =>
  (BigInt(seed + 1) * 0x9e37_79b9_7f4a_7c15n + BigInt(index + 1))
    .toString(16)
    .padStart(length, 'a')
    .slice(-length);

const when = (): [number, number] => [1_795_446_000, 5];

/** Records of one seed share resources and scopes; here each has its own, to be spoiled. */
function ownParts<T extends SpanLike | LogRecordLike>(record: T): T {
  const { resource, instrumentationScope } = record;
  return { ...record, ...structuredClone({ resource, instrumentationScope }) };
}

/** Spans with nothing that is made up when they are mapped; the same for the same seed. */
export function generatedSpans(seed: number, count: number): SpanLike[] {
  const records = createGeneratedRecords(seed);
  return Array.from({ length: count }, (_, index) => {
    const context = { traceId: hex(seed, index, 32), spanId: hex(seed, index, 16) };
    const span = {
      ...records.span(),
      startTime: when(),
      endTime: when(),
      spanContext: () => context,
    };
    return ownParts(span);
  });
}

/** Log records, likewise. */
export function generatedLogs(seed: number, count: number): LogRecordLike[] {
  const records = createGeneratedRecords(seed);
  return Array.from({ length: count }, (_, index) => {
    const log = records.log();
    const attributes = { ...log.attributes, 'log.record.uid': `uid-${seed}-${index}` };
    return ownParts({ ...log, hrTime: when(), attributes });
  });
}

/** Events of a program's own: the attributes of generated records, and values that are no JSON. */
export function generatedEvents(seed: number, count: number): ImmutableLogEvent[] {
  return generatedSpans(seed, count).map(({ attributes, events }, index) => ({
    eventName: `event.${index}`,
    payload: {
      attributes,
      list: [{ events }, index],
      bytes: Uint8Array.of(1, 2, 3),
      date: new Date(0),
      map: new Map([['inner', { deep: [index] }]]),
      set: new Set([1, 2]),
    },
    idempotencyKey: `key-${seed}-${index}`,
    meta: { tenant: `tenant-${index}` },
  }));
}
