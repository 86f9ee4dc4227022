import type { JsonValue } from '../record/json.ts';
import type { RedactionCounters } from './accounting.ts';
import { canonicalNumber } from './canonical.ts';
import type { DataClass } from './detectors/detector.ts';
import type { Digester } from './digest.ts';
import { ERROR_MARKER, isMask, maskOf } from './marker.ts';
import type { Decision } from './rules.ts';
import { truncated } from './truncate.ts';

/** A value without anything inside it. */
export type Leaf = string | number | boolean | null;

/** Where a digest will stand: it names itself there, or its attribute's name says what it is. */
export interface DigestPlace {
  /** `''` under a name like `user.email_hash`, else `sha256:`; unused with a key. */
  readonly prefix: string;
  /** Whether bare hex under this name is a digest that somebody made before. */
  readonly holdsDigests: boolean;
}

/** Applies the decision of a rule to a leaf; `undefined` when it does not travel. */
export type WholeValue = (
  leaf: Leaf,
  decision: Decision,
  place: DigestPlace,
) => JsonValue | undefined;

const BARE = /^[0-9a-f]{64}$/;
const SELF_DESCRIBING = /^(?:sha256:|hmac-sha256:[A-Za-z0-9_-]{1,32}:)[0-9a-f]{64}$/;
const LONGEST_DIGEST = 128;

function isDigest(text: string, { holdsDigests }: DigestPlace): boolean {
  if (text.length < 64 || text.length > LONGEST_DIGEST) return false;
  return SELF_DESCRIBING.test(text) || (holdsDigests && BARE.test(text));
}

/** Built-in rules go by names, and `email_verified: true` is no e-mail address. */
function isExempt(leaf: Leaf, { own, stringsOnly }: Decision): boolean {
  if (leaf === null) return true;
  return !own && (typeof leaf === 'boolean' || (stringsOnly && typeof leaf === 'number'));
}

function textOf(leaf: Leaf, dataClass: DataClass): string {
  return typeof leaf === 'number' ? canonicalNumber(leaf, dataClass) : String(leaf);
}

/** Builds the function that applies rules to whole values. */
export function createWholeValue(digester: Digester, counters: RedactionCounters): WholeValue {
  return (leaf, decision, place) => {
    const { action, class: dataClass } = decision;
    if (action === 'drop') {
      counters.count('drop', dataClass);
      return undefined;
    }
    if (action === 'error') {
      counters.error();
      return ERROR_MARKER;
    }
    if (action === 'keep' || action === 'scan' || isExempt(leaf, decision)) return leaf;
    const text = textOf(leaf, dataClass);
    // Data that was redacted before stays as it is, so that redacting it again changes nothing.
    if (action === 'hash' && (isMask(text) || isDigest(text, place))) return leaf;
    counters.count(action, dataClass);
    if (action === 'mask') return maskOf(dataClass);
    if (action === 'truncate') return truncated(text, dataClass);
    const digest = digester.ofValue(text, dataClass);
    return digester.keyed ? digest : place.prefix + digest;
  };
}
