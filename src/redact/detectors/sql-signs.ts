/** What may begin at a place in a statement, as bits. */
export const SQL_SIGNS = {
  comment: 1,
  string: 2,
  quoted: 4,
  space: 8,
  placeholder: 16,
  word: 32,
  number: 64,
} as const;

const TABLE: Readonly<Uint8Array> = buildTable();

function buildTable(): Uint8Array {
  const table = new Uint8Array(128);
  const add = (signs: string, bit: number): void => {
    for (const sign of signs) {
      const code = sign.charCodeAt(0);
      table[code] = (table[code] ?? 0) | bit;
    }
  };
  const letters = 'abcdefghijklmnopqrstuvwxyz';
  add('-/#', SQL_SIGNS.comment);
  add("'$_uUnNeEbBxX", SQL_SIGNS.string);
  add('"`', SQL_SIGNS.quoted);
  add(' \t\n\v\f\r', SQL_SIGNS.space);
  add('$?:@%', SQL_SIGNS.placeholder);
  add(`_${letters}${letters.toUpperCase()}`, SQL_SIGNS.word);
  add('.0123456789', SQL_SIGNS.number);
  return table;
}

/** The {@link SQL_SIGNS} that may begin with a UTF-16 unit; all others certainly do not. */
export function sqlSignsOf(code: number): number {
  return code < 128 ? (TABLE[code] ?? 0) : SQL_SIGNS.space | SQL_SIGNS.word;
}
