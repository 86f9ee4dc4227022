import type { DataClass } from '../redact/detectors/detector.ts';
import type { DigestView } from './digest-line.ts';
import { parseOptions } from './parse-options.ts';
import { splitWords } from './split-words.ts';

/** The classes whose digests a person may ask for; the other classes are never hashed. */
export const DIGEST_CLASSES: readonly DataClass[] = [
  'email',
  'ip',
  'cpf',
  'cnpj',
  'card',
  'phone',
  'text',
];

/** What a command line of `digest` asks for; the key is in the environment. */
export interface DigestQuestion {
  readonly view: Omit<DigestView, 'key'>;
  readonly hasClass: boolean;
  /** The id the key must have. */
  readonly keyId: string | undefined;
  /** `undefined`: the lines of standard input. */
  readonly values: readonly string[] | undefined;
}

/** The question, or the mistake in one sentence without any value. */
export type ReadQuestion =
  | { readonly ok: true; readonly question: DigestQuestion }
  | { readonly ok: false; readonly mistake: string };

const OPTIONS = {
  class: { type: 'string' },
  'key-id': { type: 'string' },
  'in-place': { type: 'boolean' },
  text: { type: 'boolean' },
} as const;

interface Wishes {
  readonly text: boolean;
  readonly inPlace: boolean;
  readonly words: readonly string[];
  /** Whether free text is searched for the class. */
  readonly isFound: boolean;
}

function findConflict({ text, inPlace, words, isFound }: Wishes): string | undefined {
  if (text && inPlace) return 'Give --text or --in-place, not both.';
  if (text && !isFound) return 'With --text give a --class other than text.';
  if (words.includes('-') && words.length > 1) {
    return 'Give values, or - for standard input, not both.';
  }
  return undefined;
}

function columnsOf({ text, isFound }: Wishes): DigestView['columns'] {
  if (text) return ['text'];
  return isFound ? ['attribute', 'text'] : ['attribute'];
}

/** Reads the arguments of `digest`. */
export function readDigestQuestion(args: readonly string[]): ReadQuestion {
  const { options, words } = splitWords(args, OPTIONS);
  const parsed = parseOptions(options, OPTIONS);
  if (!parsed.ok) return parsed;
  const { class: name, text = false, 'in-place': inPlace = false } = parsed.values;
  const dataClass = DIGEST_CLASSES.find((known) => known === name);
  if (name !== undefined && dataClass === undefined) {
    return { ok: false, mistake: `The class must be one of ${DIGEST_CLASSES.join(', ')}.` };
  }
  const isFound = dataClass !== undefined && dataClass !== 'text';
  const wishes: Wishes = { text, inPlace, words, isFound };
  const mistake = findConflict(wishes);
  if (mistake !== undefined) return { ok: false, mistake };
  const question: DigestQuestion = {
    view: {
      dataClass: dataClass ?? 'text',
      columns: columnsOf(wishes),
      naming: inPlace ? 'in-place' : 'suffix',
    },
    hasClass: dataClass !== undefined,
    keyId: parsed.values['key-id'],
    values: words.length === 0 || words[0] === '-' ? undefined : words,
  };
  return { ok: true, question };
}
