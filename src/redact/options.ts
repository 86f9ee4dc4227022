import type { DataClass } from './detectors/detector.ts';

/** What a rule does with the values under the names it matches. */
export type RedactAction = 'hash' | 'mask' | 'drop' | 'truncate' | 'keep';

/** One rule of {@link RedactOptions.rules}. */
export interface RedactRule {
  /**
   * Which attribute the rule is about, without regard to case. Flat `user.email` and nested
   * `user → email` are the same name; an array adds no segment of its own.
   *
   * - `'user.email'`: this path, and all that is nested below it.
   * - `'email'`: a pattern without a dot is a name; it matches at every depth.
   * - `'user.*'`, `'*_email'`: `*` stands for any text inside one segment.
   * - `'http.**'`: `**` stands for any number of segments.
   * - a regular expression is tested against the dotted path.
   */
  readonly match: string | RegExp;
  /**
   * - `hash`: a digest in place of the value.
   * - `mask`: a marker such as `[email]`; the value is gone.
   * - `drop`: neither name nor value stay.
   * - `truncate`: e-mail → domain, IPv4 → /24, IPv6 → /48; anything else is masked.
   * - `keep`: the value travels as it is and is not scanned (in `mode: 'allow'` it is scanned).
   */
  readonly action: RedactAction;
  /** What the value is; decides its canonical form under a key, and the marker of `mask`. */
  readonly class?: DataClass | undefined;
}

/** A secret for keyed digests. */
export interface RedactKey {
  /** Name of the key, part of every digest made with it: 1 to 32 of `A-Z a-z 0-9 _ -`. */
  readonly id: string;
  /** At least 32 bytes; of a string its UTF-8 bytes count. */
  readonly secret: string | Uint8Array;
}

/** How personal data and secrets are taken out of an event before it leaves the process. */
export interface RedactOptions {
  /** Own rules, tried before the built-in ones; the first that matches decides. */
  readonly rules?: readonly RedactRule[] | undefined;
  /**
   * Where values are searched for personal data: `'text'` looks for secrets and e-mail addresses
   * in every string and for everything in free text (bodies, messages, URLs); `'all'` looks for
   * everything in every string; `'off'` leaves rules only.
   *
   * @defaultValue `'text'`
   */
  readonly detect?: 'text' | 'all' | 'off' | undefined;
  /**
   * `'allow'`: only attributes under a rule of `rules` whose action is not `drop` travel, whether
   * in attributes, resource, scope attributes, a structured log body or a direct payload; the
   * built-in rules for secrets hold nevertheless, those for personal data hold unless a rule names
   * the attribute without a wildcard, and values are still searched.
   *
   * @defaultValue `'deny'`
   */
  readonly mode?: 'deny' | 'allow' | undefined;
  /**
   * Where a digest is put: `'suffix'` renames `user.email` to `user.email_hash` and stores bare
   * hex; `'in-place'` keeps the name and stores `sha256:<hex>`. A digest made with a key always
   * names itself.
   *
   * @defaultValue `'suffix'`
   */
  readonly naming?: 'suffix' | 'in-place' | undefined;
  /** Turns every digest into HMAC-SHA-256. Of several keys the first is used. */
  readonly key?: RedactKey | readonly RedactKey[] | undefined;
  /**
   * Refuses to start without a key.
   *
   * @defaultValue `false`
   */
  readonly strict?: boolean | undefined;
  /**
   * What stays of a stack trace: all of it, its frames without the message, or nothing.
   *
   * @defaultValue `'full'`
   */
  readonly stack?: 'full' | 'frames' | 'none' | undefined;
  /**
   * Names of URL query parameters whose values may stay; the values are still searched. An own list
   * takes the place of the built-in one, so `[]` lets no value stay.
   *
   * @defaultValue names that say how a list is shown: `page`, `limit`, `sort`, `lang` and others
   */
  readonly urlQueryAllow?: readonly string[] | undefined;
}
