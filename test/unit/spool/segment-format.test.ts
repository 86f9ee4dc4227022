import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  HEADER_BYTES,
  MAX_FRAME_BYTES,
  SequenceSet,
  encodeAcks,
  encodeFrames,
  encodeHeader,
  frameBytes,
  isCutOff,
  isHeader,
  nextMagic,
  readAcks,
  readFrame,
  wholeAckBytes,
} from '../../../src/spool/segment-format.ts';
import type { SpoolEntry } from '../../../src/spool/spool.ts';
import { bodyOf } from '../../support/requests.ts';
import { spoolEntry } from '../../support/simulated-spool.ts';

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

  it('is short when any part of its end is missing', () => {
    const pristine = encodeFrames([spoolEntry('key', 10)], 7, 1_000);
    for (let size = 0; size < pristine.length; size += 1) {
      expect(readFrame(pristine.subarray(0, size), 0)).toEqual({ kind: 'short' });
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

describe('the head of a segment', () => {
  it('is recognised, whatever the length of the name of its writer', () => {
    for (const writer of ['', 'w', 'w'.repeat(48), 'w'.repeat(200)]) {
      const header = encodeHeader(writer);
      expect(header).toHaveLength(HEADER_BYTES);
      expect(isHeader(header)).toBe(true);
    }
  });

  it('names its writer', () => {
    expect(encodeHeader('the writer').toString('latin1')).toContain('the writer');
  });

  it('is not recognised when a bit is another one, or a byte is missing', () => {
    const pristine = encodeHeader('writer');
    for (let bit = 0; bit < pristine.length * 8; bit += 1) {
      const buffer = Buffer.from(pristine);
      buffer[bit >> 3] = (buffer[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(isHeader(buffer)).toBe(false);
    }
    expect(isHeader(pristine.subarray(0, HEADER_BYTES - 1))).toBe(false);
  });

  it('is known as cut off at any length, with zeros behind it or without', () => {
    const pristine = encodeHeader('writer');
    for (let length = 0; length < HEADER_BYTES - 1; length += 1) {
      const blank = Buffer.alloc(HEADER_BYTES);
      pristine.copy(blank, 0, 0, length);
      expect(isCutOff(pristine.subarray(0, length), 'writer')).toBe(true);
      expect(isCutOff(blank, 'writer')).toBe(true);
    }
  });

  it('is not taken for cut off when it holds anything else', () => {
    const pristine = encodeHeader('writer');
    expect(isCutOff(pristine.subarray(0, 20), 'another')).toBe(false);
    for (let at = 0; at < HEADER_BYTES - 1; at += 1) {
      const buffer = Buffer.from(pristine);
      buffer[at] = (buffer[at] ?? 0) ^ 0x55;
      expect(isCutOff(buffer, 'writer')).toBe(false);
    }
  });
});

function acksIn(buffer: Buffer): SequenceSet {
  const set = new SequenceSet();
  readAcks(buffer, set);
  return set;
}

describe('acknowledgements', () => {
  it('are read back as they were written', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.maxSafeNat(), { maxLength: 20 }), (sequences) => {
        const set = acksIn(encodeAcks(sequences));
        expect(sequences.every((sequence) => set.has(sequence))).toBe(true);
        expect(sequences.map((sequence) => set.add(sequence))).toEqual(sequences.map(() => false));
      }),
    );
  });

  it('acknowledge nothing else when a bit is another one, and keep the others', () => {
    const pristine = encodeAcks([4, 5, 6]);
    for (let bit = 0; bit < pristine.length * 8; bit += 1) {
      const buffer = Buffer.from(pristine);
      buffer[bit >> 3] = (buffer[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const set = acksIn(buffer);
      const hit = 4 + Math.floor(bit / 96);
      for (let sequence = 0; sequence < 64; sequence += 1) {
        const was = sequence >= 4 && sequence <= 6;
        expect(set.has(sequence)).toBe(was && sequence !== hit);
      }
    }
  });

  it('are ignored where they are cut off', () => {
    const set = acksIn(encodeAcks([4, 5]).subarray(0, 23));
    expect([set.has(4), set.has(5)]).toEqual([true, false]);
  });

  it.each([
    [0, 0],
    [11, 0],
    [12, 12],
    [25, 24],
  ])('of %d bytes are whole in the first %d', (size, whole) => {
    expect(wholeAckBytes(size)).toBe(whole);
  });
});

describe('a set of sequences', () => {
  it('does what a set does', () => {
    const sequence = fc.oneof(fc.nat(200_000), fc.maxSafeNat());
    fc.assert(
      fc.property(fc.array(sequence, { maxLength: 100 }), fc.array(sequence), (added, asked) => {
        const set = new SequenceSet();
        const plain = new Set<number>();
        for (const each of added) {
          expect(set.add(each)).toBe(!plain.has(each));
          plain.add(each);
        }
        for (const each of [...asked, ...added]) expect(set.has(each)).toBe(plain.has(each));
      }),
    );
  });

  it('takes one bit for each of a million that lie together', () => {
    const before = process.memoryUsage().arrayBuffers;
    const set = new SequenceSet();
    for (let sequence = 0; sequence < 1_000_000; sequence += 1) set.add(sequence);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1_000_000);
    expect(set.has(999_999)).toBe(true);
  });
});
