/** What ES2024 declares and Node 20 has. */
interface WellFormedString {
  toWellFormed(): string;
}

const WHITE_SPACE_WITHIN = 64;

/** Replaces lone surrogates by U+FFFD, so that hashing and encoding see the same bytes. */
export function wellFormed(text: string): string {
  // A boundary: our library level is ES2023, the method is in every Node that we support.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return (text as unknown as WellFormedString).toWellFormed();
}

/**
 * Cuts a text to a number of UTF-16 units without splitting a character.
 *
 * A cut may fall into an address or a number that the redactor would have recognised as a
 * whole; so it moves back to white space where there is some close by.
 */
export function cutText(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  for (let end = maxLength; end > 0 && end > maxLength - WHITE_SPACE_WITHIN; end -= 1) {
    const unit = text.charCodeAt(end);
    if (unit === 0x20 || (unit >= 0x09 && unit <= 0x0d)) return text.slice(0, end);
  }
  const last = text.charCodeAt(maxLength - 1);
  const splits = last >= 0xd800 && last <= 0xdbff;
  return text.slice(0, splits ? maxLength - 1 : maxLength);
}
