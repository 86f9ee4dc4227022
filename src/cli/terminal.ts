import { codeOf } from '../errors.ts';
import type { Receipt } from '../outcome.ts';
import type { CommandIo } from './command.ts';
import { Readable } from 'node:stream';

/** Controls of the terminal, line ends, and marks that reorder what a person sees. */
const UNPRINTABLE =
  /[\p{Cc}\p{Cs}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/gu;

/**
 * Makes a text from outside safe to show in a terminal: nothing in it can move the cursor, change
 * colours or titles, start a line, or turn the direction of reading. Visible characters stay.
 */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code < 0x100
      ? `\\x${code.toString(16).padStart(2, '0')}`
      : `\\u${code.toString(16).padStart(4, '0')}`;
  });
}

/** Lines of aligned columns, safe for a terminal; the first row is the heading. */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const cells = rows.map((row) => row.map(printable));
  const widths: number[] = [];
  for (const row of cells) {
    for (const [column, cell] of row.entries()) {
      widths[column] = Math.max(widths[column] ?? 0, cell.length);
    }
  }
  return cells
    .map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '))
    .map((line) => `${line.trimEnd()}\n`)
    .join('');
}

/** What the ledger confirmed, one line for each thing; safe for a terminal. */
export function formatReceipt(receipt: Receipt): string {
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['tx_id', receipt.txId],
    ['status', receipt.status],
    ['duplicate', String(receipt.duplicate)],
    ['payload_hash', receipt.payloadHash],
    ['request_id', receipt.requestId],
    ['idempotency_key', receipt.idempotencyKey],
  ];
  return formatTable(rows.map(([name, value]) => [name, value ?? '-']));
}

/** A sentence with the code of a system error at its end, where there is one. */
export function withCode(sentence: string, error: unknown): string {
  const code = codeOf(error);
  return code === undefined ? `${sentence}.` : `${sentence} (${code}).`;
}

/** The members of an object in JSON; `undefined` when the text is no such thing. */
export function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a value has members. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

/** Resolves when the signal is aborted, at once when it is already. */
export function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    signal.addEventListener(
      'abort',
      () => {
        resolve();
      },
      { once: true },
    );
  });
}

type TextSource = CommandIo['stdin'];

/** One line of an input. */
export interface Line {
  /** Its place, from 1. */
  readonly number: number;
  /** Its text without the line break; `undefined` when it is not UTF-8. */
  readonly text: string | undefined;
}

/**
 * Reads an input line by line, in memory for one line, until its end or until the signal. Throws
 * what the input throws, unless the signal came first.
 */
export async function* readLines(input: TextSource, signal: AbortSignal): AsyncGenerator<Line> {
  for await (const line of linesIn(chunksOf(input, signal))) {
    if (signal.aborted) return;
    yield line;
  }
}

/** Reads an input as a whole, or what there is of it until the signal. */
export async function readAll(input: TextSource, signal: AbortSignal): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of chunksOf(input, signal)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function* chunksOf(input: TextSource, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  // A pending read of a terminal or a pipe ends in no other way.
  const stop = (): void => {
    if (input instanceof Readable) input.destroy();
  };
  const isOver = (): boolean => signal.aborted;
  if (isOver()) return;
  signal.addEventListener('abort', stop, { once: true });
  try {
    for await (const chunk of input) {
      if (isOver()) return;
      yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
    }
  } catch (error) {
    if (!isOver()) throw error;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** Lines end in a line feed, or a carriage return and a line feed. */
async function* linesIn(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Line> {
  let pending: Uint8Array[] = [];
  let number = 0;
  for await (const bytes of chunks) {
    let start = 0;
    let end = bytes.indexOf(LINE_FEED);
    while (end !== -1) {
      number += 1;
      const line = Buffer.concat([...pending, bytes.subarray(start, end)]);
      const isReturned = line.at(-1) === CARRIAGE_RETURN;
      yield { number, text: decode(isReturned ? line.subarray(0, -1) : line) };
      pending = [];
      start = end + 1;
      end = bytes.indexOf(LINE_FEED, start);
    }
    if (start < bytes.length) pending.push(bytes.subarray(start));
  }
  if (pending.length > 0) yield { number: number + 1, text: decode(Buffer.concat(pending)) };
}

// A byte order mark is kept: whoever hashes a line wants the line as it is.
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decode(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}
