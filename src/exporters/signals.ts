import { createLogMapper } from '../record/from-log.ts';
import { createSpanMapper } from '../record/from-span.ts';
import type { LogRecordLike, SpanLike } from '../record/otel-types.ts';
import { createLogRecordFilter, createSpanRecordFilter } from './record-filter.ts';
import type { SignalParts } from './resolve-session.ts';

/** What spans have of their own. */
export const SPAN_SIGNAL: SignalParts<SpanLike> = {
  signal: 'span',
  createFilter: createSpanRecordFilter,
  createMapper: createSpanMapper,
};

/** What log records have of their own. */
export const LOG_SIGNAL: SignalParts<LogRecordLike> = {
  signal: 'log',
  createFilter: createLogRecordFilter,
  createMapper: createLogMapper,
};
