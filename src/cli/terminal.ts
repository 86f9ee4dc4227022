import type { Receipt } from '../outcome.ts';
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

/** The code of a system error in brackets, such as ` (ENOENT)`; empty when it has none. */
export function errorCode(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? ` (${code})` : '';
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

/** One line of an input. */
export interface Line {
  /** Its place, from 1. */
  readonly number: number;
  /** Its text without the line break; `undefined` when it is not UTF-8. */
  readonly text: string | undefined;
}

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

// A byte order mark is kept: whoever hashes a line wants the line as it is.
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decode(bytes: Uint8Array): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}

function withoutReturn(bytes: Uint8Array): Uint8Array {
  return bytes.at(-1) === CARRIAGE_RETURN ? bytes.subarray(0, -1) : bytes;
}

/** Cuts an input into lines that end in a line feed, or a carriage return and a line feed. */
async function* cut(input: AsyncIterable<string | Uint8Array>): AsyncGenerator<Line> {
  const utf8Bytes = new TextEncoder();
  let pending: Uint8Array[] = [];
  let number = 0;
  for await (const chunk of input) {
    const bytes = typeof chunk === 'string' ? utf8Bytes.encode(chunk) : chunk;
    let start = 0;
    let end = bytes.indexOf(LINE_FEED);
    while (end !== -1) {
      number += 1;
      const line = Buffer.concat([...pending, bytes.subarray(start, end)]);
      yield { number, text: decode(withoutReturn(line)) };
      pending = [];
      start = end + 1;
      end = bytes.indexOf(LINE_FEED, start);
    }
    if (start < bytes.length) pending.push(bytes.subarray(start));
  }
  if (pending.length > 0) yield { number: number + 1, text: decode(Buffer.concat(pending)) };
}

/**
 * Reads an input line by line, in memory for one line, until its end or until the signal. Throws
 * what the input throws, unless the signal came first.
 */
export async function* readLines(
  input: AsyncIterable<string | Uint8Array>,
  signal: AbortSignal,
): AsyncGenerator<Line> {
  // A pending read of a terminal or a pipe ends in no other way.
  const stop = (): void => {
    if (input instanceof Readable) input.destroy();
  };
  const isOver = (): boolean => signal.aborted;
  if (isOver()) return;
  signal.addEventListener('abort', stop, { once: true });
  try {
    for await (const line of cut(input)) {
      if (isOver()) return;
      yield line;
    }
  } catch (error) {
    if (!isOver()) throw error;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
