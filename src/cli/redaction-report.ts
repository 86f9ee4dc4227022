import type { AuditEvent, Signal } from '../record/event.ts';
import type { JsonObject, JsonValue } from '../record/json.ts';
import { isJsonObject } from '../record/json.ts';
import { toJsonValue } from '../record/values.ts';
import type { DataClass } from '../redact/detectors/detector.ts';
import { createRedactor } from '../redact/redactor.ts';
import type { ResolvedRedaction } from '../redact/resolve.ts';
import { resolveRedactOptions } from '../redact/resolve.ts';
import { createDecisions } from '../redact/rules.ts';
import type { Change, NameReader, ValuePair } from './redaction-diff.ts';
import { changesOf, leftoversOf, pairTrees, withoutDigests } from './redaction-diff.ts';
import type { Checked } from './command.ts';
import { formatTable } from './terminal.ts';

/**
 * Reads one line of a file of samples: the payload of a span or log record, known by its
 * `signal`; the body of a request, `{"payload":"…","meta":{…}}`; or the payload of a program's
 * own event.
 */
export function parseSampleEvent(line: string): Checked<AuditEvent> {
  const parsed = parseJson(line);
  if (parsed === undefined) return { ok: false, mistake: 'not JSON' };
  const { value } = parsed;
  if (!isJsonObject(value)) return { ok: false, mistake: 'not a JSON object' };
  const { payload, meta } = value;
  if (!isRequestBody(value) || typeof payload !== 'string' || !isMeta(meta)) {
    return sample(value, {});
  }
  const inner = parseJson(payload);
  if (inner === undefined) return { ok: false, mistake: 'its payload is not JSON' };
  return sample(inner.value, meta);
}

function isMeta(value: JsonValue | undefined): value is Readonly<Record<string, string>> {
  return isJsonObject(value) && Object.values(value).every((item) => typeof item === 'string');
}

/** The payload of a span or log record says so itself; anything else is a program's own. */
function sample(payload: JsonValue, meta: AuditEvent['meta']): Checked<AuditEvent> {
  const signal = SIGNALS.find((known) => isJsonObject(payload) && payload['signal'] === known);
  return {
    ok: true,
    value: { signal: signal ?? 'direct', idempotencyKey: 'sample', meta, payload },
  };
}

function isRequestBody(value: JsonObject): boolean {
  const names = Object.keys(value);
  return names.length === 2 && names.includes('payload') && names.includes('meta');
}

const SIGNALS: readonly Signal[] = ['span', 'log'];

/** Wrapped, because `null` and `undefined` must stay apart. */
function parseJson(text: string): { readonly value: JsonValue } | undefined {
  try {
    return { value: toJsonValue(JSON.parse(text)) };
  } catch {
    return undefined;
  }
}

/** A place where something personal seems to be left. */
interface Leftover {
  readonly path: string;
  readonly class: DataClass;
}

/** What redaction did to one event, and what it left. Holds no value. */
export interface EventReport {
  readonly changes: readonly Change[];
  readonly leftovers: readonly Leftover[];
}

/**
 * Compares an event before and after redaction. It looks at nothing but the two events and the
 * rules, so it is a witness apart from the redactor.
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

/** Adds up what happened to many events; its tables hold no value. */
export class Tally {
  readonly #changed = new Rows();
  readonly #left = new Rows();
  #events = 0;

  /** Events so far. */
  get events(): number {
    return this.#events;
  }

  /** Places where something personal seems to be left. */
  get places(): number {
    return this.#left.size;
  }

  add(line: number, { changes, leftovers }: EventReport): void {
    this.#events += 1;
    for (const { path, action, class: kind } of changes) {
      this.#changed.add(line, [path, action, kind]);
    }
    for (const { path, class: kind } of leftovers) this.#left.add(line, [path, kind]);
  }

  format(): string {
    const done =
      this.#changed.size === 0
        ? 'Nothing was redacted.\n'
        : this.#changed.format(['PATH', 'ACTION', 'CLASS', 'COUNT'], ({ count }) => String(count));
    if (this.#left.size === 0) return `${done}\nNothing that looks personal is left.\n`;
    const left = this.#left.format(['PATH', 'CLASS', 'LINES'], lineNumbers);
    return `${done}\nSTILL LOOKS PERSONAL\n${left}`;
  }
}

interface Row {
  readonly cells: readonly string[];
  count: number;
  readonly lines: number[];
}

/** How many line numbers are shown for one place. */
const LINES_SHOWN = 5;

/** Rows of a table, each with how often it came and in which lines. */
class Rows {
  readonly #rows = new Map<string, Row>();

  get size(): number {
    return this.#rows.size;
  }

  add(line: number, cells: readonly string[]): void {
    const id = JSON.stringify(cells);
    const row = this.#rows.get(id) ?? { cells, count: 0, lines: [] };
    this.#rows.set(id, row);
    row.count += 1;
    if (row.lines.length <= LINES_SHOWN && row.lines.at(-1) !== line) row.lines.push(line);
  }

  format(heading: readonly string[], lastCell: (row: Row) => string): string {
    const sorted = [...this.#rows].toSorted(([one], [other]) => (one < other ? -1 : 1));
    return formatTable([heading, ...sorted.map(([, row]) => [...row.cells, lastCell(row)])]);
  }
}

function lineNumbers({ lines }: Row): string {
  const shown = lines.slice(0, LINES_SHOWN).join(', ');
  return lines.length > LINES_SHOWN ? `${shown} and more` : shown;
}
