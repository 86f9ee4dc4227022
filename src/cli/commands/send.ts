import { isExporterError } from '../../errors.ts';
import type { ImmutableLogEvent } from '../../record/direct-event.ts';
import type { EventType } from '../../record/event.ts';
import { isEventType } from '../../record/event.ts';
import { parseOptions } from '../arguments.ts';
import { openClient } from '../client.ts';
import type { Command, CommandIo, Prepared } from '../command.ts';
import { errorCode, formatReceipt } from '../terminal.ts';
import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';

/** The payload, or why there is none, in one sentence without any of its values. */
export type ReadPayload =
  | { readonly ok: true; readonly payload: unknown }
  | { readonly ok: false; readonly mistake: string };

async function readAll({ stdin, signal }: CommandIo): Promise<Buffer> {
  // A pending read of a terminal or a pipe ends in no other way.
  const stop = (): void => {
    if (stdin instanceof Readable) stdin.destroy();
  };
  signal.addEventListener('abort', stop, { once: true });
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of stdin) chunks.push(Buffer.from(chunk));
  } finally {
    signal.removeEventListener('abort', stop);
  }
  return Buffer.concat(chunks);
}

const WHERE = { file: 'The file of --payload', stdin: 'Standard input', text: '--payload' };

async function readBytes(source: PayloadSource, io: CommandIo): Promise<Uint8Array> {
  if (source.kind === 'text') return Buffer.from(source.text);
  return source.kind === 'file' ? readFile(source.path) : readAll(io);
}

/** Reads a payload: one JSON value in UTF-8. */
export async function readPayload(source: PayloadSource, io: CommandIo): Promise<ReadPayload> {
  const where = WHERE[source.kind];
  let bytes: Uint8Array;
  try {
    bytes = await readBytes(source, io);
  } catch (error) {
    if (io.signal.aborted) return { ok: false, mistake: 'Ended before the payload was read.' };
    if (errorCode(error) === '') throw error;
    return { ok: false, mistake: `${where} cannot be read${errorCode(error)}.` };
  }
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return { ok: true, payload: JSON.parse(text) };
  } catch {
    return { ok: false, mistake: `${where} is not JSON in UTF-8.` };
  }
}

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

/** `immutablelog send`: one event from a shell, a cron job or a pipeline. */
export const sendCommand: Command = {
  name: 'send',
  summary: 'Send one event and print its receipt',
  help: `Usage: immutablelog send --event-name NAME --payload @FILE|-|JSON [options]

Sends one event as the direct client does, redacted like all others, and prints what the ledger
confirmed. A payload on the command line ends up in the history of the shell and in the list of
processes; a file or standard input (-) avoids that.

  --event-name NAME      what happened, such as user.created
  --payload @FILE|-|JSON the evidence, one JSON value
  --type TYPE            success, info (default), error or warning
  --idempotency-key KEY  under the same key the ledger keeps one event (default: a random one)
  --request-id ID        correlates the events of one request
  --trail TRAIL          groups events over services and requests
  --json                 print the receipt as JSON

IMTBL_API_KEY and the other IMTBL_ variables hold as for programs. Exits with 0 when the ledger
took the event, with 1 and the reason when it did not.
`,
  prepare,
};

function prepare(args: readonly string[]): Prepared {
  const read = readSendQuestion(args);
  if (!read.ok) return { kind: 'usage', mistake: read.mistake };
  return { kind: 'ready', run: (io) => send(read.question, io) };
}

async function send({ event, payload, json }: SendQuestion, io: CommandIo): Promise<number> {
  const read = await readPayload(payload, io);
  if (!read.ok) return fail(io, read.mistake);
  const opened = openClient(io.env);
  if (!opened.ok) return fail(io, opened.mistake);
  const { client } = opened;
  try {
    const receipt = await client.send({ ...event, payload: read.payload }, { signal: io.signal });
    io.stdout.write(json ? `${JSON.stringify(receipt)}\n` : formatReceipt(receipt));
    return 0;
  } catch (error) {
    if (!isExporterError(error)) throw error;
    return fail(io, `Not recorded, ${error.code}: ${error.message}.`);
  } finally {
    await client.close();
  }
}

function fail(io: CommandIo, mistake: string): number {
  io.stderr.write(`immutablelog: ${mistake}\n`);
  return 1;
}
