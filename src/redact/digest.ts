import { createHmac, createSecretKey, hash, type KeyObject } from 'node:crypto';

import { canonicalForm } from './canonical.ts';
import type { DataClass } from './detectors/detector.ts';

/** A key for digests. The secret is a `KeyObject`: it shows in no log and costs no copy per use. */
export interface DigestKey {
  readonly id: string;
  readonly secret: KeyObject;
}

/** Hex digits of a digest inside text: 128 bits, the least that is safe against collisions. */
const TEXT_HEX_DIGITS = 32;

/** Takes secret bytes into a {@link DigestKey}. The caller has checked id and length. */
export function importDigestKey(id: string, secret: Uint8Array): DigestKey {
  return { id, secret: createSecretKey(secret) };
}

/**
 * SHA-256 of the UTF-8 bytes of a text, as 64 lower-case hex digits. A lone surrogate counts as
 * U+FFFD, as in every encoding to UTF-8, so digest and encoded text agree.
 */
export function sha256Hex(text: string): string {
  return hash('sha256', text, 'hex');
}

// The class goes into what is hashed, so that one number as CPF and as phone has two digests.
function hmacHex(text: string, dataClass: DataClass, key: DigestKey): string {
  const canonical = canonicalForm(text, dataClass);
  return createHmac('sha256', key.secret).update(`${dataClass}\0${canonical}`).digest('hex');
}

/** Makes the digests of one configuration. */
export interface Digester {
  /** Whether digests are made with a key; without one, short values can be found by trying all. */
  readonly keyed: boolean;
  /**
   * Digest of a whole value: with a key `hmac-sha256:<key id>:<64 hex>` over the canonical form,
   * else 64 hex digits over the exact UTF-8 bytes.
   */
  ofValue(text: string, dataClass: DataClass): string;
  /** Digest of a piece of text, over its canonical form, naming itself; 32 hex digits. */
  inText(text: string, dataClass: DataClass): string;
}

const PLAIN: Digester = {
  keyed: false,
  ofValue: sha256Hex,
  inText: (text, dataClass) =>
    `sha256:${sha256Hex(canonicalForm(text, dataClass)).slice(0, TEXT_HEX_DIGITS)}`,
};

/** A {@link Digester} with the given key; without one, of plain SHA-256. */
export function createDigester(key: DigestKey | undefined): Digester {
  if (key === undefined) return PLAIN;
  const label = `hmac-sha256:${key.id}:`;
  return {
    keyed: true,
    ofValue: (text, dataClass) => label + hmacHex(text, dataClass, key),
    inText: (text, dataClass) => label + hmacHex(text, dataClass, key).slice(0, TEXT_HEX_DIGITS),
  };
}
