import type { Frame } from './frame.ts';
import { nextMagic, readFrame } from './frame.ts';

/** A stretch of a segment that is no frame. */
export interface DamagedRange {
  readonly from: number;
  readonly to: number;
  /** It is at the end and simply stops: a write that was cut off, not damage. */
  readonly torn: boolean;
}

/** What a stretch of a segment holds. */
export interface Scan {
  readonly frames: readonly Frame[];
  readonly damaged: readonly DamagedRange[];
  /** Bytes that need not be read again. */
  readonly consumed: number;
  /** So many bytes from there on are needed for the next frame; 0 when it does not matter. */
  readonly needed: number;
}

/** How to scan. */
export interface ScanOptions {
  /** Whether nothing follows behind the buffer. */
  readonly atEnd: boolean;
  /** Most frames to return. */
  readonly limit: number;
}

function isBlank(buffer: Buffer, from: number): boolean {
  for (let at = from; at < buffer.length; at += 1) if (buffer[at] !== 0) return false;
  return true;
}

/**
 * Reads frames until the buffer or the limit is at its end. Behind damage it goes on at the next
 * frame that is whole: damage costs the records it hits, never their neighbours.
 */
export function scanFrames(buffer: Buffer, { atEnd, limit }: ScanOptions): Scan {
  const frames: Frame[] = [];
  const damaged: DamagedRange[] = [];
  let at = 0;
  while (at < buffer.length && frames.length < limit) {
    const found = readFrame(buffer, at);
    if (found.kind === 'frame') {
      frames.push(found.frame);
      at += found.frame.bytes;
    } else if (found.kind === 'short' && !atEnd) {
      return { frames, damaged, consumed: at, needed: found.needed };
    } else {
      const next = nextWhole(buffer, at + 1, atEnd);
      const torn = next === buffer.length && (found.kind === 'short' || isBlank(buffer, at));
      damaged.push({ from: at, to: next, torn });
      at = next;
    }
  }
  return { frames, damaged, consumed: at, needed: 0 };
}

/** Where the next frame that is whole begins, or may begin; the end of the buffer when none does. */
function nextWhole(buffer: Buffer, from: number, atEnd: boolean): number {
  for (let at = nextMagic(buffer, from); at >= 0; at = nextMagic(buffer, at + 1)) {
    const { kind } = readFrame(buffer, at);
    if (kind === 'frame' || (kind === 'short' && !atEnd)) return at;
  }
  // The last bytes may be the beginning of a magic whose rest is not in the buffer.
  return atEnd ? buffer.length : Math.max(from, buffer.length - 3);
}
