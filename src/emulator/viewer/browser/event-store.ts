import { type EventFilter, type Searchable, haystackOf, matcherOf } from './event-filter.ts';
import type { ViewedEntry } from './viewed-entry.ts';
import { type Warning, warningsOf } from './warnings.ts';

/** An event with what the page worked out about it once. */
export interface StoredEvent extends Searchable {
  /** Place in the ledger, from 0 on. */
  readonly index: number;
  readonly warnings: readonly Warning[];
}

/** All events the page has, and those of them that pass the filter, oldest first. */
export interface EventStore {
  readonly all: readonly StoredEvent[];
  readonly shown: readonly StoredEvent[];
  readonly services: ReadonlySet<string>;
  /** Adds entries at the end; returns how many of them pass the filter. */
  add(entries: readonly ViewedEntry[]): number;
  filter(filter: EventFilter): void;
  clear(): void;
}

/** Creates a store without events and without a filter. */
export function createEventStore(): EventStore {
  let all: StoredEvent[] = [];
  let shown: StoredEvent[] = [];
  let services = new Set<string>();
  let matches: (item: Searchable) => boolean = () => true;
  return {
    get all() {
      return all;
    },
    get shown() {
      return shown;
    },
    get services() {
      return services;
    },
    add(entries) {
      const before = shown.length;
      for (const entry of entries) {
        const warnings = warningsOf(entry);
        const haystack = haystackOf(entry);
        const item = { entry, haystack, warnings, warned: warnings.length > 0, index: all.length };
        all.push(item);
        services.add(entry.service);
        if (matches(item)) shown.push(item);
      }
      return shown.length - before;
    },
    filter(filter) {
      matches = matcherOf(filter);
      shown = all.filter(matches);
    },
    clear() {
      all = [];
      shown = [];
      services = new Set();
    },
  };
}
