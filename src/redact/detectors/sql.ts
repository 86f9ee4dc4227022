import { BACKSLASH, execAt, matchAt } from './characters.ts';

/**
 * Takes the literals out of a statement: strings of every notation and numbers become `?`,
 * comments become a space, names, keywords and placeholders stay as they are.
 *
 * A text in double quotes is a name, except behind a comparison, a colon or in a list of values,
 * where databases other than PostgreSQL read a string. What cannot be told apart is taken for a
 * literal, to the end of the statement if need be. The work is linear.
 */
export function stripSqlLiterals(text: string): string {
  const reading: Reading = {
    text,
    written: [],
    at: 0,
    dialect: 'unknown',
    lastWord: '',
    isValue: false,
    isValueList: false,
  };
  while (reading.at < text.length) readNext(reading);
  return reading.written.join('');
}

/** What has been read of a statement so far. */
interface Reading {
  readonly text: string;
  readonly written: string[];
  at: number;
  dialect: Dialect;
  lastWord: string;
  /** Whether a double-quoted text at this place is a value, not a name. */
  isValue: boolean;
  /** Whether that holds for a whole list, as behind `VALUES`. */
  isValueList: boolean;
}

function readNext(reading: Reading): boolean {
  const signs = signsOf(reading.text.charCodeAt(reading.at));
  for (const [sign, read] of READERS) {
    if ((signs & sign) !== 0 && read(reading)) return true;
  }
  return readSign(reading);
}

/** What may begin at a place in a statement, as bits. */
const SIGNS = {
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
  add('-/#', SIGNS.comment);
  add("'$_uUnNeEbBxXqQ", SIGNS.string);
  add('"`', SIGNS.quoted);
  add(' \t\n\v\f\r', SIGNS.space);
  add('$?:@%', SIGNS.placeholder);
  add(`_${letters}${letters.toUpperCase()}`, SIGNS.word);
  add('.0123456789', SIGNS.number);
  return table;
}

/** The {@link SIGNS} that may begin with a UTF-16 unit; all others certainly do not. */
function signsOf(code: number): number {
  return code < 128 ? (TABLE[code] ?? 0) : SIGNS.space | SIGNS.word;
}

/** What may begin at a place, in the order in which it is tried. */
const READERS: readonly (readonly [number, (reading: Reading) => boolean])[] = [
  [SIGNS.comment, readComment],
  [SIGNS.string, readString],
  [SIGNS.quoted, readQuoted],
  [SIGNS.space, (reading) => readPlain(reading, SPACE)],
  [SIGNS.placeholder, (reading) => readPlain(reading, PLACEHOLDER)],
  [SIGNS.word, readWord],
  [SIGNS.number, readNumber],
];

const SPACE = /\s+/uy;
const PLACEHOLDER = /(?:\$\d+|\?\d*|:[A-Za-z_]\w*|@@?[A-Za-z_]\w*|%s|%\(\w+\)s)/uy;

function readPlain(reading: Reading, pattern: RegExp): boolean {
  const piece = matchAt(pattern, reading.text, reading.at);
  return piece !== '' && write(reading, piece, reading.at + piece.length);
}

const NUMBER = /(?:0x[0-9a-f]+|(?:\d[\d_]*(?:\.\d+)?|\.\d+)(?:e[+-]?\d+)?)/iuy;

function readNumber(reading: Reading): boolean {
  const number = matchAt(NUMBER, reading.text, reading.at);
  return number !== '' && write(reading, '?', reading.at + number.length);
}

function readSign(reading: Reading): true {
  const sign = reading.text.charAt(reading.at);
  if ('=<>:~'.includes(sign)) reading.isValue = true;
  return write(reading, sign, reading.at + 1);
}

function write(reading: Reading, piece: string, end: number): true {
  reading.written.push(piece);
  reading.at = end;
  return true;
}

function readComment(reading: Reading): boolean {
  const end = commentEnd(reading.text, reading.at);
  if (end === undefined) return false;
  return write(reading, /\s$|^$/u.test(reading.written.at(-1) ?? '') ? '' : ' ', end);
}

/** Offset behind the comment at `start`, or `undefined` when none begins there. */
function commentEnd(text: string, start: number): number | undefined {
  if (text.startsWith('--', start)) return lineEnd(text, start);
  if (text.startsWith('/*', start)) return blockEnd(text, start);
  const isHash = text.charAt(start) === '#' && /[\s!]|^$/u.test(text.charAt(start + 1));
  return isHash ? lineEnd(text, start) : undefined;
}

/** Offset behind the line that `from` is in, the line break left out. */
function lineEnd(text: string, from: number): number {
  let at = from;
  while (at < text.length && text.charAt(at) !== '\n' && text.charAt(at) !== '\r') at += 1;
  return at;
}

/** Offset behind a block comment; comments may nest, and an open one reaches to the end. */
function blockEnd(text: string, start: number): number {
  let depth = 0;
  let at = start;
  while (at < text.length) {
    if (text.startsWith('/*', at)) {
      depth += 1;
      at += 2;
    } else if (text.startsWith('*/', at)) {
      depth -= 1;
      at += 2;
      if (depth === 0) return at;
    } else {
      at += 1;
    }
  }
  return text.length;
}

/** Letters that may stand directly in front of a string literal and belong to it. */
const STRING_PREFIX = /(?:u&|_\w{2,20}|[nebx])(?=')/iuy;

function readString(reading: Reading): boolean {
  const { text, at } = reading;
  const dollar = dollarEnd(text, at) ?? alternativeEnd(text, at);
  if (dollar !== undefined) return write(reading, '?', dollar);
  const prefix = matchAt(STRING_PREFIX, text, at).toLowerCase();
  const start = at + prefix.length;
  if (text.charAt(start) !== "'") return false;
  if (isEscapeClause(reading, start)) reading.dialect = 'standard';
  const { end, dialect } = stringEnd(text, start, prefix === 'e' ? 'backslash' : reading.dialect);
  if (prefix !== 'e') reading.dialect = dialect;
  return write(reading, '?', end);
}

const DOLLAR_TAG = /\$(?:[A-Za-z_]\w{0,62})?\$/uy;

/**
 * Offset behind a dollar-quoted string (`$$…$$`, `$tag$…$tag$`, PostgreSQL) at `start`, or
 * `undefined` when none begins there; an open one reaches to the end.
 */
function dollarEnd(text: string, start: number): number | undefined {
  const tag = matchAt(DOLLAR_TAG, text, start);
  if (tag === '') return undefined;
  const closing = text.indexOf(tag, start + tag.length);
  return closing === -1 ? text.length : closing + tag.length;
}

const ALTERNATIVE = /n?q'(\S)/iuy;
const PAIRED: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}', '<': '>' };

/** Offset behind a string with a quote of its own (`q'!…!'`, `q'[…]'`, Oracle); an open one reaches to the end. */
function alternativeEnd(text: string, start: number): number | undefined {
  const opening = execAt(ALTERNATIVE, text, start);
  if (opening === null) return undefined;
  const sign = opening[1] ?? '';
  const from = start + opening[0].length;
  const closing = text.indexOf(`${PAIRED[sign] ?? sign}'`, from);
  return closing === -1 ? text.length : closing + 2;
}

/** `ESCAPE '\'` shows a dialect in which the backslash is a sign like any other. */
function isEscapeClause({ text, lastWord }: Reading, start: number): boolean {
  return lastWord === 'escape' && text.startsWith("'\\'", start);
}

/**
 * How a statement writes a quote inside a string: `''` only, as the standard says, or also `\'`,
 * as MySQL does. It is `unknown` until a string of the statement can be read in one way only.
 */
type Dialect = 'unknown' | 'standard' | 'backslash';

/** Where a string literal ends, and what it showed about the dialect. */
interface StringEnd {
  readonly end: number;
  readonly dialect: Dialect;
}

/**
 * Finds the end of the string literal that opens at `start`.
 *
 * A backslash in front of a quote can be read in two ways. The way after which the statement goes
 * on like a statement is taken, for the rest of it too. Where both or neither do, and where the
 * string does not end, all the rest counts as part of the string: nothing of it may travel.
 */
function stringEnd(text: string, start: number, dialect: Dialect): StringEnd {
  const escaped = dialect === 'standard' ? -1 : closingEnd(text, start, BACKSLASH);
  if (dialect === 'backslash') return { end: escaped === -1 ? text.length : escaped, dialect };
  if (dialect === 'unknown' && escaped === -1) return { end: text.length, dialect };
  const standard = closingEnd(text, start, Number.NaN);
  if (dialect === 'standard' || standard === escaped) {
    return { end: standard === -1 ? text.length : standard, dialect };
  }
  const isEscaped = mayFollow(text, escaped);
  const isStandard = standard !== -1 && mayFollow(text, standard);
  if (isEscaped === isStandard) return { end: text.length, dialect };
  return isEscaped
    ? { end: escaped, dialect: 'backslash' }
    : { end: standard, dialect: 'standard' };
}

/** Offset behind the closing quote when `\` does or does not escape; `-1` when there is none. */
function closingEnd(text: string, start: number, escape: number): number {
  const quote = text.charCodeAt(start);
  let at = start + 1;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === escape) at += 2;
    else if (code !== quote) at += 1;
    else if (text.charCodeAt(at + 1) === quote) at += 2;
    else return at + 1;
  }
  return -1;
}

/** Whether a statement may go on at `at` right behind a string. */
function mayFollow(text: string, at: number): boolean {
  return at >= text.length || /[\s,);:|\]}+*/=<>!-]/u.test(text.charAt(at));
}

/** The longest name a database allows, with room for doubled quotes. */
const LONGEST_NAME = 130;

/** Names in double quotes and backticks stay; what is a string in double quotes goes. */
function readQuoted(reading: Reading): boolean {
  const { text, at } = reading;
  const quote = text.charAt(at);
  if (quote !== '"' && quote !== '`') return false;
  const isLiteral = quote === '"' && reading.isValue;
  const { end, dialect } = stringEnd(text, at, isLiteral ? reading.dialect : 'standard');
  if (isLiteral) reading.dialect = dialect;
  const quoted = text.slice(at, end);
  const isQualified = text.charAt(at - 1) === '.' || text.charAt(end) === '.';
  const stays = isName(quoted) && (!isLiteral || isQualified);
  return write(reading, stays ? quoted : '?', end);
}

/** Whether the text in quotes is complete and no longer than a name can be. */
function isName(quoted: string): boolean {
  return quoted.length > 2 && quoted.length <= LONGEST_NAME && quoted.endsWith(quoted.charAt(0));
}

/** Words behind which a double-quoted text is a string, as MySQL and SQLite allow. */
const VALUE_WORDS: ReadonlySet<string> = new Set(
  (
    'else in like values then call exec execute concat concat_ws ifnull password md5 sha sha1 sha2 ' +
    'sha256 crypt encrypt decrypt aes_encrypt aes_decrypt pgp_sym_encrypt pgp_sym_decrypt against'
  ).split(' '),
);
/** Words that end a list of values. */
const CLAUSE_WORDS: ReadonlySet<string> = new Set(
  (
    'and as end from group having into join on or order returning select set union update ' +
    'when where'
  ).split(' '),
);
const WORD = /[A-Za-z_\u0080-\uffff][\w$#\u0080-\uffff]*/y;

function readWord(reading: Reading): boolean {
  const word = matchAt(WORD, reading.text, reading.at);
  if (word === '') return false;
  const known = word.toLowerCase();
  if (VALUE_WORDS.has(known) || isPassword(known, reading)) reading.isValueList = true;
  else if (CLAUSE_WORDS.has(known)) reading.isValueList = false;
  reading.isValue = reading.isValueList;
  reading.lastWord = known;
  return write(reading, word, reading.at + word.length);
}

/** `IDENTIFIED BY "…"`, which sets a password. */
function isPassword(word: string, { lastWord }: Reading): boolean {
  return word === 'by' && lastWord === 'identified';
}
