/** One bit per sign that some detector cannot do without. */
export const SIGNS = {
  digit: 1,
  at: 2,
  colon: 4,
  dot: 8,
  percent: 16,
  plus: 32,
  equals: 64,
  space: 128,
  underscore: 256,
  hyphen: 512,
  upper: 1024,
  letter: 2048,
} as const;

/** What a look at every character once tells about a text. */
export interface TextProfile {
  /** The {@link SIGNS} that occur, as bits. */
  readonly signs: number;
  /** How many decimal digits there are. */
  readonly digits: number;
}

const TABLE: Readonly<Uint16Array> = buildTable();

function buildTable(): Uint16Array {
  const table = new Uint16Array(128);
  for (let code = 48; code < 58; code += 1) table[code] = SIGNS.digit;
  for (let code = 65; code < 91; code += 1) table[code] = SIGNS.upper | SIGNS.letter;
  for (let code = 97; code < 123; code += 1) table[code] = SIGNS.letter;
  table[64] = SIGNS.at;
  table[58] = SIGNS.colon;
  table[46] = SIGNS.dot;
  table[37] = SIGNS.percent;
  table[43] = SIGNS.plus;
  table[61] = SIGNS.equals;
  table[32] = SIGNS.space;
  table[9] = SIGNS.space;
  table[95] = SIGNS.underscore;
  table[45] = SIGNS.hyphen;
  return table;
}

/** Looks at each character of a text once, so that most detectors need not run at all. */
export function profileText(text: string): TextProfile {
  let signs = 0;
  let digits = 0;
  for (let index = 0; index < text.length; index += 1) {
    const sign = TABLE[text.charCodeAt(index)] ?? 0;
    signs |= sign;
    digits += sign & SIGNS.digit;
  }
  return { signs, digits };
}
