/**
 * What the fields of OpenTelemetry's records mean: times, ids, HTTP, severity. Everything here
 * takes what a program set, which may be anything, and gives `undefined` for what it cannot read.
 */
import type { EventType } from './event.ts';
import type { JsonObject, JsonValue } from './json.ts';
import { bareObject, wellFormed } from './json.ts';
import type { AttributesLike, HrTime, LogRecordLike, SpanContextLike } from './otel-types.ts';

/** A text with something in it. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** A number that is one, as it was given where it stands for a word that nobody knows. */
export function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

const SECONDS_PER_DAY = 86_400;
const NANOS_PER_SECOND = 1_000_000_000;
/** The range of ECMAScript's own times (ECMA-262, 21.4.1.1): 100,000,000 days around 1970. */
const MAX_SECONDS = 8_640_000_000_000;

/**
 * Writes a moment in UTC as RFC 3339 says, with nine digits of a second; years outside
 * 0000 to 9999, which RFC 3339 cannot write, in ISO 8601's expanded form (`+010000-…`).
 *
 * @returns `undefined` when the time is no pair of whole numbers in range.
 */
export function timestampText(time: unknown): string | undefined {
  if (!isHrTime(time)) return undefined;
  const [seconds, nanos] = time;
  const day = Math.floor(seconds / SECONDS_PER_DAY);
  const secondOfDay = seconds - day * SECONDS_PER_DAY;
  const hour = Math.floor(secondOfDay / 3600);
  const minute = Math.floor((secondOfDay - hour * 3600) / 60);
  const second = secondOfDay % 60;
  return `${cachedDayText(day)}${two(hour)}:${two(minute)}:${two(second)}.${pad(nanos, 9)}Z`;
}

/** Writes milliseconds since the epoch like {@link timestampText}; the epoch when out of range. */
export function timestampOfMs(ms: number): string {
  const whole = Number.isFinite(ms) ? Math.floor(ms) : 0;
  const seconds = Math.floor(whole / 1000);
  return timestampText([seconds, (whole - seconds * 1000) * 1_000_000]) ?? timestampOfMs(0);
}

/**
 * Gives a duration in milliseconds, exact to the nanosecond up to 104 days.
 *
 * @returns `undefined` when the duration is invalid or negative.
 */
export function durationMs(duration: unknown): number | undefined {
  if (!isHrTime(duration)) return undefined;
  const [seconds, nanos] = duration;
  if (seconds < 0) return undefined;
  const total = seconds * NANOS_PER_SECOND + nanos;
  return Number.isSafeInteger(total) ? total / 1_000_000 : seconds * 1000;
}

function isHrTime(time: unknown): time is HrTime {
  if (!Array.isArray(time)) return false;
  const seconds: unknown = time[0];
  const nanos: unknown = time[1];
  return isWhole(seconds, MAX_SECONDS) && isWhole(nanos, NANOS_PER_SECOND - 1) && nanos >= 0;
}

function isWhole(value: unknown, limit: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && Math.abs(value) <= limit;
}

const pad = (value: number, width: number): string => String(value).padStart(width, '0');
const TWO_DIGITS: readonly string[] = Array.from({ length: 100 }, (_, value) => pad(value, 2));
const two = (value: number): string => TWO_DIGITS[value] ?? pad(value, 2);

/**
 * Turns a count of days since 1970 into `yyyy-mm-ddT`, in the proleptic Gregorian calendar.
 *
 * Counts in eras of 400 years that begin on 1 March, so that the leap day is the last day
 * of a year.
 */
function dayText(days: number): string {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear =
    dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1;
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return `${yearText(year)}-${two(month)}-${two(day)}T`;
}

function yearText(year: number): string {
  if (year >= 0 && year <= 9999) return pad(year, 4);
  return `${year < 0 ? '-' : '+'}${pad(Math.abs(year), 6)}`;
}

// Records of one process fall on few days; one is enough to remember.
let lastDay = 0;
let lastDayText = dayText(0);

function cachedDayText(day: number): string {
  if (day !== lastDay) {
    lastDayText = dayText(day);
    lastDay = day;
  }
  return lastDayText;
}

/**
 * The ids of a span in lower case; each `undefined` when it is not hexadecimal of the right
 * length or all zeros (W3C Trace Context, 3.2.2).
 */
export interface TraceIds {
  readonly traceId: string | undefined;
  readonly spanId: string | undefined;
}

const NO_IDS: TraceIds = { traceId: undefined, spanId: undefined };
interface IdForm {
  readonly hex: RegExp;
  readonly zeros: string;
}

const TRACE_ID: IdForm = { hex: /^[0-9a-f]{32}$/, zeros: '0'.repeat(32) };
const SPAN_ID: IdForm = { hex: /^[0-9a-f]{16}$/, zeros: '0'.repeat(16) };

/** Reads the ids of a span context that may be missing or hold anything. */
export function parseTraceIds(context: SpanContextLike | undefined | null): TraceIds {
  if (typeof context !== 'object' || context === null) return NO_IDS;
  return { traceId: parseTraceId(context.traceId), spanId: parseSpanId(context.spanId) };
}

/** An id as it was written that is none; `undefined` for one that is valid or says nothing. */
function invalidId(
  value: unknown,
  valid: string | undefined,
  { zeros }: IdForm,
): JsonValue | undefined {
  if (valid !== undefined || typeof value !== 'string' || value === '' || value === zeros)
    return undefined;
  return wellFormed(value.slice(0, MAX_INVALID_ID));
}

const MAX_INVALID_ID = 128;

interface InvalidIdFields {
  invalid_span_id?: JsonValue;
  invalid_trace_id?: JsonValue;
}

/** Sets what a span context has in place of its ids, as it was written. */
export function setInvalidIds(
  draft: InvalidIdFields,
  context: SpanContextLike | undefined | null,
  { traceId, spanId }: TraceIds,
): void {
  if (traceId !== undefined && spanId !== undefined) return;
  setField(draft, 'invalid_span_id', invalidId(context?.spanId, spanId, SPAN_ID));
  setField(draft, 'invalid_trace_id', invalidId(context?.traceId, traceId, TRACE_ID));
}

const SAMPLED = 1;

/**
 * The flags of a span context as two hex digits (W3C Trace Context, 3.2.2.5); `undefined` for those
 * of nearly every record, sampled and nothing else, and where there are none.
 */
export function traceFlagsText(context: SpanContextLike | undefined | null): string | undefined {
  const flags = context?.traceFlags;
  if (flags === SAMPLED || typeof flags !== 'number' || !isWhole(flags, 255) || flags < 0) {
    return undefined;
  }
  return flags.toString(16).padStart(2, '0');
}

/** Reads a trace id. */
export function parseTraceId(value: unknown): string | undefined {
  return toId(value, TRACE_ID);
}

/** Reads a span id. */
export function parseSpanId(value: unknown): string | undefined {
  return toId(value, SPAN_ID);
}

function toId(value: unknown, { hex, zeros }: typeof TRACE_ID): string | undefined {
  if (typeof value !== 'string' || value.length !== zeros.length) return undefined;
  // Ids are nearly always in lower case already, which one test of the engine's shows.
  if (hex.test(value)) return value === zeros ? undefined : value;
  const id = value.toLowerCase();
  return hex.test(id) && id !== zeros ? id : undefined;
}

/** Reads the trace state of a span context; `undefined` when it is empty or cannot be read. */
export function traceStateText(context: SpanContextLike | undefined): string | undefined {
  const state = context?.traceState;
  if (state === undefined) return undefined;
  try {
    const text = textOf(state.serialize());
    return text === undefined ? undefined : wellFormed(text);
  } catch {
    return undefined;
  }
}

/** What HTTP semantic conventions say about a request; a field without a value is `undefined`. */
export interface HttpFields {
  /** Upper case. */
  readonly method: string | undefined;
  readonly status: number | undefined;
  /** The template (`/users/:id`), never the concrete path. */
  readonly route: string | undefined;
}

const NO_REQUEST: HttpFields = { method: undefined, status: undefined, route: undefined };

/**
 * Reads method, status and route by the stable HTTP semantic conventions
 * (`http.request.method`) and by those before 1.23 (`http.method`).
 */
export function httpFields(attributes: AttributesLike): HttpFields {
  const method = textOf(attributes['http.request.method'] ?? attributes['http.method']);
  const status = statusCode(
    attributes['http.response.status_code'] ?? attributes['http.status_code'],
  );
  if (method === undefined && status === undefined) return NO_REQUEST;
  return { method: method?.toUpperCase(), status, route: textOf(attributes['http.route']) };
}

function statusCode(value: unknown): number | undefined {
  const code = typeof value === 'string' && /^\d{3}$/.test(value) ? Number(value) : value;
  const isStatus = typeof code === 'number' && Number.isInteger(code) && code >= 100 && code <= 599;
  return isStatus ? code : undefined;
}

/** Reads the concrete path of a request, without its query. */
export function httpPath(attributes: AttributesLike): string | undefined {
  const path = textOf(attributes['url.path']);
  if (path !== undefined) return path;
  const target = textOf(attributes['http.target']);
  if (target !== undefined) return pathOfTarget(target);
  const url = textOf(attributes['url.full']) ?? textOf(attributes['http.url']);
  return url === undefined ? undefined : pathOfUrl(url);
}

function pathOfTarget(target: string): string {
  const end = target.search(/[?#]/);
  return end < 0 ? target : target.slice(0, end);
}

function pathOfUrl(url: string): string | undefined {
  const authority = url.indexOf('://');
  if (authority < 0) return undefined;
  const path = url.slice(authority + 3).search(/[/?#]/);
  return path < 0 ? '/' : pathOfTarget(url.slice(authority + 3 + path)) || '/';
}

const CLIENT_ADDRESS_KEYS = [
  'client.address',
  'http.client_ip',
  'network.peer.address',
  'net.sock.peer.addr',
  'net.peer.ip',
];

/** Reads the address of the client of a server, by the most trusted name that is there. */
export function httpClientAddress(attributes: AttributesLike): string | undefined {
  for (const key of CLIENT_ADDRESS_KEYS) {
    const address = textOf(attributes[key]);
    if (address !== undefined) return address;
  }
  return undefined;
}

/** Severity of a record as the ledger's `log_level` says it. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** The lowest number of each severity (OpenTelemetry, logs/data-model.md). */
export const SEVERITY = { trace: 1, debug: 5, info: 9, warn: 13, error: 17, fatal: 21 } as const;

/** A severity number of 1 to 24; `undefined` when unspecified or invalid. */
export function severityNumber(value: unknown): number | undefined {
  return typeof value === 'number' && value >= 1 && value <= 24 ? value : undefined;
}

// OpenTelemetry, logs/data-model.md, "Displaying Severity", and logs/data-model-appendix.md,
// "Appendix B: SeverityNumber example mappings"; of two numbers for a word the higher.
const SEVERITY_WORDS: ReadonlyMap<string, number> = new Map(
  Object.entries({
    [SEVERITY.trace]: 'trace finest silly all',
    [SEVERITY.debug]: 'debug verbose finer',
    [SEVERITY.debug + 1]: 'fine',
    [SEVERITY.debug + 2]: 'config',
    [SEVERITY.info]: 'info information informational http log',
    [SEVERITY.info + 1]: 'notice success',
    [SEVERITY.warn]: 'warn warning',
    [SEVERITY.error]: 'error err severe failure',
    [SEVERITY.error + 1]: 'dpanic',
    [SEVERITY.error + 2]: 'alert',
    [SEVERITY.fatal]: 'fatal critical crit emergency emerg panic',
  }).flatMap(([number, words]) => words.split(' ').map((word) => [word, Number(number)] as const)),
);
const SHORT_NAME = /^(trace|debug|info|warn|error|fatal)([2-4])$/;

/** The severity of a record: its number, else what the known words of its text say. */
export function severityOf({
  severityNumber: number,
  severityText,
}: SeverityLike): number | undefined {
  return severityNumber(number) ?? severityOfText(severityText);
}

type SeverityLike = Pick<LogRecordLike, 'severityNumber' | 'severityText'>;

function severityOfText(text: unknown): number | undefined {
  if (typeof text !== 'string') return undefined;
  const word = text.trim().toLowerCase();
  const known = SEVERITY_WORDS.get(word);
  if (known !== undefined) return known;
  const [, name = '', step] = SHORT_NAME.exec(word) ?? [];
  const first = SEVERITY_WORDS.get(name);
  return first === undefined ? undefined : first + Number(step) - 1;
}

/** Whether an exception was logged (semantic conventions, exceptions in logs). */
export function hasException(attributes: AttributesLike): boolean {
  return (
    attributes['exception.type'] !== undefined || attributes['exception.message'] !== undefined
  );
}

/**
 * The level of a record by the ranges of OpenTelemetry's log data model. A record without a
 * severity counts as information, unless it reports an exception.
 */
export function logLevel(severity: number | undefined, attributes: JsonObject): LogLevel {
  if (severity === undefined) return hasException(attributes) ? 'error' : 'info';
  if (severity >= SEVERITY.error) return 'error';
  if (severity >= SEVERITY.warn) return 'warn';
  return severity >= SEVERITY.info ? 'info' : 'debug';
}

/** The ledger's type for a level; `warningType` because not every account takes `warning`. */
export function typeOfLevel(level: LogLevel, warningType: EventType): EventType {
  if (level === 'error') return 'error';
  return level === 'warn' ? warningType : 'info';
}

/** Sets a field unless there is no value for it; an empty text, 0 and `false` are values. */
export function setField<Name extends string>(
  draft: { [Key in Name]?: JsonValue },
  name: NoInfer<Name>,
  value: JsonValue | undefined,
): void {
  if (value !== undefined) draft[name] = value;
}

/** Sets a moment; the present one, marked by `time_invalid`, when the record's own is invalid. */
export function setTime<Name extends string>(
  draft: { [Key in Name | 'time_invalid']?: JsonValue },
  name: NoInfer<Name>,
  time: unknown,
  now: () => number,
): void {
  const text = timestampText(time);
  draft[name] = text ?? timestampOfMs(now());
  if (text === undefined) draft.time_invalid = true;
}

/** The object, unless there is nothing in it. */
export function unlessEmpty(object: JsonObject): JsonObject | undefined {
  for (const key in object) {
    if (Object.hasOwn(object, key)) return object;
  }
  return undefined;
}

/**
 * What the SDK threw away before us, by kind, without the zeros (OpenTelemetry, mapping to
 * non-OTLP formats, "Dropped Attributes Count").
 */
export function droppedCounts(
  attributes: unknown,
  events?: unknown,
  links?: unknown,
): JsonObject | undefined {
  if (!isCount(attributes) && !isCount(events) && !isCount(links)) return undefined;
  const dropped = bareObject();
  if (isCount(attributes)) dropped['attributes'] = attributes;
  if (isCount(events)) dropped['events'] = events;
  if (isCount(links)) dropped['links'] = links;
  return dropped;
}

function isCount(count: unknown): count is number {
  return typeof count === 'number' && Number.isFinite(count) && count > 0;
}
