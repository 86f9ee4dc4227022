import { describe, expect, it } from 'vitest';
import { cutJson, cutUtf8, utf8Length } from '../../../src/wire/bytes.ts';

describe('utf8Length', () => {
  it.each([
    ['', 0],
    ['abc', 3],
    ['é', 2],
    ['€', 3],
    ['😀', 4],
  ])('of %j is %d', (text, bytes) => {
    expect(utf8Length(text)).toBe(bytes);
  });
});

describe('cutUtf8', () => {
  it.each([
    ['abc', 3, 'abc'],
    ['abc', 2, 'ab'],
    ['aé', 2, 'a'],
    ['a€b', 4, 'a€'],
    ['a😀b', 4, 'a'],
    ['a😀b', 5, 'a😀'],
    ['a', 0, ''],
    ['a', -1, ''],
  ])('cuts %j at %d to %j', (text, maxBytes, cut) => {
    expect(cutUtf8(text, maxBytes)).toBe(cut);
  });
});

describe('cutJson', () => {
  it.each([
    '"',
    '\\',
    '\b',
    '\t',
    '\n',
    '\u000b',
    '\f',
    '\r',
    '\u0000',
    '\u0007',
    '\u000e',
    '\u001f',
    ' ',
    'é',
    '€',
    '😀',
  ])('counts %j as JSON writes it', (character) => {
    const width = utf8Length(JSON.stringify(character)) - 2;
    expect(cutJson(character, width)).toBe(character);
    expect(cutJson(character, width - 1)).toBe('');
  });
});
