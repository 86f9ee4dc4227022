import type { ResolvedRedaction } from './resolve.ts';

const WARNING =
  'redact.key is not set: digests are plain SHA-256. Whoever can read the ledger can find the CPF, ' +
  'telephone number or IP address behind such a digest by trying all of them, in minutes, and the ' +
  'ledger never deletes it. Set redact.key (IMTBL_REDACT_KEY=<id>:<base64 of 32 bytes>). Until ' +
  'then such values are masked, not hashed, where they are found in text.';

/** The warning that a configuration without a key deserves, once; `undefined` with a key. */
export function keylessWarning(resolved: ResolvedRedaction): string | undefined {
  return resolved.keys.length === 0 ? WARNING : undefined;
}
