/** Names of attributes are few; a program that makes them up without end costs time, not memory. */
const MAX_ENTRIES = 4096;
const MAX_KEY_LENGTH = 256;

/** Remembers the answers of a function of one string, for as many strings as a program has names. */
export function remember<T>(
  answer: (text: string) => T,
  mayKeep: (text: string, result: T) => boolean,
): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) return found;
    const result = answer(text);
    if (text.length <= MAX_KEY_LENGTH && mayKeep(text, result)) {
      if (known.size >= MAX_ENTRIES) known.clear();
      known.set(text, result);
    }
    return result;
  };
}
