import type { SpanContextLike } from './otel-types.ts';

/** The form of one kind of id. */
interface IdForm {
  readonly hex: RegExp;
  /** What stands for no id. */
  readonly zeros: string;
}

const TRACE_ID: IdForm = { hex: /^[0-9a-f]{32}$/, zeros: '0'.repeat(32) };
const SPAN_ID: IdForm = { hex: /^[0-9a-f]{16}$/, zeros: '0'.repeat(16) };

function toId(value: unknown, { hex, zeros }: IdForm): string | undefined {
  if (typeof value !== 'string' || value.length !== zeros.length) return undefined;
  // Ids are nearly always in lower case already, which one test of the engine's shows.
  if (hex.test(value)) return value === zeros ? undefined : value;
  const id = value.toLowerCase();
  return hex.test(id) && id !== zeros ? id : undefined;
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
  return toId(value, TRACE_ID);
}

/** Reads a span id. */
export function parseSpanId(value: unknown): string | undefined {
  return toId(value, SPAN_ID);
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
