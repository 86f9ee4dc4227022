/**
 * Secrets that something else than a sign of assignment names: options of a command line, elements
 * of XML, statements that set a password, fields of forms, and lists of names with their values.
 */
import { wordsOf } from '../../secret-names.ts';
import { isSpace, matchAt } from '../characters.ts';
import type { Detection, Detector } from '../detector.ts';
import { mergeDetections } from '../detector.ts';
import type { ValueOpening } from './assigned-secrets.ts';
import { isOpenBefore, isSecretName, openValue, secretFrom } from './assigned-secrets.ts';

/** A way to name a secret: what leads up to the value, with the name as its first group. */
interface Way {
  readonly sign: string;
  readonly pattern: RegExp;
  /** What the words are when the pattern has no name in it. */
  readonly words?: string;
}

const QUOTE = String.raw`(?:\\{0,3}["'])`;

const WAYS: readonly Way[] = [
  // `--password Z`, `--client-secret 'Z'`
  { sign: '--', pattern: /(?<![\w-])--([a-z][\w-]{1,40})[ \t]{1,4}(?=[^\s-])/giu },
  // `<password>Z</password>`, `<wsse:Password Type="…">Z`
  { sign: '</', pattern: /<(?:[\w-]{1,20}:)?([a-z][\w.-]{1,40})(?:\s[^<>]{0,200})?>(?=[^<\s])/giu },
  // `name="password"`, an empty line, the value
  {
    sign: 'name=',
    pattern:
      /name="([\w.[\]-]{1,60})"(?:;[^\r\n]{0,100})?(?:\r?\n(?:[\w-]{1,40}:[^\r\n]{0,100}\r?\n)*\r?\n)(?=\S)/giu,
  },
  // `{"name":"Authorization","value":"Z"}`
  {
    sign: 'value',
    pattern: new RegExp(
      `(?:name|key|header|field)${QUOTE}?\\s?[:=]\\s?${QUOTE}([\\w.\\[\\]-]{1,60})${QUOTE},\\s{0,4}${QUOTE}?value${QUOTE}?\\s?[:=]\\s?(?=${QUOTE})`,
      'giu',
    ),
  },
  // `["cookie","Z"]`
  {
    sign: '[',
    pattern: new RegExp(`\\[\\s?${QUOTE}([\\w.-]{2,60})${QUOTE},\\s{0,2}(?=${QUOTE})`, 'giu'),
  },
  // `IDENTIFIED BY Z`, `PASSWORD 'Z'`
  {
    sign: '',
    pattern:
      /(?:IDENTIFIED[ \t]+(?:WITH[ \t]+[\w']{1,40}[ \t]+)?(?:BY|AS)(?:[ \t]+(?:PASSWORD|VALUES))?|(?<=(?:ROLE|USER|LOGIN)[ \t]+[\w"'`@%.-]{1,80}[ \t]+(?:WITH[ \t]+)?(?:ENCRYPTED[ \t]+)?)PASSWORD)[ \t]+(?=['"]|\S)/giu,
    words: 'password',
  },
];

const ANY_SQL = /identified|password[ \t]+['"]/iu;

/** Whether some way may be in a text; the engine finds single signs and rare pieces fastest. */
function hasWay(text: string): boolean {
  if (text.includes('--') || (text.includes('<') && text.includes('</'))) return true;
  return hasQuotedWay(text) || hasStatement(text);
}

function hasQuotedWay(text: string): boolean {
  if (!text.includes('"') && !text.includes("'")) return false;
  if (text.includes('value') || text.includes('name=')) return true;
  return text.includes('[') && /\[\s?\\{0,3}["']/u.test(text);
}

function hasStatement(text: string): boolean {
  if (text.includes('tified') || text.includes('TIFIED')) return true;
  return (text.includes('word ') || text.includes('WORD ')) && ANY_SQL.test(text);
}

export const writtenSecretDetector: Detector = {
  class: 'secret',
  mayFind: hasWay,
  find(text: string): readonly Detection[] {
    const found: Detection[] = [];
    for (const way of WAYS) {
      if (way.sign === '' ? !ANY_SQL.test(text) : !text.includes(way.sign)) continue;
      for (const match of text.matchAll(way.pattern)) {
        const secret = secretBehind(text, match, way);
        if (secret !== undefined) found.push(secret);
      }
    }
    return mergeDetections(text, found);
  },
};

function secretBehind(
  text: string,
  match: RegExpExecArray,
  { words, sign }: Way,
): Detection | undefined {
  const name = words ?? wordsOf((match[1] ?? '').replace(/[[\].]+/gu, '_').replace(/_$/u, ''));
  if (words === undefined && !isSecretName(name)) return undefined;
  const end = match.index + match[0].length;
  const opening = openValue(text, end - 1);
  if (sign === '</') return elementValue(text, opening, name);
  return secretFrom(text, opening, name);
}

/** The content of an element, up to the next tag. */
function elementValue(text: string, { start }: ValueOpening, words: string): Detection | undefined {
  const closing = text.indexOf('<', start);
  if (closing === -1) return undefined;
  return secretFrom(text.slice(0, closing), { start, quote: 0, escaped: false }, words);
}

// Without regard to case a range beyond ASCII would hold `k` and `s`, which the Kelvin and the long s
// are in other cases.
const PAIR = String.raw`[\w!#$%&'*+.^\u0060|~-]{1,80}=(?:"[^"]{0,4096}"|[^\s;"',\\\u0080-\uffff]*)`;
const FLAG = '[Hh]ttp[Oo]nly|[Ss]ecure|[Pp]artitioned|[Ee]xpires=\\w{3},[ \\w:-]{0,32}';
const COOKIES = new RegExp(`${PAIR}(?:;[ \\t]{0,2}(?:${FLAG}|${PAIR}))*;?`, 'uy');
const COOKIE_NAME = /(?:set-?)?cookie2?\\?["']?[ \t]{0,4}[:=,][ \t]{0,4}\\?["']?/giu;

/**
 * Finds all cookies of a `Cookie:` or `Set-Cookie:` line (RFC 6265 section 4), whatever their
 * names; the name of the header stays readable.
 */
export const cookieDetector: Detector = {
  class: 'secret',
  mayFind: (text) => text.includes('ookie') || text.includes('OOKIE'),
  find(text: string): readonly Detection[] {
    const found: Detection[] = [];
    for (const { index, 0: header } of text.matchAll(COOKIE_NAME)) {
      const start = index + header.length;
      const cookies = matchAt(COOKIES, text, start);
      if (cookies === '' || isSpace(text.charCodeAt(start))) continue;
      if (cookies.split(';').every(isWithoutValue)) continue;
      found.push({ start, end: start + withoutClosing(text, start, cookies), class: 'secret' });
    }
    return found;
  },
};

/** Whether a cookie is empty or masked, or a flag. */
function isWithoutValue(cookie: string): boolean {
  return !cookie.includes('=') || /=[*x.]*$/u.test(cookie);
}

/** Length of cookies without a sign at their end that closes what stands around the header. */
function withoutClosing(text: string, start: number, cookies: string): number {
  const last = cookies.at(-1) ?? '';
  const closes = '>)]}'.includes(last) && isOpenBefore(text, start, last);
  return closes || last === '|' || last === '`' ? cookies.length - 1 : cookies.length;
}
