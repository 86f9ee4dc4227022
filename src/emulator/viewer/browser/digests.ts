/// <reference lib="dom" />

/** SHA-256 of the UTF-8 bytes of a text, as 64 lower-case hex digits, by WebCrypto. */
export async function sha256Hex(text: string, subtle: SubtleCrypto): Promise<string> {
  const digest = await subtle.digest('SHA-256', new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** What of a digest stands in text; the whole one in an attribute begins with it. */
const HEX_DIGITS = 32;

/**
 * What may stand in an event in place of a text, where no key is used: the beginnings of the digests
 * of its bytes as written and of its likely other spellings.
 *
 * @param subtle - `undefined` where the page is no secure context: under other names than those of
 * this machine
 */
export async function digestsOf(
  text: string,
  subtle: SubtleCrypto | undefined,
): Promise<readonly string[]> {
  const trimmed = text.trim();
  if (trimmed === '' || subtle === undefined) return [];
  const spellings = new Set([text, trimmed, trimmed.normalize('NFC').toLowerCase()]);
  const digests = Array.from(spellings, (spelling) => sha256Hex(spelling, subtle));
  return (await Promise.all(digests)).map((hex) => hex.slice(0, HEX_DIGITS));
}
