import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { detect, isPlain, mayDetect } from '../../src/redact/detectors/detect.ts';
import { redactUrls } from '../../src/redact/detectors/url.ts';
import { adversarialUnits } from '../support/adversarial-text.ts';
import { readMarked } from '../support/marked-text.ts';
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

const TEXTS: readonly string[] = [
  ...[cnpjTexts, cpfTexts, cardTexts, emailTexts, ipTexts, phoneTexts].flat(),
  ...[bearerTexts, jwtTexts, keyTexts, secretTexts].flat(),
].map((marked) => readMarked(marked).text);

const OPTIONS = { allow: new Set<string>(), replace: () => '[x]' };

const scope = fc.constantFrom('every' as const, 'text' as const);
/** Words and signs around and between things that detectors find. */
const anyText = fc
  .array(
    fc.oneof(
      fc.constantFrom(...TEXTS),
      fc.constantFrom(...adversarialUnits, 'order ', 'https://h/', 'at run (a.js:1:2)'),
      fc.string({ maxLength: 6 }),
    ),
    { maxLength: 8 },
  )
  .map((pieces) => pieces.join(''));

describe('the quick look at a text', () => {
  it('lets every text of the corpus through, also inside a longer one', () => {
    const padding = 'and so on '.repeat(20);
    const missed = TEXTS.filter(
      (text) => !mayDetect(text, 'text') || !mayDetect(padding + text + padding, 'text'),
    );
    expect(missed).toEqual([]);
  });

  it('turns no text away that has something in any part of it', () => {
    fc.assert(
      fc.property(anyText, scope, fc.nat(), (text, where, seed) => {
        const from = seed % (text.length + 1);
        const part = text.slice(from, from + 1 + (seed % 97));
        const hidden = part.includes('%') ? [] : detect(part, where);
        const isMissed = hidden.length > 0 && !mayDetect(text, where);
        expect({ text, part, isMissed }).toEqual({ text, part, isMissed: false });
      }),
      { numRuns: 1000 },
    );
  });

  it('calls no text plain in which something is redacted', () => {
    fc.assert(
      fc.property(anyText, scope, (text, where) => {
        const isKept = detect(text, where).length === 0 && redactUrls(text, OPTIONS) === text;
        expect({ text, ok: isKept || !isPlain(text, where) }).toEqual({ text, ok: true });
      }),
      { numRuns: 1000 },
    );
  });
});
