import { describe, expect, it } from 'vitest';
import { phoneDetector } from '../../../../src/redact/detectors/phone.ts';
import { foundPieces } from '../../../support/found-pieces.ts';

function find(text: string): readonly string[] {
  return foundPieces(text, phoneDetector.find(text));
}

describe('phone detector', () => {
  it('finds international numbers by their plus', () => {
    expect(find('to +55 (11) 98765-4321, +14155238886')).toEqual([
      '+55 (11) 98765-4321',
      '+14155238886',
    ]);
  });

  it('leaves numbers behind a complete one alone', () => {
    expect(find('+55 11 98765-4321 2026')).toEqual(['+55 11 98765-4321']);
  });

  it('finds local numbers only behind a key word', () => {
    expect(find('phone: 11 98765-4321 order 11 98765-4321')).toEqual(['11 98765-4321']);
  });

  it.each([
    '1+12345678',
    '++12345678',
    '+0123456789',
    '+1234567',
    'tel 2026-11-23',
    'excel 12345678',
  ])('takes %s for no number', (text) => {
    expect(find(text)).toEqual([]);
  });
});
