import type { ViewedEntry } from './viewed-entry.ts';

/** What the person wants to see; empty texts ask for nothing. */
export interface EventFilter {
  readonly text: string;
  readonly type: string;
  readonly service: string;
  /** The beginning of a trace id. */
  readonly trace: string;
  readonly warnedOnly: boolean;
}

/** An entry as a filter looks at it. */
export interface Searchable {
  readonly entry: ViewedEntry;
  /** Name, payload and meta in lower case. */
  readonly haystack: string;
  readonly warned: boolean;
}

/** Makes the question a filter asks. All of its parts have to hold; every word of its text too. */
export function matcherOf(filter: EventFilter): (item: Searchable) => boolean {
  const words = filter.text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  const trace = filter.trace.trim().toLowerCase();
  return ({ entry, haystack, warned }) =>
    (filter.type === '' || entry.type === filter.type) &&
    (filter.service === '' || entry.service === filter.service) &&
    (trace === '' || (entry.traceId?.toLowerCase().startsWith(trace) ?? false)) &&
    (!filter.warnedOnly || warned) &&
    words.every((word) => haystack.includes(word));
}

/** The text in which a filter searches. */
export function haystackOf({ eventName, payload, meta, idempotencyKey }: ViewedEntry): string {
  return [eventName, payload, ...Object.values(meta), idempotencyKey].join('\n').toLowerCase();
}
