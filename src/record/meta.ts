import type { JsonObjectDraft } from './bare-object.ts';
import { bareObject } from './bare-object.ts';
import type { EventType } from './event.ts';
import { wellFormed } from './well-formed.ts';

/** The `meta` of an event while it is being built. */
export type MetaDraft = JsonObjectDraft<string>;

/** What every event says about itself; no text but the name and the request id is ever empty. */
export interface CoreMeta {
  readonly type: EventType;
  readonly eventName: string;
  /** Well-formed. */
  readonly service: string;
  /** Well-formed. */
  readonly env: string;
  readonly requestId: string;
  /** Well-formed. */
  readonly traceId: string | undefined;
  /** Well-formed. */
  readonly logLevel: string;
}

/**
 * Sets a key to a text; an empty one counts as no value. It is not cut to what the ledger takes:
 * a cut could fall into an address that the redactor would have recognised as a whole.
 */
export function setMeta(meta: MetaDraft, key: string, value: unknown): void {
  if (typeof value !== 'string' || value === '') return;
  meta[key] = wellFormed(value);
}

/** Sets the keys that every event has. */
export function setCoreMeta(meta: MetaDraft, core: CoreMeta): void {
  const { env, traceId, requestId } = core;
  meta['env'] = env;
  meta['environment'] = env;
  setMeta(meta, 'event_name', core.eventName);
  meta['log_level'] = core.logLevel;
  if (requestId === traceId) meta['request_id'] = requestId;
  else setMeta(meta, 'request_id', requestId);
  meta['service'] = core.service;
  if (traceId !== undefined) meta['trace_id'] = traceId;
  meta['type'] = core.type;
}

/** Starts the `meta` of an event. */
export function createMeta(core: CoreMeta): MetaDraft {
  const meta = bareObject<string>();
  setCoreMeta(meta, core);
  return meta;
}

/** Sets the trail that groups events: trimmed, without the colon that the ledger reserves. */
export function setTrail(meta: MetaDraft, trail: unknown): void {
  if (typeof trail !== 'string') return;
  setMeta(meta, 'immutable_trail', trail.trim().replaceAll(':', '-'));
}
