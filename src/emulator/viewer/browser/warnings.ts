import { leavesOf } from './leaves.ts';
import { segmentsOf } from './segments.ts';
import type { ViewedEntry } from './viewed-entry.ts';

/** A place in an event where something looks like raw personal data. */
export interface Warning {
  /** The name of the value. */
  readonly where: string;
  /** What it looks like. */
  readonly label: string;
}

/** Looks through the names and values of `meta` and payload. */
export function warningsOf(entry: ViewedEntry): readonly Warning[] {
  const meta = Object.entries(entry.meta).flatMap(([key, text]) => inValue('meta', key, text));
  const payload = leavesOf(entry.payload).flatMap(({ parents, key, text }) =>
    inValue(parents, key, text),
  );
  return [...meta, ...payload];
}

function inValue(parents: string, key: string, text: string): readonly Warning[] {
  const where = [parents, key].filter((part) => part !== '').join(' › ');
  return [...segmentsOf('', key), ...segmentsOf(key, text)].flatMap((segment) =>
    segment.kind === 'raw' ? [{ where, label: segment.label }] : [],
  );
}
