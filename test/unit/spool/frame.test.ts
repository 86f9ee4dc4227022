import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  MAX_FRAME_BYTES,
  encodeFrames,
  frameBytes,
  nextMagic,
  readFrame,
} from '../../../src/spool/segment-format.ts';
import type { SpoolEntry } from '../../../src/spool/spool.ts';
import { spoolEntry } from '../../support/simulated-spool.ts';
import { bodyOf } from '../../support/requests.ts';

const entry: fc.Arbitrary<SpoolEntry> = fc
  .record({
    idempotencyKey: fc.string({ maxLength: 255 }),
    requestId: fc.string({ unit: 'binary', maxLength: 200 }),
    body: fc.string({ unit: 'binary', maxLength: 500 }),
  })
  .map(({ body, ...names }) => ({ ...names, ...bodyOf(body) }));

function frameAt(buffer: Buffer, at: number) {
  const found = readFrame(buffer, at);
  if (found.kind !== 'frame') throw new Error(`no frame but ${found.kind}`);
  return found.frame;
}

describe('a frame', () => {
  it('gives back every entry that was put into it', () => {
    fc.assert(
      fc.property(
        fc.array(entry, { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER - 10 }),
        fc.integer({ min: 0, max: 8_640_000_000_000_000 }),
        (entries, first, storedAtMs) => {
          const buffer = encodeFrames(entries, first, storedAtMs);
          let at = 0;
          for (const [index, { idempotencyKey, requestId, body, ...rest }] of entries.entries()) {
            const frame = frameAt(buffer, at);
            expect(frame).toMatchObject({ sequence: first + index, storedAtMs, idempotencyKey });
            expect(frame.requestId).toBe(requestId === '' ? idempotencyKey : requestId);
            expect(Buffer.compare(frame.body, body)).toBe(0);
            expect(frame.bytes).toBe(frameBytes({ idempotencyKey, requestId, body, ...rest }));
            at += frame.bytes;
          }
          expect(at).toBe(buffer.length);
        },
      ),
    );
  });

  it('takes no place for a request id that is the key', () => {
    const same = { ...spoolEntry('key'), requestId: 'key' };
    expect(frameBytes({ ...same, requestId: 'other' }) - frameBytes(same)).toBe(5);
    expect(frameAt(encodeFrames([same], 1, 0), 0).requestId).toBe('key');
  });

  it('leaves out a request id that is too long to be told by two bytes', () => {
    const long = { ...spoolEntry('key'), requestId: 'x'.repeat(21_846) };
    expect(frameAt(encodeFrames([long], 1, 0), 0).requestId).toBe('key');
    const fits = { ...spoolEntry('key'), requestId: 'x'.repeat(21_845) };
    expect(frameAt(encodeFrames([fits], 1, 0), 0).requestId).toHaveLength(21_845);
  });

  it('says 1970 for a clock that is before it', () => {
    expect(frameAt(encodeFrames([spoolEntry('key')], 1, -5.5), 0).storedAtMs).toBe(0);
  });

  it('is damaged when any bit of it is another one', () => {
    const pristine = encodeFrames([spoolEntry('key', 10)], 7, 1_000);
    for (let bit = 0; bit < pristine.length * 8; bit += 1) {
      const buffer = Buffer.from(pristine);
      buffer[bit >> 3] = (buffer[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(readFrame(buffer, 0).kind).not.toBe('frame');
    }
  });

  it('is short when any part of its end is missing, and says how much it takes', () => {
    const pristine = encodeFrames([spoolEntry('key', 10)], 7, 1_000);
    for (let size = 0; size < pristine.length; size += 1) {
      const needed = size < 12 ? 12 : pristine.length;
      expect(readFrame(pristine.subarray(0, size), 0)).toEqual({ kind: 'short', needed });
    }
  });

  it.each([0, 19, MAX_FRAME_BYTES + 1, 0xff_ff_ff_ff])(
    'is not believed when it says that it has %d bytes',
    (length) => {
      const buffer = encodeFrames([spoolEntry('key')], 1, 0);
      buffer.writeUInt32BE(length, 4);
      expect(readFrame(buffer, 0)).toEqual({ kind: 'damaged' });
    },
  );

  it('is found behind other bytes', () => {
    const frame = encodeFrames([spoolEntry('key')], 1, 0);
    const buffer = Buffer.concat([Buffer.from('noise'), frame]);
    expect(nextMagic(buffer, 0)).toBe(5);
    expect(nextMagic(buffer, 6)).toBe(-1);
  });
});
