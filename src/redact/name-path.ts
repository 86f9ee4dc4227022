/** A dotted path of attribute names, cut into segments, in the two spellings rules compare with. */
export interface NamePath {
  /** The segments in lower case: `accesstoken`, `x-api-key`. */
  readonly lower: readonly string[];
  /** The segments as words: `access_token`, `x_api_key`. */
  readonly words: readonly string[];
}

/** `accessToken`, `access-token` and `Access Token` are all `access_token`. */
export function wordsOf(segment: string): string {
  return segment
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1_$2')
    .replace(/[-\s]/g, '_')
    .toLowerCase();
}

/** Cuts a dotted path into its segments. */
export function namePath(path: string): NamePath {
  const segments = path.split('.');
  return {
    lower: segments.map((segment) => segment.toLowerCase()),
    words: segments.map(wordsOf),
  };
}
