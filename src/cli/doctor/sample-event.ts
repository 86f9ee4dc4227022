import { toJsonValue } from '../../record/attribute-value.ts';
import type { AuditEvent, Signal } from '../../record/event.ts';
import type { JsonObject, JsonValue } from '../../record/json.ts';
import { isJsonObject } from '../../redact/json-shape.ts';

/** An event to try redaction on, or why a line is none. */
export type SampleEvent =
  | { readonly ok: true; readonly event: AuditEvent }
  | { readonly ok: false; readonly mistake: string };

const SIGNALS: readonly Signal[] = ['span', 'log'];

/** Wrapped, because `null` and `undefined` must stay apart. */
function parseJson(text: string): { readonly value: JsonValue } | undefined {
  try {
    return { value: toJsonValue(JSON.parse(text)) };
  } catch {
    return undefined;
  }
}

function isMeta(value: JsonValue | undefined): value is Readonly<Record<string, string>> {
  return isJsonObject(value) && Object.values(value).every((item) => typeof item === 'string');
}

/** The payload of a span or log record says so itself; anything else is a program's own. */
function sample(payload: JsonValue, meta: AuditEvent['meta']): SampleEvent {
  const signal = SIGNALS.find((known) => isJsonObject(payload) && payload['signal'] === known);
  return {
    ok: true,
    event: { signal: signal ?? 'direct', idempotencyKey: 'sample', meta, payload },
  };
}

function isRequestBody(value: JsonObject): boolean {
  const names = Object.keys(value);
  return names.length === 2 && names.includes('payload') && names.includes('meta');
}

/**
 * Reads one line of a file of samples: the payload of a span or log record, known by its
 * `signal`; the body of a request, `{"payload":"…","meta":{…}}`; or the payload of a program's
 * own event.
 */
export function parseSampleEvent(line: string): SampleEvent {
  const parsed = parseJson(line);
  if (parsed === undefined) return { ok: false, mistake: 'not JSON' };
  const { value } = parsed;
  if (!isJsonObject(value)) return { ok: false, mistake: 'not a JSON object' };
  const { payload, meta } = value;
  if (!isRequestBody(value) || typeof payload !== 'string' || !isMeta(meta)) {
    return sample(value, {});
  }
  const inner = parseJson(payload);
  if (inner === undefined) return { ok: false, mistake: 'its payload is not JSON' };
  return sample(inner.value, meta);
}
