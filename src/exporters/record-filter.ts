import type { MappingConfig } from '../config/resolve-mapping.ts';
import type { LogRecordLike, SpanLike } from '../record/otel-types.ts';
import { createLogFilter, createSpanFilter } from '../record/select.ts';
import { isOwn, runAsOwn } from '../runtime/own-context.ts';
import { isOwnWords } from '../runtime/own-words.ts';

/**
 * Which spans are sent: those that the options choose, and none that the package made itself.
 * A choice of the program's that makes spans would be asked about its own, without end; so it
 * runs as the package's.
 */
export function createSpanRecordFilter({
  spans,
  ignorePaths,
}: MappingConfig): (span: SpanLike) => boolean {
  const chosen = typeof spans === 'function' ? asOwn(spans) : spans;
  const wanted = createSpanFilter({ spans: chosen, ignorePaths });
  return (span) => !isOwn(span.spanContext()) && wanted(span);
}

/** Which log records are sent; as {@link createSpanRecordFilter}, and none that repeats our words. */
export function createLogRecordFilter({ logs }: MappingConfig): (record: LogRecordLike) => boolean {
  const wanted = createLogFilter({ logs: typeof logs === 'function' ? asOwn(logs) : logs });
  return (record) => !isOwn(record.spanContext) && !isOwnWords(record.body) && wanted(record);
}

function asOwn<T>(choose: (record: T) => boolean): (record: T) => boolean {
  return (record) => runAsOwn(() => choose(record));
}
