import type { EventType } from './event.ts';
import type { JsonObject } from './json.ts';
import type { AttributesLike } from './otel-types.ts';

/** Severity of a record as the ledger's `log_level` says it. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

const INFO = 9;
const WARN = 13;
const ERROR = 17;

/** A severity number of 1 to 24; `undefined` when unspecified or invalid. */
export function severityNumber(value: unknown): number | undefined {
  return typeof value === 'number' && value >= 1 && value <= 24 ? value : undefined;
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
  if (severity >= ERROR) return 'error';
  if (severity >= WARN) return 'warn';
  return severity >= INFO ? 'info' : 'debug';
}

/** The ledger's type for a level; `warningType` because not every account takes `warning`. */
export function typeOfLevel(level: LogLevel, warningType: EventType): EventType {
  if (level === 'error') return 'error';
  return level === 'warn' ? warningType : 'info';
}

/** Whether a text is safe as an idempotency key: 1 to 255 printable ASCII characters, no space. */
export function isSafeToken(value: unknown): value is string {
  if (typeof value !== 'string' || value.length === 0 || value.length > 255) return false;
  for (let index = 0; index < value.length; index += 1) {
    const unit = value.charCodeAt(index);
    if (unit < 0x21 || unit > 0x7e) return false;
  }
  return true;
}
