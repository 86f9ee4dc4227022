import type { AuditEvent } from './event.ts';
import type { TraceIds } from './fields.ts';
import {
  httpFields,
  isSafeToken,
  logLevel,
  parseSpanId,
  parseTraceId,
  parseTraceIds,
  setAttributes,
  setDropped,
  setField,
  severityNumber,
  timestampOfMs,
  timestampText,
  typeOfLevel,
} from './fields.ts';
import type { JsonObject, JsonObjectDraft, JsonValue } from './json.ts';
import { bareObject } from './json.ts';
import type { Controls, MetaDraft } from './meta.ts';
import {
  createMeta,
  setClientIp,
  setErrorMeta,
  setHttpMeta,
  setTrail,
  takeControls,
} from './meta.ts';
import type { MappingContext, RenderedResource } from './origin.ts';
import { createResourceCache, createScopeCache } from './origin.ts';
import type { LogRecordLike } from './otel-types.ts';
import { ValueCopier } from './values.ts';

/** The parts of a log record that both its `meta` and its payload are made of, copied once. */
interface CopiedLog {
  readonly eventName: JsonValue | undefined;
  readonly severity: number | undefined;
  readonly ids: TraceIds;
  /** Without the attributes that steer the mapping. */
  readonly attributes: JsonObject;
  readonly controls: Controls;
  readonly resource: RenderedResource;
  readonly idempotencyKey: string;
}

/** The span of a record, else the ids that log libraries write as attributes. */
function traceIdsOf(record: LogRecordLike, attributes: JsonObject): TraceIds {
  const { traceId, spanId } = parseTraceIds(record.spanContext);
  if (traceId !== undefined) return { traceId, spanId };
  const named = parseTraceId(attributes['trace_id']);
  return {
    traceId: named,
    spanId: named === undefined ? undefined : parseSpanId(attributes['span_id']),
  };
}

function nameOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function logMeta(log: CopiedLog, context: MappingContext): MetaDraft {
  const { attributes, controls, ids, resource } = log;
  const level = logLevel(log.severity, attributes);
  const name = controls.eventName ?? nameOf(log.eventName) ?? nameOf(attributes['event.name']);
  const meta = createMeta({
    type: controls.type ?? typeOfLevel(level, context.warningType),
    eventName: name ?? `log.${level}`,
    service: resource.service,
    env: resource.env,
    requestId: ids.traceId ?? log.idempotencyKey,
    traceId: ids.traceId,
    logLevel: level,
  });
  setHttpMeta(meta, httpFields(attributes));
  setErrorMeta(meta, { attributes, events: [], statusMessage: undefined });
  setTrail(meta, controls.trail);
  setClientIp(meta, context, attributes);
  return meta;
}

function setTimeOf(
  payload: JsonObjectDraft,
  record: LogRecordLike,
  fallback: { readonly observed: string | undefined; readonly now: () => number },
): void {
  const time = timestampText(record.hrTime);
  payload['time'] = time ?? fallback.observed ?? timestampOfMs(fallback.now());
  if (time === undefined) payload['time_invalid'] = true;
}

/**
 * Makes the function that turns a log record into an audit event.
 *
 * The idempotency key is the attribute `log.record.uid` when it is a safe token, else what
 * `keyFor` gives; it must give the same key for the same record object. A record whose own
 * fields throw when read throws here too; what is inside body and attributes never does.
 */
export function createLogMapper(
  context: MappingContext,
  keyFor: (record: LogRecordLike) => string,
): (record: LogRecordLike) => AuditEvent {
  const resourceOf = createResourceCache(context);
  const scopeOf = createScopeCache();

  function copied(record: LogRecordLike, copier: ValueCopier): CopiedLog {
    const attributes = copier.attributes(record.attributes);
    const { eventName } = record;
    const uid = attributes['log.record.uid'];
    return {
      eventName: nameOf(eventName) === undefined ? undefined : copier.value(eventName),
      severity: severityNumber(record.severityNumber),
      ids: traceIdsOf(record, attributes),
      controls: takeControls(attributes),
      attributes,
      resource: resourceOf(record.resource),
      idempotencyKey: isSafeToken(uid) ? uid : keyFor(record),
    };
  }

  // Keys are set in sorted order, which saves the encoder from sorting them.
  function payloadOf(record: LogRecordLike, log: CopiedLog, copier: ValueCopier): JsonObject {
    const payload = bareObject();
    const { body, severityText } = record;
    const observed = timestampText(record.hrTimeObserved);
    setAttributes(payload, log.attributes);
    setField(payload, 'body', body === undefined ? undefined : copier.value(body));
    setDropped(payload, { attributes: record.droppedAttributesCount });
    setField(payload, 'event_name', log.eventName);
    setField(payload, 'observed_time', observed);
    setField(payload, 'resource', log.resource.attributes);
    setField(payload, 'scope', scopeOf(record.instrumentationScope));
    setField(payload, 'severity_number', log.severity);
    if (nameOf(severityText) !== undefined) payload['severity_text'] = copier.value(severityText);
    payload['signal'] = 'log';
    setField(payload, 'span_id', log.ids.spanId);
    setTimeOf(payload, record, { observed, now: context.now });
    setField(payload, 'trace_id', log.ids.traceId);
    return payload;
  }

  return (record) => {
    const copier = new ValueCopier();
    const log = copied(record, copier);
    const { idempotencyKey } = log;
    const meta = logMeta(log, context);
    return { signal: 'log', idempotencyKey, meta, payload: payloadOf(record, log, copier) };
  };
}
