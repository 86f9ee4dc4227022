const STRICT_UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Decodes UTF-8; `undefined` when the bytes are not valid UTF-8. A byte order mark is kept. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return STRICT_UTF8.decode(bytes);
  } catch {
    return undefined;
  }
}

/** Whether a text has no lone surrogate, so that it has exactly one encoding in UTF-8. */
export function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}

/**
 * Whether no string inside a JSON text has a lone surrogate, written out or as a `\uXXXX` escape.
 *
 * Source: RFC 7493 section 2.1, on which the canonical form of RFC 8785 stands.
 */
export function isWellFormedJson(text: string): boolean {
  if (!isWellFormed(text)) return false;
  if (!/\\u[dD]/.test(text)) return true;
  // Every escape is consumed whole, so that `\\ud800` (a backslash, then letters) is not one.
  const unescaped = text.replace(/\\(?:u([0-9a-fA-F]{4})|.)/g, (_escape, hex?: string) =>
    hex === undefined ? ' ' : String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return isWellFormed(unescaped);
}
