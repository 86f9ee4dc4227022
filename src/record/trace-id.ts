import type { SpanContextLike } from './otel-types.ts';

function isLowerHex(unit: number): boolean {
  return (unit >= 0x30 && unit <= 0x39) || (unit >= 0x61 && unit <= 0x66);
}

function isId(value: string, length: number): boolean {
  if (value.length !== length) return false;
  let isZero = true;
  for (let index = 0; index < length; index += 1) {
    const unit = value.charCodeAt(index);
    if (!isLowerHex(unit)) return false;
    if (unit !== 0x30) isZero = false;
  }
  return !isZero;
}

function toId(value: unknown, length: number): string | undefined {
  if (typeof value !== 'string' || value.length !== length) return undefined;
  const id = value.toLowerCase();
  return isId(id, length) ? id : undefined;
}

/**
 * The ids of a span in lower case; each `undefined` when it is not hexadecimal of the right
 * length or all zeros (W3C Trace Context, 3.2.2).
 */
export interface TraceIds {
  readonly traceId: string | undefined;
  readonly spanId: string | undefined;
}

const NONE: TraceIds = { traceId: undefined, spanId: undefined };

/** Reads a trace id. */
export function parseTraceId(value: unknown): string | undefined {
  return toId(value, 32);
}

/** Reads a span id. */
export function parseSpanId(value: unknown): string | undefined {
  return toId(value, 16);
}

/** Reads the ids of a span context that may be missing or hold anything. */
export function parseTraceIds(context: SpanContextLike | undefined | null): TraceIds {
  if (typeof context !== 'object' || context === null) return NONE;
  return { traceId: parseTraceId(context.traceId), spanId: parseSpanId(context.spanId) };
}

/** Reads the trace state of a span context; `undefined` when it is empty or cannot be read. */
export function traceStateText(context: SpanContextLike | undefined): string | undefined {
  const state = context?.traceState;
  if (state === undefined) return undefined;
  try {
    const text: unknown = state.serialize();
    return typeof text === 'string' && text !== '' ? text : undefined;
  } catch {
    return undefined;
  }
}
