import type { AuditEvent } from './event.ts';
import type { TraceIds } from './fields.ts';
import {
  droppedCounts,
  httpFields,
  logLevel,
  numberOf,
  parseSpanId,
  parseTraceId,
  parseTraceIds,
  setField,
  setInvalidIds,
  severityNumber,
  severityOf,
  textOf,
  timestampOfMs,
  timestampText,
  traceFlagsText,
  traceStateText,
  typeOfLevel,
  unlessEmpty,
} from './fields.ts';
import type { JsonArray, JsonObject } from './json.ts';
import { bareObject } from './json.ts';
import { setCoreMeta, setRecordMeta, takeControls } from './meta.ts';
import type { MappingContext } from './origin.ts';
import { createResourceCache, createScopeCache } from './origin.ts';
import type { LogRecordLike, SpanContextLike } from './otel-types.ts';
import type { Draft, LOG, MetaDraft } from './schema.ts';
import { ValueCopier } from './values.ts';

const NO_EVENTS: JsonArray = [];

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

  return (record) => {
    const copier = new ValueCopier();
    const attributes = copier.attributes(record.attributes);
    const { body } = record;
    const uid = attributes['log.record.uid'];
    const eventName = copier.text(record.eventName);
    const severity = severityNumber(record.severityNumber);
    const { spanContext } = record;
    const { traceId, spanId } = traceIdsOf(spanContext, attributes);
    const controls = takeControls(attributes);
    const resource = resourceOf(record.resource);
    const idempotencyKey = isSafeToken(uid) ? uid : keyFor(record);

    const level = logLevel(severity ?? severityOf(record), attributes);
    const name = controls.eventName ?? eventNameOf(eventName, attributes);
    const meta: MetaDraft = bareObject<string>();
    setCoreMeta(meta, {
      type: controls.type ?? typeOfLevel(level, context.warningType),
      eventName: name ?? `log.${level}`,
      service: resource.service,
      env: resource.env,
      requestId: traceId ?? idempotencyKey,
      traceId,
      logLevel: level,
    });
    const http = httpFields(attributes);
    const { trail } = controls;
    const said = { attributes, http, events: NO_EVENTS, statusMessage: undefined, trail };
    setRecordMeta(meta, said, context);

    const time = timestampText(record.hrTime);
    const observed = timestampText(record.hrTimeObserved);
    // Keys are set in sorted order, which saves the encoder from sorting them.
    const payload: Draft<typeof LOG> = bareObject();
    setField(payload, 'attributes', unlessEmpty(attributes));
    if (body !== undefined) payload.body = copier.value(body);
    setField(payload, 'dropped', droppedCounts(record.droppedAttributesCount));
    setField(payload, 'event_name', eventName);
    setInvalidIds(payload, spanContext, { traceId, spanId });
    setField(payload, 'observed_time', observed);
    setField(payload, 'resource', resource.attributes);
    setField(payload, 'resource_schema_url', resource.schemaUrl);
    setField(payload, 'scope', scopeOf(record.instrumentationScope));
    setField(payload, 'severity_number', severity ?? unknownNumber(record.severityNumber));
    setField(payload, 'severity_text', copier.text(record.severityText));
    payload.signal = 'log';
    setField(payload, 'span_id', spanId);
    payload.time = time ?? observed ?? timestampOfMs(context.now());
    if (time === undefined) payload.time_invalid = true;
    setField(payload, 'trace_flags', traceFlagsText(spanContext));
    setField(payload, 'trace_id', traceId);
    setField(payload, 'trace_state', traceStateText(spanContext));
    return { signal: 'log', idempotencyKey, meta, payload };
  };
}

function eventNameOf(own: string | undefined, attributes: JsonObject): string | undefined {
  return own ?? textOf(attributes['event.name']);
}

/** The span of a record, else the ids that log libraries write as attributes. */
function traceIdsOf(context: SpanContextLike | undefined, attributes: JsonObject): TraceIds {
  const ids = parseTraceIds(context);
  if (ids.traceId !== undefined) return ids;
  const traceId = parseTraceId(attributes['trace_id']);
  return {
    traceId,
    spanId: traceId === undefined ? undefined : parseSpanId(attributes['span_id']),
  };
}

/** A severity outside of OpenTelemetry's range, as it was given; 0 means that none was. */
function unknownNumber(severity: unknown): number | undefined {
  return severity === 0 ? undefined : numberOf(severity);
}

/** Whether a text is safe as an idempotency key: 1 to 255 printable ASCII characters, no space. */
function isSafeToken(value: unknown): value is string {
  return typeof value === 'string' && value.length <= 255 && /^[!-~]+$/.test(value);
}
