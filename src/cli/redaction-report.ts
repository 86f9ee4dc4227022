import type { AuditEvent, Signal } from '../record/event.ts';
import type { JsonValue } from '../record/json.ts';
import { createRedactor } from '../redact/create-redactor.ts';
import { createDecisions } from '../redact/decisions.ts';
import type { DataClass } from '../redact/detectors/detector.ts';
import { type ResolvedRedaction, resolveRedactOptions } from '../redact/resolve.ts';
import { type Change, changesOf } from './doctor/changes.ts';
import { leftoversOf } from './doctor/leftovers.ts';
import { withoutDigests } from './doctor/marks.ts';
import { type NameReader, pairTrees, type ValuePair } from './doctor/pair-trees.ts';

/** A place where something personal seems to be left. */
export interface Leftover {
  readonly path: string;
  readonly class: DataClass;
}

/** What redaction did to one event, and what it left. Holds no value. */
export interface EventReport {
  readonly changes: readonly Change[];
  readonly leftovers: readonly Leftover[];
}

const ROOTS: ReadonlySet<string> = new Set([
  'attributes',
  'body',
  'events[].attributes',
  'links[].attributes',
  'resource',
  'scope.attributes',
]);

/** Fields of spans and log records that the mapping fills with ids, times and fixed words. */
const FIXED: ReadonlySet<string> = new Set(
  (
    'signal kind trace_id span_id parent_span_id time start_time end_time observed_time ' +
    'duration_ms severity_number events[].time links[].trace_id links[].span_id'
  ).split(' '),
);

const NOTHING: ReadonlySet<string> = new Set();

/** The whole of two trees; personal data in names is replaced, whatever the options say. */
function createPairing(): (
  before: JsonValue,
  after: JsonValue | undefined,
  signal: Signal,
) => Generator<ValuePair> {
  const redactor = createRedactor();
  const show = (name: string): string => withoutDigests(redactor.redactText(name));
  return (before, after, signal) => {
    const reader: NameReader = { show, roots: signal === 'direct' ? NOTHING : ROOTS };
    return pairTrees({ path: '', name: '', before, after, keys: undefined }, reader);
  };
}

/**
 * Makes the function that compares an event before and after redaction. It looks at nothing but
 * the two events and the rules, so it is a witness apart from the redactor.
 */
export function createRedactionReport(
  resolved: ResolvedRedaction,
): (before: AuditEvent, after: AuditEvent) => EventReport {
  const pairing = createPairing();
  const decide = createDecisions(resolved);
  const builtIn = createDecisions(resolveRedactOptions({}));
  return (before, after) => {
    const changes: Change[] = [];
    const leftovers: Leftover[] = [];
    const look = (pair: ValuePair, prefix: string): void => {
      const path = pair.path === '' ? '(payload)' : `${prefix}${pair.path}`;
      for (const change of changesOf(pair, decide)) changes.push({ ...change, path });
      if (before.signal !== 'direct' && FIXED.has(path)) return;
      for (const dataClass of leftoversOf(pair, builtIn)) {
        leftovers.push({ path, class: dataClass });
      }
    };
    // A payload of which nothing is left is sent as null.
    const left = after.payload ?? (before.payload === null ? null : undefined);
    for (const pair of pairing(before.payload, left, before.signal)) look(pair, '');
    for (const pair of pairing(before.meta, after.meta, 'direct')) look(pair, 'meta:');
    return { changes, leftovers };
  };
}
