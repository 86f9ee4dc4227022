import { dollarStringEnd, sqlCommentEnd } from './sql-skip.ts';
import { SQL_SIGNS, sqlSignsOf } from './sql-signs.ts';
import { type SqlDialect, sqlStringEnd } from './sql-string.ts';

const SPACE = /\s+/uy;
const NUMBER = /(?:0x[0-9a-f]+|(?:\d[\d_]*(?:\.\d+)?|\.\d+)(?:e[+-]?\d+)?)/iuy;
const PLACEHOLDER = /(?:\$\d+|\?\d*|:[A-Za-z_]\w*|@@?[A-Za-z_]\w*|%s|%\(\w+\)s)/uy;
const WORD = /[A-Za-z_\u0080-\uffff][\w$#\u0080-\uffff]*/y;
/** Letters that may stand directly in front of a string literal and belong to it. */
const STRING_PREFIX = /(?:u&|_\w{2,20}|[nebx])(?=')/iuy;

/** Words behind which a double-quoted text is a string, as MySQL and SQLite allow. */
const VALUE_WORDS: ReadonlySet<string> = new Set('else in like values then'.split(' '));
/** Words that end a list of values. */
const CLAUSE_WORDS: ReadonlySet<string> = new Set(
  (
    'and as end from group having into join on or order returning select set union update ' +
    'when where'
  ).split(' '),
);
/** The longest name a database allows, with room for doubled quotes. */
const LONGEST_NAME = 130;

/** What has been read of a statement so far. */
interface Reading {
  readonly text: string;
  readonly written: string[];
  at: number;
  dialect: SqlDialect;
  lastWord: string;
  /** Whether a double-quoted text at this place is a value, not a name. */
  isValue: boolean;
  /** Whether that holds for a whole list, as behind `VALUES`. */
  isValueList: boolean;
}

function matchAt(pattern: RegExp, { text, at }: Reading): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

function write(reading: Reading, piece: string, end: number): true {
  reading.written.push(piece);
  reading.at = end;
  return true;
}

function readComment(reading: Reading): boolean {
  const end = sqlCommentEnd(reading.text, reading.at);
  if (end === undefined) return false;
  return write(reading, /\s$|^$/u.test(reading.written.at(-1) ?? '') ? '' : ' ', end);
}

/** `ESCAPE '\'` shows a dialect in which the backslash is a sign like any other. */
function isEscapeClause({ text, lastWord }: Reading, start: number): boolean {
  return lastWord === 'escape' && text.startsWith("'\\'", start);
}

function readString(reading: Reading): boolean {
  const { text, at } = reading;
  const dollar = dollarStringEnd(text, at);
  if (dollar !== undefined) return write(reading, '?', dollar);
  const prefix = matchAt(STRING_PREFIX, reading)?.toLowerCase() ?? '';
  const start = at + prefix.length;
  if (text.charAt(start) !== "'") return false;
  if (isEscapeClause(reading, start)) reading.dialect = 'standard';
  const { end, dialect } = sqlStringEnd(
    text,
    start,
    prefix === 'e' ? 'backslash' : reading.dialect,
  );
  if (prefix !== 'e') reading.dialect = dialect;
  return write(reading, '?', end);
}

/** Whether the text in quotes is complete and no longer than a name can be. */
function isName(quoted: string): boolean {
  return quoted.length > 2 && quoted.length <= LONGEST_NAME && quoted.endsWith(quoted.charAt(0));
}

/** Names in double quotes and backticks stay; what is a string in double quotes goes. */
function readQuoted(reading: Reading): boolean {
  const { text, at } = reading;
  const quote = text.charAt(at);
  if (quote !== '"' && quote !== '`') return false;
  const isLiteral = quote === '"' && reading.isValue;
  const { end, dialect } = sqlStringEnd(text, at, isLiteral ? reading.dialect : 'standard');
  if (isLiteral) reading.dialect = dialect;
  const quoted = text.slice(at, end);
  const isQualified = text.charAt(at - 1) === '.' || text.charAt(end) === '.';
  const stays = isName(quoted) && (!isLiteral || isQualified);
  return write(reading, stays ? quoted : '?', end);
}

function readWord(reading: Reading): boolean {
  const word = matchAt(WORD, reading);
  if (word === undefined) return false;
  const known = word.toLowerCase();
  if (VALUE_WORDS.has(known)) reading.isValueList = true;
  else if (CLAUSE_WORDS.has(known)) reading.isValueList = false;
  reading.isValue = reading.isValueList;
  reading.lastWord = known;
  return write(reading, word, reading.at + word.length);
}

function readPlain(reading: Reading, pattern: RegExp): boolean {
  const piece = matchAt(pattern, reading);
  return piece !== undefined && write(reading, piece, reading.at + piece.length);
}

function readNumber(reading: Reading): boolean {
  const number = matchAt(NUMBER, reading);
  return number !== undefined && write(reading, '?', reading.at + number.length);
}

function readSign(reading: Reading): true {
  const sign = reading.text.charAt(reading.at);
  if ('=<>:~'.includes(sign)) reading.isValue = true;
  return write(reading, sign, reading.at + 1);
}

/** What may begin at a place, in the order in which it is tried. */
const READERS: readonly (readonly [number, (reading: Reading) => boolean])[] = [
  [SQL_SIGNS.comment, readComment],
  [SQL_SIGNS.string, readString],
  [SQL_SIGNS.quoted, readQuoted],
  [SQL_SIGNS.space, (reading) => readPlain(reading, SPACE)],
  [SQL_SIGNS.placeholder, (reading) => readPlain(reading, PLACEHOLDER)],
  [SQL_SIGNS.word, readWord],
  [SQL_SIGNS.number, readNumber],
];

function readNext(reading: Reading): boolean {
  const signs = sqlSignsOf(reading.text.charCodeAt(reading.at));
  for (const [sign, read] of READERS) {
    if ((signs & sign) !== 0 && read(reading)) return true;
  }
  return readSign(reading);
}

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
