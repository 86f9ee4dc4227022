import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { CommandIo } from './command.ts';
import { errorCode } from './error-code.ts';
import type { PayloadSource } from './send-question.ts';

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
