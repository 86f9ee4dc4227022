import { crc32 } from 'node:zlib';
import type { OpenFile } from './file-port.ts';
import { readUpTo } from './whole.ts';

/** `ILS1`, version, and the id of the writer, padded; then a checksum. */
const MAGIC = 'ILS1';
const VERSION = 1;
const WRITER_BYTES = 48;

/** Bytes before the first frame of a segment. */
export const HEADER_BYTES: number = 4 + 4 + WRITER_BYTES + 4;

/** The head of a segment file. */
export function encodeHeader(writer: string): Buffer {
  const buffer = Buffer.alloc(HEADER_BYTES);
  buffer.write(MAGIC, 0, 'latin1');
  buffer.writeUInt32BE(VERSION, 4);
  buffer.write(writer.slice(0, WRITER_BYTES), 8, 'latin1');
  buffer.writeUInt32BE(crc32(buffer.subarray(0, HEADER_BYTES - 4)), HEADER_BYTES - 4);
  return buffer;
}

/** Whether a segment of this version begins here. A damaged head does not hide the frames behind. */
export function isHeader(buffer: Buffer): boolean {
  if (buffer.length < HEADER_BYTES || buffer.toString('latin1', 0, 4) !== MAGIC) return false;
  const whole = crc32(buffer.subarray(0, HEADER_BYTES - 4));
  return whole === buffer.readUInt32BE(HEADER_BYTES - 4) && buffer.readUInt32BE(4) === VERSION;
}

/**
 * Whether the head of a writer was cut off while it was written: its first bytes, then nothing or
 * zeros. Nothing had been reported as stored behind it by then, so nothing is missing.
 */
export function isCutOff(buffer: Buffer, writer: string): boolean {
  const head = buffer.subarray(0, HEADER_BYTES);
  const whole = encodeHeader(writer);
  const written = head.findIndex((byte, at) => byte !== whole[at]);
  return written < 0 || head.subarray(written).every((byte) => byte === 0);
}

/**
 * Where the first frame of a segment of a writer may begin: behind its head, or at once where that
 * is damaged.
 */
export async function segmentStart(file: OpenFile, writer: string): Promise<number> {
  const head = await readUpTo(file, HEADER_BYTES, 0);
  return isHeader(head) || isCutOff(head, writer) ? head.length : 0;
}
