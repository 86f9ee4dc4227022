import { type Leaf, leavesOf } from './leaves.ts';
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
  const leaves = leavesOf(entry.payload);
  const payload = leaves.flatMap(({ parents, key, text }) => inValue(parents, key, text));
  return [...meta, ...payload, ...inLostValues(entry.payload, leaves)];
}

/** Of a name that stands twice the payload text is sealed with both values, but reads as the last. */
function inLostValues(payload: string, leaves: readonly Leaf[]): readonly Warning[] {
  const read = leaves.map(({ parents, key, text }) => `${parents}\n${key}\n${text}`).join('\n');
  const withoutEscapes = payload.replaceAll(/\\(?:u[0-9a-f]{4}|.)/gi, ' ');
  return segmentsOf('', withoutEscapes).flatMap((segment) =>
    segment.kind === 'raw' && !read.includes(segment.text)
      ? [{ where: 'a repeated name of the payload text', label: segment.label }]
      : [],
  );
}

function inValue(parents: string, key: string, text: string): readonly Warning[] {
  const where = [parents, key].filter((part) => part !== '').join(' › ');
  return [...segmentsOf('', key), ...segmentsOf(key, text)].flatMap((segment) =>
    segment.kind === 'raw' ? [{ where, label: segment.label }] : [],
  );
}
