/** One bit per sign that some detector cannot do without. */
export const SIGNS = {
  digit: 1,
  at: 2,
  colon: 4,
  dot: 8,
  percent: 16,
  plus: 32,
  /** A colon or an equals sign. */
  assignment: 64,
  space: 128,
  hyphen: 256,
  upper: 512,
} as const;

/** What a look at every character once tells about a text. */
export interface TextProfile {
  /** The {@link SIGNS} that occur, as bits. */
  readonly signs: number;
  /** How many decimal digits there are, or as many as matter. */
  readonly digits: number;
}

/** Above this length letters, digits and spaces are taken for granted. */
const LONG = 128;
const TAKEN_FOR_GRANTED = SIGNS.digit | SIGNS.space | SIGNS.upper | SIGNS.dot;

const TABLE: Readonly<Uint16Array> = buildTable();

function buildTable(): Uint16Array {
  const table = new Uint16Array(128);
  table.fill(SIGNS.digit, 48, 58);
  table.fill(SIGNS.upper, 65, 91);
  table[64] = SIGNS.at;
  table[58] = SIGNS.colon | SIGNS.assignment;
  table[61] = SIGNS.assignment;
  table[46] = SIGNS.dot;
  table[37] = SIGNS.percent;
  table[43] = SIGNS.plus;
  table[32] = SIGNS.space;
  table[45] = SIGNS.hyphen;
  return table;
}

function profileShort(text: string): TextProfile {
  let signs = 0;
  let digits = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    const sign = code < 128 ? (TABLE[code] ?? 0) : 0;
    signs |= sign;
    digits += sign & SIGNS.digit;
  }
  return { signs, digits };
}

/** The engine finds one sign in a long text many times faster than a loop looks at them all. */
function profileLong(text: string): TextProfile {
  let signs: number = TAKEN_FOR_GRANTED;
  if (text.includes('@')) signs |= SIGNS.at;
  if (text.includes(':')) signs |= SIGNS.colon | SIGNS.assignment;
  else if (text.includes('=')) signs |= SIGNS.assignment;
  if (text.includes('%')) signs |= SIGNS.percent;
  if (text.includes('+')) signs |= SIGNS.plus;
  if (text.includes('-')) signs |= SIGNS.hyphen;
  return { signs, digits: text.length };
}

/** Tells which signs a text has, so that most detectors need not run at all. */
export function profileText(text: string): TextProfile {
  return text.length > LONG ? profileLong(text) : profileShort(text);
}
