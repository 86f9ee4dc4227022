import { ExporterError } from '../errors.ts';
import type { AuditEvent, EventType } from './event.ts';
import { isEventType, setCoreMeta, setMeta, setTrail } from './meta.ts';
import { parseTraceId, textOf } from './fields.ts';
import type { JsonObjectDraft } from './json.ts';
import { bareObject, wellFormed } from './json.ts';
import type { MappingContext } from './origin.ts';
import { resolveEnv, resolveService } from './origin.ts';
import { META_FIELDS } from './schema.ts';
import { toJsonValue } from './values.ts';

/** An event that a program sends itself, without OpenTelemetry. */
export interface ImmutableLogEvent {
  /** What happened, dotted by custom: `user.created`. Cut after 256 characters. */
  readonly eventName: string;
  /**
   * The ledger's classification.
   * @defaultValue `'info'`
   */
  readonly type?: EventType | undefined;
  /**
   * The evidence: any value; it is copied, redacted and cut to 12,000 bytes.
   * `undefined` is recorded as `null`.
   */
  readonly payload: unknown;
  /**
   * Correlates the events of one request.
   * @defaultValue the trace id of the active span, else the idempotency key
   */
  readonly requestId?: string | undefined;
  /**
   * Under the same key the ledger keeps one event: 1 to 255 characters of printable ASCII,
   * no space at either end.
   * @defaultValue a random one
   */
  readonly idempotencyKey?: string | undefined;
  /** Groups events over services and requests, such as `order-2026-00441`. */
  readonly trail?: string | undefined;
  /**
   * Further keys for the ledger's `meta`. Keys that name the event, its type, its origin or
   * its idempotency key are ignored here.
   */
  readonly meta?: Readonly<Record<string, string>> | undefined;
}

/** Where a direct event gets what the caller left out. */
export interface DirectDeps {
  /** A new random idempotency key. */
  readonly newId: () => string;
  /** The trace id of the span that is active now. */
  readonly activeTraceId: () => string | undefined;
}

/**
 * Makes the function that turns a program's own event into an audit event.
 *
 * The function throws `ExporterError` with code `encode_failed`, naming the field, when a
 * field is not what {@link ImmutableLogEvent} says. The payload is never refused.
 */
export function createDirectMapper(
  context: MappingContext,
  { newId, activeTraceId }: DirectDeps,
): (event: ImmutableLogEvent) => AuditEvent {
  const service = resolveService(context, {});
  const env = resolveEnv(context, {});

  return (event) => {
    const eventName = requireName(event.eventName);
    const type = requireType(event.type ?? 'info');
    const requestId = textOf(optionalText('requestId', event.requestId));
    const trail = optionalText('trail', event.trail);
    const meta = extraMeta(event.meta);
    const idempotencyKey = optionalKey(event.idempotencyKey) ?? newId();
    const active = parseTraceId(activeTraceId());
    setCoreMeta(meta, {
      type,
      eventName,
      service,
      env,
      requestId: requestId ?? meta['request_id'] ?? active ?? idempotencyKey,
      traceId: active ?? meta['trace_id'],
      logLevel: meta['log_level'] ?? levelOf(type),
    });
    setTrail(meta, trail);
    return { signal: 'direct', idempotencyKey, meta, payload: toJsonValue(event.payload) };
  };
}

function requireName(value: unknown): string {
  return typeof value === 'string' && value.trim() !== ''
    ? value
    : refuse('eventName', 'a non-empty string');
}

function requireType(value: unknown): EventType {
  return isEventType(value) ? value : refuse('type', "'success', 'info', 'error' or 'warning'");
}

function optionalText(field: string, value: unknown): string | undefined {
  if (value === undefined || typeof value === 'string') return value;
  return refuse(field, 'a string');
}

function optionalKey(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  const isKey =
    typeof value === 'string' && value.length <= 255 && /^[!-~](?:[ -~]*[!-~])?$/.test(value);
  return isKey
    ? value
    : refuse('idempotencyKey', '1 to 255 printable ASCII characters without space at an end');
}

const MAX_META_KEY = 128;

/** Copies the caller's keys; a value that is no string would make the ledger refuse the event. */
function extraMeta(extra: unknown): JsonObjectDraft<string> {
  const meta = bareObject<string>();
  if (extra === undefined) return meta;
  if (typeof extra !== 'object' || extra === null) return refuse('meta', 'an object of strings');
  for (const [key, value] of Object.entries(extra)) {
    if (typeof value !== 'string') return refuse('meta', 'an object of strings');
    if (key.length > MAX_META_KEY)
      return refuse('meta', `keys of at most ${MAX_META_KEY} characters`);
    if (key !== '' && !isReserved(key)) setMeta(meta, wellFormed(key), value);
  }
  return meta;
}

/** Whether a key names the event, its type, its origin or its idempotency key. */
function isReserved(key: string): boolean {
  if (key === 'idempotency_key' || key === 'idempotency-key') return true;
  return META_FIELDS.get(key)?.reserved === true;
}

function refuse(field: string, expectation: string): never {
  throw new ExporterError('encode_failed', `event field ${field} must be ${expectation}`);
}

function levelOf(type: EventType): string {
  if (type === 'error') return 'error';
  return type === 'warning' ? 'warn' : 'info';
}
