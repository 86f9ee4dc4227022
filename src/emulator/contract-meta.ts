import { isWellFormed } from './unicode.ts';

/** The `meta` of an event: strings only, also where the value is a number by nature. */
export type Meta = Readonly<Record<string, string>>;

const TYPES: ReadonlySet<string> = new Set(['success', 'info', 'error', 'warning']);
const MAX_TRAIL_CHARACTERS = 256;
const MAX_ERROR_MESSAGE_CHARACTERS = 500;

/** Rules for single keys: a value that is present must pass; the text says what it must be. */
const RULES: readonly (readonly [key: string, passes: (value: string) => boolean, must: string])[] =
  [
    ['type', (value) => TYPES.has(value), 'be success, info, error or warning'],
    ['event_name', (value) => value.trim() !== '', 'not be empty'],
    ['service', (value) => value.trim() !== '', 'not be empty'],
    ['http_status', (value) => /^[0-9]+$/.test(value), 'be digits'],
    ['immutable_trail', (value) => value !== '', 'not be empty'],
    ['immutable_trail', (value) => value.trim() === value, 'have no space around it'],
    ['immutable_trail', (value) => !value.includes(':'), 'have no colon'],
    [
      'immutable_trail',
      (value) => hasAtMost(value, MAX_TRAIL_CHARACTERS),
      `have at most ${MAX_TRAIL_CHARACTERS} characters`,
    ],
    [
      'error_message',
      (value) => hasAtMost(value, MAX_ERROR_MESSAGE_CHARACTERS),
      `have at most ${MAX_ERROR_MESSAGE_CHARACTERS} characters`,
    ],
  ];

const REQUIRED = ['type', 'event_name', 'service'] as const;

/** Whether a parsed value can be a `meta` at all: an object whose every value is a string. */
export function isMeta(value: unknown): value is Meta {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every((item) => typeof item === 'string')
  );
}

/** What is wrong with a `meta`, in words without its values; `undefined` when it is right. */
export function findMetaFault(meta: Meta): string | undefined {
  const entries = Object.entries(meta);
  if (!entries.every(([key, value]) => isWellFormed(key) && isWellFormed(value))) {
    return 'meta has a lone surrogate';
  }
  const missing = REQUIRED.find((key) => !Object.hasOwn(meta, key));
  if (missing !== undefined) return `meta.${missing} is missing`;
  const broken = RULES.find(([key, passes]) => {
    const value = Object.hasOwn(meta, key) ? meta[key] : undefined;
    return value !== undefined && !passes(value);
  });
  return broken === undefined ? undefined : `meta.${broken[0]} must ${broken[2]}`;
}

/** Counts code points, as a person counts characters; most texts are decided by their length. */
function hasAtMost(text: string, characters: number): boolean {
  return text.length <= characters || Array.from(text).length <= characters;
}
