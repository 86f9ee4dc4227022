import { bareObject, type JsonObjectDraft } from '../record/bare-object.ts';
import type { AuditEvent } from '../record/event.ts';
import type { JsonObject, JsonValue } from '../record/json.ts';
import { isJsonArray, isJsonObject } from './json-shape.ts';
import type { Search } from './search.ts';
import type { RedactTree } from './tree.ts';

/** What the redaction of payloads is made of. */
export interface PayloadParts {
  readonly tree: RedactTree;
  readonly search: Search;
}

/** Redacts the payload of an event. */
export type RedactPayload = (event: AuditEvent) => JsonValue;

type RedactField = (value: JsonValue) => JsonValue | undefined;
type Fields = ReadonlyMap<string, RedactField>;

const asIs: RedactField = (value) => value;

/** Fields that we fill ourselves with ids, times, numbers and words from closed lists. */
const FIXED: readonly (readonly [string, RedactField])[] = (
  'signal kind code trace_id span_id parent_span_id time start_time end_time observed_time ' +
  'duration_ms severity_number dropped time_invalid'
)
  .split(' ')
  .map((name) => [name, asIs]);

/** Sets or takes out a field; a copy made at once costs half of one made field by field. */
function changed(copy: JsonObjectDraft, key: string, value: JsonValue | undefined): void {
  if (value === undefined) delete copy[key];
  else copy[key] = value;
}

/** An object with each field redacted in its way; a field that is not known counts as text. */
function redactFields(source: JsonObject, fields: Fields, unknown: RedactField): JsonObject {
  let out: JsonObjectDraft | undefined;
  for (const key of Object.keys(source)) {
    const redact = fields.get(key) ?? unknown;
    if (redact === asIs) continue;
    const value = source[key] ?? null;
    const next = redact(value);
    if (next === value) continue;
    out ??= Object.assign(bareObject(), source);
    changed(out, key, next);
  }
  return out ?? source;
}

/** The results for objects that many records share, kept as long as the objects live. */
function oncePerObject(redact: RedactField): RedactField {
  const known = new WeakMap<object, JsonValue>();
  return (value) => {
    if (typeof value !== 'object' || value === null) return redact(value);
    const found = known.get(value);
    if (found !== undefined) return found;
    const result = redact(value);
    if (result !== undefined) known.set(value, result);
    return result;
  };
}

/**
 * Builds the redaction of payloads. Spans and log records have the shape that the mapping gives
 * them; the payload of a direct event is one tree of the caller's.
 */
export function createRedactPayload({ tree, search }: PayloadParts): RedactPayload {
  const attributes: RedactField = (value) => tree(value, 'name');
  const text: RedactField = (value) => tree(value, 'text');
  const name: RedactField = (value) =>
    typeof value === 'string' ? search(value, 'name') : attributes(value);

  function object(...own: readonly (readonly [string, RedactField])[]): RedactField {
    const fields: Fields = new Map([...FIXED, ...own]);
    return (value) => (isJsonObject(value) ? redactFields(value, fields, text) : text(value));
  }

  function listOf(item: RedactField): RedactField {
    return (value) => {
      if (!isJsonArray(value)) return text(value);
      return value.map((element) => item(element) ?? null);
    };
  }

  const scope = oncePerObject(
    object(['name', name], ['version', name], ['schema_url', name], ['attributes', attributes]),
  );
  const record = object(
    ['name', name],
    ['event_name', name],
    ['severity_text', name],
    ['attributes', attributes],
    ['body', text],
    ['status', object(['message', text])],
    ['events', listOf(object(['name', name], ['attributes', attributes]))],
    ['links', listOf(object(['trace_state', name], ['attributes', attributes]))],
    ['resource', oncePerObject(attributes)],
    ['scope', scope],
    ['trace_state', name],
  );

  return ({ signal, payload }) => {
    if (signal !== 'direct') return record(payload) ?? null;
    return tree(payload, typeof payload === 'string' ? 'text' : 'name') ?? null;
  };
}
