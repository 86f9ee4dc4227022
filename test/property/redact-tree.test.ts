import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject, JsonValue } from '../../src/record/json.ts';
import { createRedactor } from '../../src/redact/redactor.ts';
import type { RedactOptions } from '../../src/redact/options.ts';
import { formsOf } from '../support/canaries.ts';

const SECRET_NAMES = [
  'password',
  'accessToken',
  'x-api-key',
  'Cookie',
  'client_secret',
  'user.pwd',
];
const PERSONAL_NAMES = ['user.email', 'workEmail', 'cpf', 'cnpj', 'phoneNumber', 'client.address'];

const word = fc.stringMatching(/^[QXZ][A-Za-z0-9 "\\/ç€]{14,20}[QXZ]$/);
const neutral = fc.constantFrom(
  'a',
  'order.id',
  'items',
  'Data',
  'x_1',
  '__proto__',
  'constructor',
);
const harmless = fc.oneof(fc.boolean(), fc.constant(null), fc.integer(), fc.constant('ok'));

function nullObject(entries: readonly (readonly [string, JsonValue])[]): JsonObject {
  const object = Object.create(null) as Record<string, JsonValue>;
  for (const [name, value] of entries) object[name] = value;
  return object;
}

/** Trees in which every text but `ok` stands, at any depth, under a name that gives it away. */
const { tree } = fc.letrec<{ tree: JsonValue; planted: JsonValue }>((tie) => ({
  planted: fc.oneof(
    { maxDepth: 3 },
    word,
    fc.array(word, { maxLength: 3 }),
    fc.array(fc.tuple(neutral, word), { maxLength: 3 }).map(nullObject),
  ),
  tree: fc.oneof(
    { maxDepth: 6, withCrossShrink: true },
    harmless,
    fc.array(tie('tree'), { maxLength: 4 }),
    fc
      .array(
        fc.oneof(
          fc.tuple(neutral, tie('tree')),
          fc.tuple(fc.constantFrom(...SECRET_NAMES, ...PERSONAL_NAMES), tie('planted')),
        ),
        { maxLength: 5 },
      )
      .map(nullObject),
  ),
}));

function wordsOf(value: JsonValue): readonly string[] {
  if (typeof value === 'string') return value === 'ok' ? [] : [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value as JsonObject).flatMap(wordsOf);
}

function deepFrozen<T extends JsonValue>(value: T): T {
  if (typeof value === 'object' && value !== null) {
    Object.values(value as JsonObject).forEach(deepFrozen);
    Object.freeze(value);
  }
  return value;
}

const options: fc.Arbitrary<RedactOptions> = fc.record({
  naming: fc.constantFrom('suffix', 'in-place'),
  detect: fc.constantFrom('text', 'all', 'off'),
  key: fc.constantFrom(undefined, { id: 'k1', secret: 's'.repeat(32) }),
});

describe('redaction of any tree', () => {
  it('leaves nothing of what stands under secret and personal names, in any spelling', () => {
    fc.assert(
      fc.property(tree, options, (value, chosen) => {
        const text = JSON.stringify(createRedactor(chosen).redact(value));
        const left = wordsOf(value)
          .flatMap(formsOf)
          .filter((form) => text.includes(form));
        expect(left).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it('takes frozen trees, changes nothing in them and gives the same result again', () => {
    fc.assert(
      fc.property(tree, options, (value, chosen) => {
        const before = JSON.stringify(value);
        const redactor = createRedactor(chosen);
        const first = JSON.stringify(redactor.redact(deepFrozen(value)));
        expect(JSON.stringify(redactor.redact(value))).toBe(first);
        expect(JSON.stringify(value)).toBe(before);
        expect(redactor.stats().errors).toBe(0);
      }),
    );
  });

  it('does nothing to what it redacted before', () => {
    fc.assert(
      fc.property(tree, options, (value, chosen) => {
        const redactor = createRedactor(chosen);
        const once = redactor.redact(value);
        expect(JSON.stringify(redactor.redact(once))).toBe(JSON.stringify(once));
      }),
    );
  });

  it('is total over any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), options, (text, chosen) => {
        const redactor = createRedactor(chosen);
        expect(typeof redactor.redactText(text)).toBe('string');
        redactor.redact({ [text]: text, stack: text, url: text, 'url.query': text, message: text });
        redactor.redact({ 'db.statement': text });
        expect(redactor.stats().errors).toBe(0);
      }),
    );
  });
});
