import type { EventType } from './event.ts';
import { setErrorMeta } from './error-fields.ts';
import { setHttpMeta } from './http-meta.ts';
import type { MetaDraft } from './meta.ts';
import { createMeta, setTrail } from './meta.ts';
import type { RenderedResource } from './resource.ts';
import type { CopiedSpan } from './span-copy.ts';

const SERVER = 1;

/**
 * The ledger's type of a span. A span without a status ended without an error
 * (OpenTelemetry, trace/api.md, "Set Status"), so it is a success; of a client, a status of
 * 400 and above is an error only where the instrumentation says so.
 */
function typeOf(span: CopiedSpan): EventType {
  if (span.controls.type !== undefined) return span.controls.type;
  if (span.isError) return 'error';
  const status = span.http.status ?? 0;
  if (status >= 400) return span.kind === SERVER ? 'error' : 'success';
  return status >= 300 ? 'info' : 'success';
}

function eventNameOf(span: CopiedSpan): string {
  if (span.controls.eventName !== undefined) return span.controls.eventName;
  return typeof span.name === 'string' && span.name !== '' ? span.name : 'span';
}

/** What the `meta` of a span needs beside the span. */
export interface SpanMetaDeps {
  readonly resource: RenderedResource;
  readonly idempotencyKey: string;
}

/** Makes the `meta` of a span. */
export function spanMeta(span: CopiedSpan, { resource, idempotencyKey }: SpanMetaDeps): MetaDraft {
  const type = typeOf(span);
  const { traceId } = span.ids;
  const meta = createMeta({
    type,
    eventName: eventNameOf(span),
    service: resource.service,
    env: resource.env,
    requestId: traceId ?? idempotencyKey,
    traceId,
    logLevel: type === 'error' ? 'error' : 'info',
  });
  setHttpMeta(meta, span.http);
  const { attributes, events } = span;
  setErrorMeta(meta, { attributes, events, statusMessage: span.status['message'] });
  setTrail(meta, span.controls.trail);
  return meta;
}
