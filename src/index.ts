export { ImmutableLogClient } from './client.ts';
export type { SendOptions, SendResult } from './client.ts';
export type { ClientStats } from './core.ts';
export type {
  ClientOptions,
  EventSummary,
  ImmutableLogOptions,
  MappingOptions,
  RetryOptions,
  SpoolOptions,
} from './config/options.ts';
export type { SpoolState } from './delivery/delivery.ts';
export { ExporterError, isExporterError } from './errors.ts';
export type { ErrorCode } from './errors.ts';
export { logRecordExporterProvider, spanExporterProvider } from './exporters/component-provider.ts';
export type { ComponentProvider } from './exporters/component-provider.ts';
export type { ExportResult, ResultCallback } from './exporters/exporters.ts';
export type { ExporterOptions, SharedClientOptions } from './exporters/session.ts';
export { ImmutableLogLogRecordExporter } from './exporters/exporters.ts';
export { ImmutableLogLogRecordProcessor } from './exporters/processors.ts';
export { ImmutableLogSpanExporter } from './exporters/exporters.ts';
export { ImmutableLogSpanProcessor } from './exporters/processors.ts';
export { withImmutableLogFlush } from './helpers/flush-handler.ts';
export type {
  DeadlineContext,
  FlushHandlerOptions,
  Flushable,
  Handler,
} from './helpers/flush-handler.ts';
export { recordAuditEvent } from './helpers/record-audit-event.ts';
export type { AuditEventOptions } from './helpers/record-audit-event.ts';
export { requestBodyDigest } from './helpers/request-body-digest.ts';
export type { RequestBodyDigest } from './helpers/request-body-digest.ts';
export { requestSpan } from './helpers/record-audit-event.ts';
export { DROP_REASONS } from './outcome.ts';
export type { DropReason, ParkReason } from './outcome.ts';
export type { Receipt } from './outcome.ts';
export {
  ATTR_IMMUTABLELOG_EVENT_NAME,
  ATTR_IMMUTABLELOG_TRAIL,
  ATTR_IMMUTABLELOG_TYPE,
} from './record/meta.ts';
export type { ImmutableLogEvent } from './record/direct-event.ts';
export type { EventType } from './record/event.ts';
export type { JsonArray, JsonObject, JsonValue } from './record/json.ts';
export type {
  HrTime,
  LogRecordLike,
  ResourceLike,
  ScopeLike,
  SpanContextLike,
  SpanLike,
} from './record/otel-types.ts';
export type { LogSelection, SeverityFloor, SpanSelection } from './record/select.ts';
export { createRedactor } from './redact/redactor.ts';
export type { Redactor } from './redact/redactor.ts';
export type { DataClass } from './redact/detectors/detector.ts';
export { digest } from './redact/redactor.ts';
export type { DigestOptions } from './redact/redactor.ts';
export type { RedactionStats } from './redact/accounting.ts';
export type { RedactAction, RedactKey, RedactOptions, RedactRule } from './redact/options.ts';
export { stopOnExit } from './runtime/endings.ts';
export type { Stoppable } from './runtime/endings.ts';
export type { SpoolStats } from './spool/spool.ts';
export type { Stats } from './telemetry/counters.ts';
export { VERSION } from './version.ts';
