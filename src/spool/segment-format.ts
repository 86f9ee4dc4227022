import type { OpenFile } from './files.ts';
import { readUpTo } from './files.ts';
import type { SpoolEntry } from './spool.ts';
import { crc32 } from 'node:zlib';

const CHUNK_BITS = 32_768;

/** A set of sequence numbers that lie close together, one bit for each. */
export class SequenceSet {
  readonly #chunks = new Map<number, Uint8Array>();

  /** Adds one; `false` when it was there. */
  add(sequence: number): boolean {
    if (this.has(sequence)) return false;
    const index = Math.floor(sequence / CHUNK_BITS);
    let chunk = this.#chunks.get(index);
    if (chunk === undefined) {
      chunk = new Uint8Array(CHUNK_BITS / 8);
      this.#chunks.set(index, chunk);
    }
    const bit = sequence % CHUNK_BITS;
    chunk[bit >> 3] = (chunk[bit >> 3] ?? 0) | (1 << (bit & 7));
    return true;
  }

  has(sequence: number): boolean {
    const bit = sequence % CHUNK_BITS;
    const byte = this.#chunks.get(Math.floor(sequence / CHUNK_BITS))?.[bit >> 3] ?? 0;
    return (byte & (1 << (bit & 7))) !== 0;
  }
}

/** Bytes of an acknowledgement: sequence u64, checksum u32. */
export const ACK_BYTES = 12;

/** Bytes of a side file that are whole acknowledgements; what is behind them was cut off. */
export function wholeAckBytes(size: number): number {
  return size - (size % ACK_BYTES);
}

/** Acknowledgements as they stand in a side file; each checks itself, so damage acknowledges nothing. */
export function encodeAcks(sequences: readonly number[]): Buffer {
  const buffer = Buffer.allocUnsafe(sequences.length * ACK_BYTES);
  for (const [index, sequence] of sequences.entries()) {
    const at = index * ACK_BYTES;
    buffer.writeBigUInt64BE(BigInt(sequence), at);
    buffer.writeUInt32BE(crc32(buffer.subarray(at, at + 8)), at + 8);
  }
  return buffer;
}

/** Reads the acknowledgements that are whole into a set. */
export function readAcks(buffer: Buffer, into: SequenceSet): void {
  for (let at = 0; at + ACK_BYTES <= buffer.length; at += ACK_BYTES) {
    if (crc32(buffer.subarray(at, at + 8)) === buffer.readUInt32BE(at + 8)) {
      into.add(Number(buffer.readBigUInt64BE(at)));
    }
  }
}

/** Begins every frame: `ILF1`. JSON text holds no such bytes before a length, so none can be forged. */
const MAGIC = 0x49_4c_46_31;
/** Magic, length of the rest, checksum of the rest. */
const HEAD_BYTES = 12;
/** Sequence, time stored, lengths of key and request id. */
const FIXED_BYTES = 20;
/** Longest frame that is believed; a longer one is damage. */
export const MAX_FRAME_BYTES: number = 1024 * 1024;

const MAX_NAME_BYTES = 65_535;

/** A frame as it was read, its parts still in the buffer. */
export interface Frame {
  readonly sequence: number;
  readonly storedAtMs: number;
  readonly idempotencyKey: string;
  readonly requestId: string;
  readonly body: Uint8Array;
  /** Bytes of the whole frame. */
  readonly bytes: number;
}

/**
 * What stands at a place of a buffer: a frame, `short` when more bytes would be needed to tell, or
 * `damaged`.
 */
export type FrameAt =
  | { readonly kind: 'frame'; readonly frame: Frame }
  | { readonly kind: 'short' | 'damaged' };

/** The request id is left out where it is the key anyway, or too long to be worth its place. */
function requestIdOnDisk({ idempotencyKey, requestId }: SpoolEntry): string {
  return requestId === idempotencyKey || requestId.length * 3 > MAX_NAME_BYTES ? '' : requestId;
}

/** Bytes of the frame of an entry. */
export function frameBytes(entry: SpoolEntry): number {
  const names = Buffer.byteLength(entry.idempotencyKey) + Buffer.byteLength(requestIdOnDisk(entry));
  return HEAD_BYTES + FIXED_BYTES + names + entry.bytes;
}

/**
 * Writes frames one after the other into one buffer: `magic u32 | length u32 | crc32 u32 |
 * sequence u64 | stored at, ms u64 | key length u16 | request id length u16 | key | request id |
 * body`, big-endian; the checksum is over everything behind it.
 *
 * @param firstSequence - that of the first entry; the others follow
 */
export function encodeFrames(
  entries: readonly SpoolEntry[],
  firstSequence: number,
  storedAtMs: number,
): Buffer {
  let total = 0;
  for (const entry of entries) total += frameBytes(entry);
  const buffer = Buffer.allocUnsafe(total);
  let at = 0;
  let sequence = firstSequence;
  for (const entry of entries) {
    const rest = at + HEAD_BYTES;
    const names = rest + FIXED_BYTES;
    const keyBytes = buffer.write(entry.idempotencyKey, names);
    const idBytes = buffer.write(requestIdOnDisk(entry), names + keyBytes);
    const end = names + keyBytes + idBytes + entry.bytes;
    buffer.set(entry.body, names + keyBytes + idBytes);
    buffer.writeBigUInt64BE(BigInt(sequence), rest);
    buffer.writeBigUInt64BE(BigInt(Math.max(0, Math.trunc(storedAtMs))), rest + 8);
    buffer.writeUInt16BE(keyBytes, rest + 16);
    buffer.writeUInt16BE(idBytes, rest + 18);
    buffer.writeUInt32BE(MAGIC, at);
    buffer.writeUInt32BE(end - rest, at + 4);
    buffer.writeUInt32BE(crc32(buffer.subarray(rest, end)), at + 8);
    at = end;
    sequence += 1;
  }
  return buffer;
}

/** Reads what stands at `at`. The body is a view into the buffer. */
export function readFrame(buffer: Buffer, at: number): FrameAt {
  const available = buffer.length - at;
  if (available < HEAD_BYTES) return { kind: 'short' };
  if (buffer.readUInt32BE(at) !== MAGIC) return { kind: 'damaged' };
  const length = buffer.readUInt32BE(at + 4);
  if (length < FIXED_BYTES || length > MAX_FRAME_BYTES) return { kind: 'damaged' };
  const bytes = HEAD_BYTES + length;
  if (available < bytes) return { kind: 'short' };
  const rest = at + HEAD_BYTES;
  const end = at + bytes;
  if (crc32(buffer.subarray(rest, end)) !== buffer.readUInt32BE(at + 8)) return { kind: 'damaged' };
  const keyEnd = rest + FIXED_BYTES + buffer.readUInt16BE(rest + 16);
  const idEnd = keyEnd + buffer.readUInt16BE(rest + 18);
  if (idEnd > end) return { kind: 'damaged' };
  const idempotencyKey = buffer.toString('utf8', rest + FIXED_BYTES, keyEnd);
  const frame = {
    sequence: Number(buffer.readBigUInt64BE(rest)),
    storedAtMs: Number(buffer.readBigUInt64BE(rest + 8)),
    idempotencyKey,
    requestId: idEnd > keyEnd ? buffer.toString('utf8', keyEnd, idEnd) : idempotencyKey,
    body: buffer.subarray(idEnd, end),
    bytes,
  };
  return { kind: 'frame', frame };
}

/** Where the next frame may begin, from `from` on; -1 when nowhere. */
export function nextMagic(buffer: Buffer, from: number): number {
  return buffer.indexOf('ILF1', from, 'latin1');
}

/** `ILS1`, version, and the id of the writer, padded; then a checksum. */
const SEGMENT_HEADER_MAGIC = 'ILS1';
const VERSION = 1;
const WRITER_BYTES = 48;

/** Bytes before the first frame of a segment. */
export const HEADER_BYTES: number = 4 + 4 + WRITER_BYTES + 4;

/** The head of a segment file. */
export function encodeHeader(writer: string): Buffer {
  const buffer = Buffer.alloc(HEADER_BYTES);
  buffer.write(SEGMENT_HEADER_MAGIC, 0, 'latin1');
  buffer.writeUInt32BE(VERSION, 4);
  buffer.write(writer.slice(0, WRITER_BYTES), 8, 'latin1');
  buffer.writeUInt32BE(crc32(buffer.subarray(0, HEADER_BYTES - 4)), HEADER_BYTES - 4);
  return buffer;
}

/** Whether a segment of this version begins here. A damaged head does not hide the frames behind. */
export function isHeader(buffer: Buffer): boolean {
  if (buffer.length < HEADER_BYTES || buffer.toString('latin1', 0, 4) !== SEGMENT_HEADER_MAGIC)
    return false;
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
