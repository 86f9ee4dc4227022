import { SEVERITY, hasException, httpPath, parseSpanId, severityOf } from './fields.ts';
import type { AttributesLike, LogRecordLike, SpanContextLike, SpanLike } from './otel-types.ts';

/** Which spans become events: all, those at which work enters the process, none, or a choice. */
export type SpanSelection = 'all' | 'entry' | 'none' | ((span: SpanLike) => boolean);

/** The lowest severity that becomes an event. */
export type SeverityFloor = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';

/** Which log records become events: all, none, those from a severity on, or a choice. */
export type LogSelection = 'all' | 'none' | SeverityFloor | ((record: LogRecordLike) => boolean);

const SERVER = 1;
const CONSUMER = 4;

/**
 * Makes the function that says whether a span becomes an event.
 *
 * `ignorePaths` leaves out server spans whose path equals one of them or lies below it;
 * `/` means the root alone.
 */
export function createSpanFilter(options: {
  readonly spans: SpanSelection;
  readonly ignorePaths: readonly string[];
}): (span: SpanLike) => boolean {
  const ignored = options.ignorePaths.filter((path) => path !== '').map(withoutEndSlash);
  const isWatched = keeping((span: SpanLike) => !isIgnored(span, ignored));
  const isChosen = keeping(spanChoice(options.spans));
  return (span) => isChosen(span) && isWatched(span);
}

function spanChoice(selection: SpanSelection): (span: SpanLike) => boolean {
  if (typeof selection === 'function') return selection;
  if (selection === 'entry') return isEntry;
  return () => selection === 'all';
}

function isEntry(span: SpanLike): boolean {
  if (span.kind === SERVER || span.kind === CONSUMER) return true;
  const parent: SpanContextLike | undefined = span.parentSpanContext;
  return (
    parent === undefined || parent.isRemote === true || parseSpanId(parent.spanId) === undefined
  );
}

function isIgnored(span: SpanLike, ignored: readonly string[]): boolean {
  if (span.kind !== SERVER) return false;
  const path = httpPath(span.attributes);
  if (path === undefined) return false;
  return ignored.some(
    (root) => path === root || (root !== '/' && path.startsWith(root) && path[root.length] === '/'),
  );
}

function withoutEndSlash(path: string): string {
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
}

/**
 * Makes the function that says whether a log record becomes an event. A record without a severity, as
 * number or as word, counts as INFO (OpenTelemetry, logs/data-model.md, "Field: SeverityNumber"), and
 * as ERROR when it reports an exception, as its type in the ledger does.
 */
export function createLogFilter(options: {
  readonly logs: LogSelection;
}): (record: LogRecordLike) => boolean {
  const { logs } = options;
  if (typeof logs === 'function') return keeping(logs);
  if (logs === 'all' || logs === 'none') return () => logs === 'all';
  const floor = SEVERITY[logs];
  return keeping((record) => (severityOf(record) ?? impliedSeverity(record.attributes)) >= floor);
}

function impliedSeverity(attributes: AttributesLike): number {
  return hasException(attributes) ? SEVERITY.error : SEVERITY.info;
}

/** A choice that fails keeps the record: evidence is not lost by a mistake in a filter. */
function keeping<Item>(choose: (item: Item) => boolean): (item: Item) => boolean {
  return (item) => {
    try {
      return choose(item);
    } catch {
      return true;
    }
  };
}
