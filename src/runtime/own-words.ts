/** What every sentence of the package in a log begins with. */
const PREFIX = 'immutablelog exporter: ';

// Sentences of batches that are still on their way back through a batch processor.
const REMEMBERED = 128;
// Where a logger puts the sentence: at the start, or a little later inside the JSON of an error.
const SEARCHED_UNITS = 2_048;

const spoken = new Set<string>();

/**
 * Gives a sentence its prefix and remembers it.
 *
 * The SDK reports a failed export through `diag`; where a program turns `diag` into log records,
 * that report would be exported, fail and be reported again, without end. Its context tells
 * nothing, so it is known by its words.
 */
export function ownWords(sentence: string): string {
  const words = PREFIX + sentence;
  spoken.delete(words);
  spoken.add(words);
  if (spoken.size > REMEMBERED) {
    for (const oldest of spoken) {
      spoken.delete(oldest);
      break;
    }
  }
  return words;
}

/** Whether the body of a log record repeats what the package said. */
export function isOwnWords(body: unknown): boolean {
  if (spoken.size === 0 || typeof body !== 'string') return false;
  const head = body.slice(0, SEARCHED_UNITS);
  if (!head.includes(PREFIX)) return false;
  for (const words of spoken) if (head.includes(words)) return true;
  return false;
}
