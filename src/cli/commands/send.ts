import { codeOf, isExporterError } from '../../errors.ts';
import type { ImmutableLogEvent } from '../../record/direct-event.ts';
import { isEventType } from '../../record/meta.ts';
import { parseOptions } from '../arguments.ts';
import { openClient } from '../client.ts';
import type { Checked, Command, CommandIo, PreparedCommand } from '../command.ts';
import { fail } from '../command.ts';
import { formatReceipt, readAll, withCode } from '../terminal.ts';
import { readFile } from 'node:fs/promises';

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

function prepare(args: readonly string[]): Checked<PreparedCommand> {
  const read = readQuestion(args);
  return read.ok ? { ok: true, value: (io) => send(read.value, io) } : read;
}

/** What a command line of `send` asks for. */
interface SendQuestion {
  /** The event without its payload. */
  readonly event: Omit<ImmutableLogEvent, 'payload'>;
  readonly payload: PayloadSource;
  readonly json: boolean;
}

/** Where the payload comes from. */
type PayloadSource =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'stdin' }
  | { readonly kind: 'text'; readonly text: string };

const OPTIONS = {
  'event-name': { type: 'string' },
  type: { type: 'string', default: 'info' },
  payload: { type: 'string' },
  'idempotency-key': { type: 'string' },
  'request-id': { type: 'string' },
  trail: { type: 'string' },
  json: { type: 'boolean', default: false },
} as const;

function readQuestion(args: readonly string[]): Checked<SendQuestion> {
  const parsed = parseOptions(args, OPTIONS);
  if (!parsed.ok) return parsed;
  const { 'event-name': eventName = '', type, payload = '', json, trail } = parsed.value;
  if (eventName.trim() === '') return { ok: false, mistake: 'Name the event with --event-name.' };
  if (!isEventType(type)) {
    return { ok: false, mistake: 'The type must be success, info, error or warning.' };
  }
  if (payload === '' || payload === '@') {
    const mistake = 'Give the payload with --payload: @FILE, - for standard input, or JSON.';
    return { ok: false, mistake };
  }
  const event = {
    eventName,
    type,
    idempotencyKey: parsed.value['idempotency-key'],
    requestId: parsed.value['request-id'],
    trail,
  };
  return { ok: true, value: { event, payload: sourceOf(payload), json } };
}

function sourceOf(payload: string): PayloadSource {
  if (payload === '-') return { kind: 'stdin' };
  return payload.startsWith('@')
    ? { kind: 'file', path: payload.slice(1) }
    : { kind: 'text', text: payload };
}

async function send({ event, payload, json }: SendQuestion, io: CommandIo): Promise<number> {
  const read = await readPayload(payload, io);
  if (!read.ok) return fail(io, read.mistake);
  const opened = openClient(io.env);
  if (!opened.ok) return fail(io, opened.mistake);
  const client = opened.value;
  try {
    const receipt = await client.send({ ...event, payload: read.value }, { signal: io.signal });
    io.stdout.write(json ? `${JSON.stringify(receipt)}\n` : formatReceipt(receipt));
    return 0;
  } catch (error) {
    if (!isExporterError(error)) throw error;
    return fail(io, `Not recorded, ${error.code}: ${error.message}.`);
  } finally {
    await client.close();
  }
}

const WHERE = { file: 'The file of --payload', stdin: 'Standard input', text: '--payload' };

/** One JSON value in UTF-8, which a mistake never repeats. */
async function readPayload(source: PayloadSource, io: CommandIo): Promise<Checked<unknown>> {
  const where = WHERE[source.kind];
  let bytes: Uint8Array;
  try {
    bytes = await readBytes(source, io);
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
    return { ok: false, mistake: withCode(`${where} cannot be read`, error) };
  }
  if (source.kind === 'stdin' && io.signal.aborted) {
    return { ok: false, mistake: 'Ended before the payload was read.' };
  }
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return { ok: true, value: JSON.parse(text) };
  } catch {
    return { ok: false, mistake: `${where} is not JSON in UTF-8.` };
  }
}

async function readBytes(source: PayloadSource, io: CommandIo): Promise<Uint8Array> {
  if (source.kind === 'text') return Buffer.from(source.text);
  return source.kind === 'file' ? readFile(source.path) : readAll(io.stdin, io.signal);
}
