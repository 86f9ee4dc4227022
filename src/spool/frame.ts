import { crc32 } from 'node:zlib';
import type { SpoolEntry } from './spool.ts';

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
 * What stands at a place of a buffer: a frame, `short` when so many bytes from there on would be
 * needed to tell, or `damaged`.
 */
export type FrameAt =
  | { readonly kind: 'frame'; readonly frame: Frame }
  | { readonly kind: 'short'; readonly needed: number }
  | { readonly kind: 'damaged' };

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
  if (available < HEAD_BYTES) return { kind: 'short', needed: HEAD_BYTES };
  if (buffer.readUInt32BE(at) !== MAGIC) return { kind: 'damaged' };
  const length = buffer.readUInt32BE(at + 4);
  if (length < FIXED_BYTES || length > MAX_FRAME_BYTES) return { kind: 'damaged' };
  const bytes = HEAD_BYTES + length;
  if (available < bytes) return { kind: 'short', needed: bytes };
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
