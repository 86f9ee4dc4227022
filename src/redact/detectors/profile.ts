/** One bit per thing that some detector cannot do without. */
export const SIGNS = {
  at: 1,
  colon: 2,
  dot: 4,
  percent: 8,
  /** A colon or an equals sign. */
  assignment: 16,
  space: 32,
  hyphen: 64,
  upper: 128,
  twoDigits: 256,
  fourDigits: 512,
  eightDigits: 1024,
  elevenDigits: 2048,
  thirteenDigits: 4096,
  question: 8192,
  hash: 16_384,
  plus: 32_768,
  slash: 65_536,
  underscore: 131_072,
} as const;

/** A digit is counted above the bits of the signs. */
const DIGIT_BIT = 24;
const DIGIT = 1 << DIGIT_BIT;

/** Above this length letters, digits and the signs between words are taken for granted. */
const LONG = 96;
const ALL_DIGITS =
  SIGNS.twoDigits |
  SIGNS.fourDigits |
  SIGNS.eightDigits |
  SIGNS.elevenDigits |
  SIGNS.thirteenDigits;
const TAKEN_FOR_GRANTED =
  ALL_DIGITS | SIGNS.space | SIGNS.upper | SIGNS.dot | SIGNS.slash | SIGNS.underscore;

const TABLE: Readonly<Uint32Array> = buildTable();

function buildTable(): Uint32Array {
  const table = new Uint32Array(128);
  table.fill(DIGIT, 48, 58);
  table.fill(SIGNS.upper, 65, 91);
  table[64] = SIGNS.at;
  table[58] = SIGNS.colon | SIGNS.assignment;
  table[61] = SIGNS.assignment;
  table[46] = SIGNS.dot;
  table[37] = SIGNS.percent;
  table[32] = SIGNS.space;
  table[45] = SIGNS.hyphen;
  table[63] = SIGNS.question;
  table[35] = SIGNS.hash;
  table[43] = SIGNS.plus;
  table[47] = SIGNS.slash;
  table[95] = SIGNS.underscore;
  return table;
}

function digitSigns(digits: number): number {
  if (digits < 2) return 0;
  let signs: number = SIGNS.twoDigits;
  if (digits >= 4) signs |= SIGNS.fourDigits;
  if (digits >= 8) signs |= SIGNS.eightDigits;
  if (digits >= 11) signs |= SIGNS.elevenDigits;
  if (digits >= 13) signs |= SIGNS.thirteenDigits;
  return signs;
}

function profileShort(text: string): number {
  let signs = 0;
  let digits = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code >= 128) continue;
    const sign = TABLE[code] ?? 0;
    signs |= sign;
    // Adding the bit up instead of asking for it: a branch per sign costs more than the rest.
    digits += sign >>> DIGIT_BIT;
  }
  return (signs & ~DIGIT) | digitSigns(digits);
}

/** The engine finds one sign in a long text many times faster than a loop looks at them all. */
function profileLong(text: string): number {
  let signs: number = TAKEN_FOR_GRANTED;
  if (text.includes('@')) signs |= SIGNS.at;
  if (text.includes(':')) signs |= SIGNS.colon | SIGNS.assignment;
  else if (text.includes('=')) signs |= SIGNS.assignment;
  if (text.includes('%')) signs |= SIGNS.percent;
  if (text.includes('-')) signs |= SIGNS.hyphen;
  if (text.includes('?')) signs |= SIGNS.question;
  if (text.includes('#')) signs |= SIGNS.hash;
  if (text.includes('+')) signs |= SIGNS.plus;
  return signs;
}

/**
 * Tells which signs a text has, and whether it has enough digits, so that most detectors need not
 * run at all.
 *
 * @returns The {@link SIGNS} that occur, as bits.
 */
export function profileText(text: string): number {
  return text.length > LONG ? profileLong(text) : profileShort(text);
}
