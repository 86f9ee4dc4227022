/** What ES2024 declares and Node 20 has. */
interface WellFormedString {
  toWellFormed(): string;
}

/** Replaces lone surrogates by U+FFFD, so that hashing and encoding see the same bytes. */
export function wellFormed(text: string): string {
  // A boundary: our library level is ES2023, the method is in every Node that we support.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return (text as unknown as WellFormedString).toWellFormed();
}
