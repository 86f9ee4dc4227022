/**
 * What is known of each field of an event: the one table that the mapping fills and that
 * redaction, encoder and clamp read.
 *
 * - A field that is not in the table cannot be set by the mapping: the compiler refuses it.
 * - A field of a span or log record that is not in the table counts as free text.
 * - The tables are plain data; who reads them prepares what it needs once, when it is loaded.
 * - Two members of a payload are no fields: `redaction`, which stands alone where redaction failed,
 *   and `truncated`, which the clamp adds.
 */
import type { Signal } from './event.ts';
import type { JsonValue } from './json.ts';

/**
 * How a value is redacted.
 *
 * - `kept`: not at all. The mapping fills it with ids, times, numbers and words from closed lists.
 * - `name`: searched as something short and technical, that programs write.
 * - `text`: searched as free text, at any depth.
 * - `attributes`: ruled by the names in it.
 * - `anything`: a string as free text, all else as attributes.
 * - `object`, `list`: as the fields of the object, or of each object in the list, say.
 */
export type Redact = 'kept' | 'name' | 'text' | 'attributes' | 'anything' | 'object' | 'list';

/** What is known of one field. */
export interface Field {
  readonly redact: Redact;
  /** Of an `object` or of each one in a `list`. */
  readonly fields?: Fields;
  /**
   * Its turn when a payload is too long, lowest first: what can be spared before what is the
   * evidence itself. A field without one is kept as long as anything else can go.
   */
  readonly clamp?: number;
  /** Whether the same object stands in the payloads of many records and never changes. */
  readonly shared?: true;
}

/** The fields of an object by their names. */
export interface Fields {
  readonly [name: string]: Field;
}

/** The turns of the clamp that are about long texts in all fields, among those of the fields. */
export const CLAMP_TEXTS = { stacks: 1, longest: 5 } as const;

/** The status of a span. */
export const STATUS = { code: { redact: 'kept' }, message: { redact: 'text' } } as const;

/** Something that happened during a span. */
export const SPAN_EVENT = {
  attributes: { redact: 'attributes', clamp: 2 },
  dropped: { redact: 'kept' },
  name: { redact: 'name' },
  time: { redact: 'kept' },
  time_invalid: { redact: 'kept' },
} as const;

/** Another span that a span has to do with. */
export const SPAN_LINK = {
  attributes: { redact: 'attributes' },
  dropped: { redact: 'kept' },
  invalid_span_id: { redact: 'name' },
  invalid_trace_id: { redact: 'name' },
  is_remote: { redact: 'kept' },
  span_id: { redact: 'kept' },
  trace_flags: { redact: 'kept' },
  trace_id: { redact: 'kept' },
  trace_state: { redact: 'name' },
} as const;

/** The library that made a record. */
export const SCOPE = {
  attributes: { redact: 'attributes' },
  name: { redact: 'name' },
  schema_url: { redact: 'name' },
  version: { redact: 'name' },
} as const;

/** The payload of a span. */
export const SPAN = {
  attributes: { redact: 'attributes', clamp: 6 },
  dropped: { redact: 'kept' },
  duration_ms: { redact: 'kept' },
  end_time: { redact: 'kept' },
  events: { redact: 'list', fields: SPAN_EVENT as Fields, clamp: 7 },
  invalid_span_id: { redact: 'name' },
  invalid_trace_id: { redact: 'name' },
  kind: { redact: 'kept' },
  links: { redact: 'list', fields: SPAN_LINK as Fields, clamp: 3 },
  name: { redact: 'name' },
  parent_is_remote: { redact: 'kept' },
  parent_span_id: { redact: 'kept' },
  resource: { redact: 'attributes', clamp: 4, shared: true },
  resource_schema_url: { redact: 'name', clamp: 4 },
  scope: { redact: 'object', fields: SCOPE as Fields, clamp: 8, shared: true },
  signal: { redact: 'kept' },
  span_id: { redact: 'kept' },
  start_time: { redact: 'kept' },
  status: { redact: 'object', fields: STATUS as Fields },
  time_invalid: { redact: 'kept' },
  trace_flags: { redact: 'kept' },
  trace_id: { redact: 'kept' },
  trace_state: { redact: 'name', clamp: 9 },
} as const;

/** The payload of a log record. */
export const LOG = {
  attributes: { redact: 'attributes', clamp: 6 },
  body: { redact: 'text', clamp: 10 },
  dropped: { redact: 'kept' },
  event_name: { redact: 'name' },
  invalid_span_id: { redact: 'name' },
  invalid_trace_id: { redact: 'name' },
  observed_time: { redact: 'kept' },
  resource: { redact: 'attributes', clamp: 4, shared: true },
  resource_schema_url: { redact: 'name', clamp: 4 },
  scope: { redact: 'object', fields: SCOPE as Fields, clamp: 8, shared: true },
  severity_number: { redact: 'kept' },
  severity_text: { redact: 'name' },
  signal: { redact: 'kept' },
  span_id: { redact: 'kept' },
  time: { redact: 'kept' },
  time_invalid: { redact: 'kept' },
  trace_flags: { redact: 'kept' },
  trace_id: { redact: 'kept' },
  trace_state: { redact: 'name', clamp: 9 },
} as const;

/** The payload of each signal; that of a direct event is one value of the caller's. */
export const PAYLOAD: Readonly<Record<Signal, Field>> = {
  span: { redact: 'object', fields: SPAN },
  log: { redact: 'object', fields: LOG },
  direct: { redact: 'anything' },
};

/** An object of the payload while the mapping fills it: no other fields than those of its table. */
export type Draft<Table> = { -readonly [Name in keyof Table]?: JsonValue };

/** What is known of one key of `meta`. */
export interface MetaField {
  /** `kept` holds of the client's address too, which travels only when it was asked for. */
  readonly redact: 'kept' | 'name' | 'text';
  /** Attributes that the value may have come from: a rule about one of them is about it too. */
  readonly sources?: readonly string[];
  /** The longest value in UTF-16 units, where it is not {@link MAX_META_VALUE}. */
  readonly limit?: number;
  /** Whether a direct event names its origin here, so that no key of the caller may. */
  readonly reserved?: true;
  /** What stands for a colon where the ledger reserves it. */
  readonly colon?: string;
}

/** The longest value of `meta` where no other limit is known, as in the ledger's own clients. */
export const MAX_META_VALUE = 512;

/** The `meta` of all signals. */
export const META = {
  client_ip: { redact: 'kept' },
  env: { redact: 'name', reserved: true },
  environment: { redact: 'name', reserved: true },
  error_message: { redact: 'text', sources: ['exception.message'], limit: 500 },
  error_type: { redact: 'name', sources: ['error.type', 'exception.type'] },
  event_name: { redact: 'name', limit: 256, reserved: true },
  http_method: { redact: 'name' },
  http_route: { redact: 'text', sources: ['http.route'] },
  http_status: { redact: 'kept' },
  immutable_trail: { redact: 'name', limit: 256, colon: '-' },
  log_level: { redact: 'kept' },
  request_id: { redact: 'name' },
  service: { redact: 'name', reserved: true },
  trace_id: { redact: 'kept' },
  type: { redact: 'kept', reserved: true },
} as const;

/** {@link META}, to be asked for any key. */
export const META_FIELDS: ReadonlyMap<string, MetaField> = new Map(Object.entries(META));

/** The `meta` of a record while the mapping fills it: no other keys than those of the table. */
export type MetaDraft = { -readonly [Name in keyof typeof META]?: string };
