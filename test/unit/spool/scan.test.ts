import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeFrames } from '../../../src/spool/segment-format.ts';
import type { Scan } from '../../../src/spool/read.ts';
import { scanFrames } from '../../../src/spool/read.ts';
import { spoolEntry } from '../../support/simulated-spool.ts';
import { bodyOf } from '../../support/requests.ts';

const KEYS = ['one', 'two', 'three', 'four'];
const FRAMES = KEYS.map((key, index) => encodeFrames([spoolEntry(key, 9)], index + 1, 0));
const ALL = Buffer.concat(FRAMES);
const startOf = (index: number): number =>
  FRAMES.slice(0, index).reduce((total, { length }) => total + length, 0);

const END = { atEnd: true, limit: Infinity };
const MIDDLE = { atEnd: false, limit: Infinity };

const keysOf = ({ frames }: Scan): readonly string[] =>
  frames.map(({ idempotencyKey }) => idempotencyKey);

describe('a scan', () => {
  it('finds all frames and consumes all bytes', () => {
    const scan = scanFrames(ALL, END);
    expect(keysOf(scan)).toEqual(KEYS);
    expect(scan).toMatchObject({ damaged: [], consumed: ALL.length });
  });

  it('ends at its limit, right behind the last frame', () => {
    const scan = scanFrames(ALL, { atEnd: true, limit: 2 });
    expect(keysOf(scan)).toEqual(['one', 'two']);
    expect(scan.consumed).toBe(startOf(2));
  });

  it('asks for more where a frame goes on behind the buffer', () => {
    const scan = scanFrames(ALL.subarray(0, startOf(2) + 20), MIDDLE);
    expect(keysOf(scan)).toEqual(['one', 'two']);
    expect(scan).toMatchObject({
      damaged: [],
      consumed: startOf(2),
      needed: FRAMES[2]?.length,
    });
  });

  it('takes an end that simply stops for a write that was cut off', () => {
    for (let size = startOf(3) + 1; size < ALL.length; size += 1) {
      const scan = scanFrames(ALL.subarray(0, size), END);
      expect(keysOf(scan)).toEqual(['one', 'two', 'three']);
      expect(scan.damaged).toEqual([{ from: startOf(3), to: size, torn: true }]);
    }
  });

  it('takes zeros at the end for a write that was cut off', () => {
    const scan = scanFrames(Buffer.concat([ALL, Buffer.alloc(50)]), END);
    expect(scan.damaged).toEqual([{ from: ALL.length, to: ALL.length + 50, torn: true }]);
  });

  it('takes other bytes at the end for damage', () => {
    const scan = scanFrames(Buffer.concat([ALL, Buffer.alloc(50, 1)]), END);
    expect(scan.damaged).toMatchObject([{ from: ALL.length, torn: false }]);
  });

  it('loses the frame that is damaged and no other', () => {
    for (const index of KEYS.keys()) {
      for (let at = startOf(index); at < startOf(index + 1); at += 1) {
        const buffer = Buffer.from(ALL);
        buffer[at] = (buffer[at] ?? 0) ^ 0x10;
        const { length } = keysOf(scanFrames(buffer, END));
        expect(length).toBe(3);
        expect(keysOf(scanFrames(buffer, END))).not.toContain(KEYS[index]);
      }
    }
  });

  it('is not led astray by a body that holds the beginning of a frame', () => {
    const body = bodyOf(`ILF1${'\u0000'.repeat(3)}\u0020${'x'.repeat(60)}`);
    const bait = { idempotencyKey: 'bait', requestId: 'bait', ...body };
    const buffer = Buffer.concat([encodeFrames([bait, spoolEntry('next')], 1, 0)]);
    buffer[8] = (buffer[8] ?? 0) ^ 1;
    expect(keysOf(scanFrames(buffer, END))).toEqual(['next']);
  });

  it('finds the same frames in windows of any size as in one piece, also behind damage', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: ALL.length - 1 }), { maxLength: 3 }),
        fc.integer({ min: 1, max: 40 }),
        (hits, step) => {
          const buffer = Buffer.from(ALL);
          for (const at of hits) buffer[at] = (buffer[at] ?? 0) ^ 0xff;
          expect(inWindows(buffer, step)).toEqual(keysOf(scanFrames(buffer, END)));
        },
      ),
    );
  });

  it('never throws, whatever the bytes are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (bytes, atEnd) => {
        const buffer = Buffer.concat([Buffer.from('ILF1'), bytes]);
        const { consumed } = scanFrames(buffer, { atEnd, limit: Infinity });
        expect(consumed).toBeLessThanOrEqual(buffer.length);
        expect(!atEnd || consumed === buffer.length).toBe(true);
      }),
    );
  });
});

/** Scans as a reader does: a window that grows while it holds no whole frame. */
function inWindows(buffer: Buffer, step: number): readonly string[] {
  const found: string[] = [];
  let offset = 0;
  for (let size = step; offset < buffer.length; size += step) {
    const window = buffer.subarray(offset, offset + size);
    const scan = scanFrames(window, { atEnd: offset + size >= buffer.length, limit: Infinity });
    found.push(...keysOf(scan));
    if (scan.consumed > 0) size = 0;
    offset += scan.consumed;
  }
  return found;
}
