import { describe, expect, it } from 'vitest';
import { detect } from '../../src/redact/detectors/detect.ts';
import type { DataClass } from '../../src/redact/detectors/detector.ts';
import { readMarked, writeMarked } from '../support/marked-text.ts';
import { notAddresses, notNetworkAddresses, notPeople } from '../support/ordinary-text-corpus.ts';
import { notCredentials } from '../support/ordinary-text-corpus-secrets.ts';
import { generatedIdentifiers } from '../support/generated-identifiers.ts';
import { encodedTexts } from '../support/personal-data-corpus-encoded.ts';
import { cnpjTexts, cpfTexts } from '../support/personal-data-corpus-numbers.ts';
import {
  cardTexts,
  emailTexts,
  ipTexts,
  phoneTexts,
} from '../support/personal-data-corpus-people.ts';
import {
  bearerTexts,
  jwtTexts,
  keyTexts,
  secretTexts,
} from '../support/personal-data-corpus-secrets.ts';

/** Classes whose texts hold a detector of a higher rank would be marked as such. */
const POSITIVES: readonly (readonly [DataClass, readonly string[]])[] = [
  ['email', emailTexts],
  ['ip', ipTexts],
  ['cpf', cpfTexts],
  ['cnpj', cnpjTexts],
  ['card', cardTexts],
  ['phone', phoneTexts],
  ['jwt', jwtTexts],
  ['bearer', bearerTexts],
  ['key', keyTexts],
  ['secret', secretTexts],
];

const NEGATIVES: readonly (readonly [string, readonly string[]])[] = [
  ['not addresses', notAddresses],
  ['not network', notNetworkAddresses],
  ['not people', notPeople],
  ['not credentials', notCredentials],
  ['identifiers', generatedIdentifiers],
];

function print(name: string, count: number, wrong: number): void {
  process.stdout.write(
    `${name.padEnd(16)} ${String(count).padStart(5)} ${String(wrong).padStart(5)}\n`,
  );
}

describe('detect on the corpus', () => {
  it.each(POSITIVES)('finds every %s exactly where it is', (kind, texts) => {
    const missed = texts.filter((marked) => {
      const { text, spans } = readMarked(marked);
      const found = detect(text, 'text').filter((detection) => detection.class === kind);
      return writeMarked(text, found) !== marked || spans.length === 0;
    });
    print(kind, texts.length, missed.length);
    expect(missed).toEqual([]);
  });

  it.each(encodedTexts)('finds an encoded %s in %s', (kind, marked) => {
    const { text } = readMarked(marked);
    const found = detect(text, 'text');
    expect(writeMarked(text, found)).toBe(marked);
    expect(found.map((detection) => detection.class)).toEqual([kind]);
  });

  it('finds at most one thing in a hundred ordinary texts', () => {
    const wrong = NEGATIVES.flatMap(([name, texts]) => {
      const found = texts.filter((text) => detect(text, 'text').length > 0);
      print(name, texts.length, found.length);
      return found;
    });
    const count = NEGATIVES.reduce((total, [, texts]) => total + texts.length, 0);
    expect(count).toBeGreaterThanOrEqual(300);
    const tolerated = Math.floor(count / 100);
    expect(wrong.slice(tolerated)).toEqual([]);
  });

  it('holds at least three hundred positives', () => {
    const count = POSITIVES.reduce((total, [, texts]) => total + texts.length, 0);
    expect(count).toBeGreaterThanOrEqual(300);
  });
});
