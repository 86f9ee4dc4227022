import { Readable } from 'node:stream';

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
