import canonicalize from 'canonicalize';
import type { AuditEvent } from '../../src/record/event.ts';

const META_LIMITS: Readonly<Record<string, number>> = {
  event_name: 256,
  immutable_trail: 256,
  error_message: 500,
};

function cut(text: string, limit: number): string {
  const kept = text.slice(0, limit);
  // A pair that the cut would part goes wholly.
  return kept.length < text.length && /[\ud800-\udbff]$/.test(kept) ? kept.slice(0, -1) : kept;
}

/**
 * The body for an event whose payload fits, made in the plainest way there is: another
 * implementation of RFC 8785, then `JSON.stringify` around it.
 */
export function referenceBody({ payload, meta }: Pick<AuditEvent, 'payload' | 'meta'>): string {
  const sorted = Object.entries(meta).sort(([one], [other]) => (one < other ? -1 : 1));
  const values = sorted.map(([key, value]) => [key, cut(value, META_LIMITS[key] ?? 512)] as const);
  const members = values.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`);
  return `{"payload":${JSON.stringify(canonicalize(payload))},"meta":{${members.join(',')}}}`;
}
