import type { RedactionCounters } from './accounting.ts';
import type { DataClass } from './detectors/detector.ts';
import { decodePercent } from './detectors/percent.ts';
import type { Digester } from './digest.ts';
import { DATA_CLASSES } from './resolve-rule.ts';

/** Makes what stands in place of something found. */
export type Mark = (value: string, dataClass: DataClass) => string;

/** What stands in place of a masked value. */
export function maskOf(dataClass: DataClass): string {
  return dataClass === 'text' ? '[masked]' : `[${dataClass}]`;
}

const MASKS: ReadonlySet<string> = new Set(DATA_CLASSES.map(maskOf));

/** Whether a text is nothing but a mask that was put there before. */
export function isMask(text: string): boolean {
  return MASKS.has(text);
}

/** What stands in place of a value whose rule or detector failed. */
export const ERROR_MARKER = '[REDACTION_ERROR]';

/** Classes of which not even a digest may be stored: whoever guesses a credential could check it. */
const NEVER_HASHED: ReadonlySet<DataClass> = new Set<DataClass>([
  'bearer',
  'jwt',
  'key',
  'secret',
  'text',
]);

/**
 * Builds what stands in a text in place of something found in it: `[email sha256:…]`. Secrets are
 * always masked. Without a key so is all but e-mail: the digest of a CPF, a telephone number or an
 * address falls to trying them all.
 */
export function createMark(digester: Digester, counters: RedactionCounters): Mark {
  return (value, dataClass) => {
    const hashed = !NEVER_HASHED.has(dataClass) && (digester.keyed || dataClass === 'email');
    counters.count(hashed ? 'hash' : 'mask', dataClass);
    if (!hashed) return maskOf(dataClass);
    const clear = value.includes('%') ? decodePercent(value).text : value;
    return `[${dataClass} ${digester.inText(clear, dataClass)}]`;
  };
}
