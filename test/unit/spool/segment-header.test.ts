import { describe, expect, it } from 'vitest';
import {
  HEADER_BYTES,
  encodeHeader,
  isCutOff,
  isHeader,
} from '../../../src/spool/segment-format.ts';

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
