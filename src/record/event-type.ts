import type { EventType } from './event.ts';

const EVENT_TYPES: ReadonlySet<unknown> = new Set<EventType>([
  'success',
  'info',
  'error',
  'warning',
]);

/** Whether a value is one of the ledger's four types. */
export function isEventType(value: unknown): value is EventType {
  return EVENT_TYPES.has(value);
}
