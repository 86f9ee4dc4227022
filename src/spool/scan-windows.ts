import type { OpenFile } from './file-port.ts';
import type { Scan } from './scan.ts';
import { scanFrames } from './scan.ts';
import { readUpTo } from './whole.ts';

/** Bytes that are read, and scanned in one go of the program, at once. */
export const WINDOW_BYTES: number = 256 * 1024;

/** A part of a file and what was found in it. */
export interface ScannedWindow {
  /** Where in the file it begins. */
  readonly at: number;
  readonly buffer: Buffer;
  readonly scan: Scan;
}

/**
 * Scans a file from one place to another, window by window: neither the memory nor the time between
 * two turns of the event loop grows with the file. A window is as large as it takes to hold a frame.
 */
export async function* scanWindows(
  file: OpenFile,
  from: number,
  to: number,
): AsyncGenerator<ScannedWindow> {
  let at = from;
  let size = WINDOW_BYTES;
  while (at < to) {
    const bytes = Math.min(size, to - at);
    const buffer = await readUpTo(file, bytes, at);
    const atEnd = buffer.length < bytes || at + bytes === to;
    const scan = scanFrames(buffer, { atEnd, limit: Infinity });
    if (scan.consumed === 0 && !atEnd) size *= 2;
    else {
      size = WINDOW_BYTES;
      yield { at, buffer, scan };
      if (atEnd) return;
      at += scan.consumed;
    }
  }
}
