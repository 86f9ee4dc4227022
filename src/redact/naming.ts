import type { JsonObject, JsonValue } from '../record/json.ts';
import { isJsonArray } from './json-shape.ts';
import { wordsOf } from './name-path.ts';
import type { DigestPlace } from './whole-value.ts';

/** The name under which a digest is stored, and the form it has there. */
export interface DigestName extends DigestPlace {
  /** Whether the name becomes that of a digest, such as `user.email_hash`. */
  readonly renamed: boolean;
}

/** The name of a digest that takes the place of a value. */
export function digestName(name: string): string {
  return `${name}_hash`;
}

/** Whether a name says that its value is a digest. */
export function isDigestName(key: string): boolean {
  const words = wordsOf(key);
  return words.endsWith('_hash') || words.endsWith('_sha256') || words.endsWith('_digest');
}

const IN_PLACE: DigestName = { renamed: false, prefix: 'sha256:', holdsDigests: false };
const SUFFIXED: DigestName = { renamed: true, prefix: '', holdsDigests: false };
const DIGEST_IN_PLACE: DigestName = { ...IN_PLACE, holdsDigests: true };
const DIGEST_BARE: DigestName = { ...SUFFIXED, renamed: false, holdsDigests: true };

/** An array that holds objects or arrays keeps its name: the digests in it name themselves. */
function isFlat(value: JsonValue | undefined): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return isJsonArray(value) && value.every((item) => typeof item !== 'object' || item === null);
}

/** An attribute whose value becomes a digest. */
export interface DigestedName {
  readonly key: string;
  /** The name of the digest, {@link digestName} of `key`; kept, because it is asked for often. */
  readonly hashed: string;
  /** Whether bare hex under `key` is a digest. */
  readonly holdsDigests: boolean;
}

/** Chooses where digests go, by the `naming` option. */
export type ChooseName = (source: JsonObject, name: DigestedName) => DigestName;

/**
 * Where the digest of the value under a key goes: `user.email` → `user.email_hash`. When that name
 * is taken the digest stays in place and names itself, so that nothing is overwritten.
 */
export function createNaming(naming: 'suffix' | 'in-place'): ChooseName {
  if (naming === 'in-place') {
    return (_source, { holdsDigests }) => (holdsDigests ? DIGEST_IN_PLACE : IN_PLACE);
  }
  return (source, { key, hashed, holdsDigests }) => {
    const flat = isFlat(source[key]);
    if (holdsDigests) return flat ? DIGEST_BARE : DIGEST_IN_PLACE;
    return flat && !Object.hasOwn(source, hashed) ? SUFFIXED : IN_PLACE;
  };
}

/** Where an entry is put: its key before, the object it is from and the one it goes into. */
export interface NewEntry {
  readonly key: string;
  readonly source: JsonObject;
  readonly out: JsonObject;
}

/** The name, or the first of `name#2`, `name#3` … that no other entry has. */
export function freeName(name: string, { key, source, out }: NewEntry): string {
  if (name === key) return name;
  const taken = (candidate: string): boolean =>
    Object.hasOwn(source, candidate) || Object.hasOwn(out, candidate);
  if (!taken(name)) return name;
  let count = 2;
  while (taken(`${name}#${count}`)) count += 1;
  return `${name}#${count}`;
}
