import { crc32 } from 'node:zlib';
import type { SequenceSet } from './sequence-set.ts';

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
