/** What people write behind the name of a scheme when no token follows. */
const PROSE: ReadonlySet<string> = new Set(
  (
    'auth authentication authorization authorisation challenge credential credentials error ' +
    'expired flow format from grant has have header headers invalid means method missing must ' +
    'only prefix realm required scheme schemes security that then this token tokens type types ' +
    'usage value values were when which will with without'
  ).split(' '),
);

/** Whether what follows the name of a scheme is a word about credentials, not one of them. */
export function isProse(value: string): boolean {
  const word = /^[a-z]+/u.exec(value.toLowerCase())?.[0] ?? '';
  return PROSE.has(word) && !/[\d_]/u.test(value);
}
