import { canonicalForm } from './canonical.ts';
import type { DataClass } from './detectors/detector.ts';
import { createDigester } from './digest.ts';
import type { RedactKey } from './options.ts';
import { requireChoice } from './require-option.ts';
import { resolveKey } from './resolve-key.ts';
import { DATA_CLASSES } from './resolve-rule.ts';

/** What is known about a value whose digest is asked for. */
export interface DigestOptions {
  /** Class of the value; with it the canonical form is hashed. */
  readonly class?: DataClass;
  /** The key under which events were sent. */
  readonly key?: RedactKey;
}

/**
 * What is stored for a value, so that an auditor can search the ledger for a person.
 *
 * - Without a key and class: 64 hex digits over the exact UTF-8 bytes, as rules for attributes
 *   store it (`printf %s "$value" | sha256sum`).
 * - Without a key but with a class: 64 hex digits over the canonical form; the first 32 are what
 *   stands in text, as in `[email sha256:…]`.
 * - With a key: `hmac-sha256:<key id>:<64 hex>` over the canonical form of the class.
 *
 * @throws ExporterError `config_invalid` for a bad key or an unknown class.
 */
export function digest(value: string, options: DigestOptions = {}): string {
  const dataClass =
    options.class === undefined ? 'text' : requireChoice('class', options.class, DATA_CLASSES);
  const key = options.key === undefined ? undefined : resolveKey(options.key);
  return createDigester(key).ofValue(canonicalForm(value, dataClass), dataClass);
}
