import { canonicalForm } from './canonical.ts';
import type { DataClass } from './detectors/detector.ts';
import { createDigester } from './digest.ts';
import type { RedactKey } from './options.ts';
import { requireChoice } from './require-option.ts';
import { resolveKey } from './resolve-key.ts';
import { DATA_CLASSES } from './resolve-rule.ts';

/** How the digest of a value is made. */
export interface DigestOptions {
  /** The key under which events were sent. */
  readonly key?: RedactKey | undefined;
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
 * @param value - as a person would give it
 * @param dataClass - what it is; its canonical form is hashed
 * @param options - the key, if there is one
 * @throws {@link ExporterError} `config_invalid` for a bad key or an unknown class
 *
 * @example
 * ```ts
 * digest('user@example.com', 'email'); // 64 hex digits
 * ```
 */
export function digest(
  value: string,
  dataClass: DataClass = 'text',
  options: DigestOptions = {},
): string {
  requireChoice('class', dataClass, DATA_CLASSES);
  const key = options.key === undefined ? undefined : resolveKey(options.key);
  return createDigester(key).ofValue(canonicalForm(value, dataClass), dataClass);
}
