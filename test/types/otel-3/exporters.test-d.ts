import type { LogRecordExporter, ReadableLogRecord } from '@opentelemetry/sdk-logs';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';
import type {
  ImmutableLogLogRecordExporter,
  ImmutableLogSpanExporter,
  LogRecordLike,
  SpanLike,
} from '../../../src/index.ts';
import type { Assert, Assignable } from '../assert.ts';

/** The exporters fit SDK 3.x, and its records are what they read. */
export type Sdk3 = [
  Assert<Assignable<ImmutableLogSpanExporter, SpanExporter>>,
  Assert<Assignable<ImmutableLogLogRecordExporter, LogRecordExporter>>,
  Assert<Assignable<ReadableSpan, SpanLike>>,
  Assert<Assignable<ReadableLogRecord, LogRecordLike>>,
];
