import { describe, expect, it } from 'vitest';
import { cutMarker, MAX_SCANNED, safeCut } from '../../../src/redact/text.ts';
import { createRedactor } from '../../../src/redact/redactor.ts';

const LOOK_BACK = 4096;

describe('the place of a cut', () => {
  it('is the last white space that is not after the limit', () => {
    expect(safeCut('one two three', 9)).toBe(7);
    expect(safeCut('one two three', 7)).toBe(7);
    expect(safeCut('one\ntwo\tthree', 6)).toBe(3);
  });

  it('is the start of a short text without white space, so that no half of a word stays', () => {
    expect(safeCut('x'.repeat(10), 5)).toBe(0);
    expect(safeCut(` ${'x'.repeat(10)}`, 5)).toBe(0);
  });

  it('is sought no further back than 4096 characters', () => {
    const limit = 10_000;
    const withSpaceAt = (at: number): string => `${'x'.repeat(at)} ${'x'.repeat(limit)}`;
    expect(safeCut(withSpaceAt(limit - LOOK_BACK + 1), limit)).toBe(limit - LOOK_BACK + 1);
    expect(safeCut(withSpaceAt(limit - LOOK_BACK - 1), limit)).toBe(limit - LOOK_BACK);
    expect(safeCut(withSpaceAt(1), limit)).toBe(limit - LOOK_BACK);
  });
});

describe('a text that is too long to be searched', () => {
  it('says how many of its characters were not kept', () => {
    expect(cutMarker(7)).toBe('[+7 characters not kept]');
    const redactor = createRedactor();
    const kept = 'x'.repeat(MAX_SCANNED - 4);
    expect(redactor.redactText(`${kept} ${'y'.repeat(99)}`)).toBe(
      `${kept}[+100 characters not kept]`,
    );
    expect(redactor.stats().cut).toBe(1);
  });

  it('is one of more than 65,536 characters; one of just as many is kept whole', () => {
    const redactor = createRedactor();
    const whole = `a ${'x'.repeat(MAX_SCANNED - 2)}`;
    expect(redactor.redactText(whole)).toBe(whole);
    expect(redactor.stats().cut).toBe(0);
    expect(redactor.redactText(`${whole}y`)).toMatch(/x\[\+4097 characters not kept\]$/);
    expect(redactor.stats().cut).toBe(1);
  });

  it('is searched in what is kept of it', () => {
    const text = `cpf 123.456.789-09 ${'word '.repeat(14_000)}`;
    expect(createRedactor().redactText(text)).toMatch(/^cpf \[cpf\] word /);
  });

  it.each([
    'marialongname@example.com',
    '123.456.789-09',
    '4111111111111111',
    'AKIAIOSFODNN7EXAMPLE',
  ])('keeps no part of what lies across the cut between two words: %s', (value) => {
    for (let inside = 1; inside < value.length; inside += 1) {
      const head = `${'x'.repeat(MAX_SCANNED - inside - 1)} `;
      const result = createRedactor().redactText(`${head}${value} and more`);
      expect(result).toBe(`${head.trimEnd()}${cutMarker(value.length + ' and more'.length + 1)}`);
    }
  });

  it.each([
    ['"maria.silva@example.com"', 'maria'],
    ['"123.456.789-09"', '123.456'],
    ['"4111111111111111"', '41111'],
    ['4111 1111 1111 1111', '4111'],
    ['+55 11 91234-5678', '+55'],
    ['"AKIAIOSFODNN7EXAMPLE"', 'AKIA'],
    ['"https://maria:hunter22@shop.example/x"', 'maria'],
  ])('keeps no head of %s that lies across the cut, white space or not', (value, head) => {
    const filler = value.includes(' ') ? 'word, ' : '{"k":1},';
    for (const limit of [MAX_SCANNED, MAX_SCANNED - LOOK_BACK]) {
      for (let inside = 1; inside < value.length; inside += 1) {
        const before = `${filler.repeat(20_000).slice(0, limit - inside - 1)} `;
        const result = createRedactor().redactText(`${before}${value} ${filler.repeat(2_000)}`);
        expect(result.slice(-100)).not.toContain(head);
      }
    }
  });

  it('is not cut inside a code point', () => {
    const result = createRedactor().redactText(`x${'😀'.repeat(40_000)}`);
    expect(Buffer.from(result, 'utf8').toString('utf8')).toBe(result);
  });
});
