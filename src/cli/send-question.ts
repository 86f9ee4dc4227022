import type { ImmutableLogEvent } from '../record/direct-event.ts';
import type { EventType } from '../record/event.ts';
import { isEventType } from '../record/event-type.ts';
import { parseOptions } from './parse-options.ts';

/** Where the payload comes from. */
export type PayloadSource =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'stdin' }
  | { readonly kind: 'text'; readonly text: string };

/** What a command line of `send` asks for. */
export interface SendQuestion {
  /** The event without its payload. */
  readonly event: Omit<ImmutableLogEvent, 'payload'>;
  readonly payload: PayloadSource;
  readonly json: boolean;
}

/** The question, or the mistake in one sentence without any value. */
export type ReadQuestion =
  | { readonly ok: true; readonly question: SendQuestion }
  | { readonly ok: false; readonly mistake: string };

const OPTIONS = {
  'event-name': { type: 'string' },
  type: { type: 'string', default: 'info' },
  payload: { type: 'string' },
  'idempotency-key': { type: 'string' },
  'request-id': { type: 'string' },
  trail: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const;

function sourceOf(payload: string): PayloadSource {
  if (payload === '-') return { kind: 'stdin' };
  return payload.startsWith('@')
    ? { kind: 'file', path: payload.slice(1) }
    : { kind: 'text', text: payload };
}

function refuse(mistake: string): ReadQuestion {
  return { ok: false, mistake };
}

/** Reads the arguments of `send`. */
export function readSendQuestion(args: readonly string[]): ReadQuestion {
  const parsed = parseOptions(args, OPTIONS);
  if (!parsed.ok) return parsed;
  const { 'event-name': eventName = '', type, payload, json, trail } = parsed.values;
  if (eventName.trim() === '') return refuse('Name the event with --event-name.');
  if (!isEventType(type)) return refuse('The type must be success, info, error or warning.');
  if (payload === undefined || payload === '' || payload === '@') {
    return refuse('Give the payload with --payload: @FILE, - for standard input, or JSON.');
  }
  const eventType: EventType = type;
  const event = {
    eventName,
    type: eventType,
    idempotencyKey: parsed.values['idempotency-key'],
    requestId: parsed.values['request-id'],
    trail,
  };
  return { ok: true, question: { event, payload: sourceOf(payload), json } };
}
