import { compileNames, NO_SECRET_NAMES, SECRET_NAMES, wordsOf } from '../../secret-names.ts';
import {
  BACKSLASH,
  DOT,
  EQUALS,
  HYPHEN,
  QUOTE,
  SLASH,
  UNDERSCORE,
  isAlphanumeric,
  isDigit,
  isForeignLetter,
  isOpaque,
  isSpace,
  matchAt,
} from '../characters.ts';
import type { Detection, Detector } from '../detector.ts';
import { findAtSigns, mergeDetections } from '../detector.ts';

/**
 * Finds secrets by the name they are assigned to: `password=…`, `"client_secret": "…"`,
 * `user[password]=…`, `DB_PASSWORD: …`. The name stays readable.
 *
 * Placeholders (`${PASSWORD}`, `?`, `***`) and prose ("password: must not be empty") are none, nor
 * is the directory in `PWD=/srv`. A plain `token`, `cookie`, `pass` or `pin` needs a value with
 * letters and digits. A value never reaches over the end of its line.
 */
export const assignmentDetector: Detector = {
  class: 'secret',
  mayFind: (text) => hasName(text, ':') || hasName(text, '='),
  find(text: string): readonly Detection[] {
    const found = [...findAtSigns(text, ':', secretAt), ...findAtSigns(text, '=', secretAt)];
    return mergeDetections(text, found);
  },
};

function hasName(text: string, sign: ':' | '='): boolean {
  for (let at = text.indexOf(sign); at !== -1; at = text.indexOf(sign, at + 1)) {
    if (!isPlaceInCode(text, at) && STEM.test(nameBefore(text, at))) return true;
  }
  return false;
}

/** Whether the sign at `at` belongs to `index.js:10:3`, as nearly all in a stack trace do. */
function isPlaceInCode(text: string, at: number): boolean {
  if (!isDigit(text.charCodeAt(at + 1))) return false;
  if (text.charCodeAt(at - 3) === DOT) return true;
  let start = at - 1;
  while (isDigit(text.charCodeAt(start))) start -= 1;
  return start < at - 1 && !isNamePart(text.charCodeAt(start));
}

const NAME = compileNames(SECRET_NAMES);
const NO_NAME = compileNames(NO_SECRET_NAMES);

/** A piece that every name of a secret has; rules out most texts at once. */
const STEM =
  /pass|pwd|senha|se[cg]r[eé]|token|key|contrase|kennwort|geheim|chave|clave|cle_|schl|cred|cookie|s[ei]d|session|jwt|otp|pin|cv[vc]|c[sr]rf|xsrf|dsn|sig|auth|bearer|mnemonic|seed|mot_?de_?passe|connection|codigo|security|mfa/iu;

/** Names that are too common in prose to be trusted with any value. */
const COMMON =
  /(?:^|_)(?:(?<!(?:auth|access|refresh|id|csrf|xsrf|security|api|bearer|user|reset|session)_?)token|cookies?|pin|pass|sid|sig|otp|totp|dsn|jwt|bearer|csrf|xsrf|clave)$/u;

/** As much of a value is looked at to tell a secret from prose; keeps refusals cheap. */
const LONGEST_HEAD = 64;
/** Characters of an opaque value behind such a name. */
const SHORTEST_COMMON = 8;

/** Whether the words of a name say that its value is a secret. */
export function isSecretName(words: string): boolean {
  return NAME.test(words) && !NO_NAME.test(words);
}

/** The secret assigned by the sign at `at`, if the name in front of it says that it is one. */
function secretAt(text: string, at: number): Detection | undefined {
  const name = nameBefore(text, at);
  if (name === '' || !STEM.test(name)) return undefined;
  const words = wordsOf(name).replaceAll('.', '_').replace(/^_+/u, '');
  // A scheme or a list of cookies stands behind these, which are read by detectors of their own.
  if (!isSecretName(words) || words.endsWith('authorization')) return undefined;
  return secretFrom(text, openValue(text, at), words);
}

/** The secret that a value is under a name of secrets; `undefined` for prose and placeholders. */
export function secretFrom(
  text: string,
  opening: ValueOpening,
  words: string,
): Detection | undefined {
  const { start, quote } = opening;
  // A value without end costs no more than its head, unless it is one.
  const head = text.slice(start, valueEnd(text, opening, start + LONGEST_HEAD));
  if (head === '') return undefined;
  const isSecret = COMMON.test(words)
    ? isOpaque(head, SHORTEST_COMMON)
    : !isHarmless(head, quote !== 0) && !isDirectory(words, head);
  if (!isSecret) return undefined;
  return { start, end: valueEnd(text, opening, text.length), class: 'secret' };
}

const LONGEST_NAME = 48;
const MOST_SPACES = 4;
const CLOSING_SQUARE = 93;

/** The name in front of the sign at `at`; empty for none. */
function nameBefore(text: string, at: number): string {
  let end = at;
  while (at - end < MOST_SPACES && isBlank(text.charCodeAt(end - 1))) end -= 1;
  if (isQuote(text.charCodeAt(end - 1))) end -= 1;
  while (text.charCodeAt(end - 1) === BACKSLASH) end -= 1;
  if (text.charCodeAt(end - 1) === CLOSING_SQUARE) end -= 1;
  if (isQuote(text.charCodeAt(end - 1))) end -= 1;
  if (!isNamePart(text.charCodeAt(end - 1)) || text.charCodeAt(at - 1) === SLASH) return '';
  let start = end;
  while (end - start < LONGEST_NAME && isNamePart(text.charCodeAt(start - 1))) start -= 1;
  return text.slice(start, end);
}

function isNamePart(code: number): boolean {
  if (code >= 128) return isForeignLetter(code);
  return isAlphanumeric(code) || code === UNDERSCORE || code === HYPHEN || code === DOT;
}

/** White space inside a line. */
function isBlank(code: number): boolean {
  return code !== 10 && code !== 13 && isSpace(code);
}

/** Where a value begins and what ends it. */
export interface ValueOpening {
  readonly start: number;
  /** The quote it stands in; 0 for none. */
  readonly quote: number;
  /** Whether that quote is itself written with a backslash, as in JSON inside a string. */
  readonly escaped: boolean;
}

const MORE_THAN = 62;

/** How the value behind the sign at `at` begins. */
export function openValue(text: string, at: number): ValueOpening {
  let start = at + 1;
  if (text.charCodeAt(start) === MORE_THAN || text.charCodeAt(start) === EQUALS) start += 1;
  const floor = start;
  while (start - floor < MOST_SPACES && isBlank(text.charCodeAt(start))) start += 1;
  const from = start;
  while (start - from < MOST_SPACES && text.charCodeAt(start) === BACKSLASH) start += 1;
  const escaped = start > from && isQuote(text.charCodeAt(start));
  if (!escaped) start = from;
  const quote = text.charCodeAt(start);
  return isQuote(quote) ? { start: start + 1, quote, escaped } : { start, quote: 0, escaped };
}

/** Offset behind a value: its closing quote, or what ends one without quotes; `limit` at most. */
function valueEnd(text: string, opening: ValueOpening, limit: number): number {
  const last = Math.min(limit, text.length);
  return opening.quote === 0 ? bareEnd(text, opening.start, last) : quotedEnd(text, opening, last);
}

function quotedEnd(text: string, { start, quote, escaped }: ValueOpening, limit: number): number {
  let end = start;
  while (end < limit) {
    const code = text.charCodeAt(end);
    if (code === quote || code === 10 || (escaped && code === BACKSLASH)) break;
    end += code === BACKSLASH ? 2 : 1;
  }
  return Math.min(end, limit);
}

const OPENING = '([{<“‘«「（『【‹';
const CLOSING = ')]}>”’»」）』】›';
const ARROWS = '←→';
/** A further name with its value, or the end of a clause, behind a sign that may also be a part. */
const NEXT_NAME = /[&;,|]+(?:\s|$|["'`)\]}]|[\w.%[\]-]{1,64}\s?[=:])/uy;
/** A mark that was put there before, which has a space in it, and nothing more of a value. */
const MARK =
  /\[(?:[a-z_]{1,16}|REDACTION_ERROR)(?: (?:hmac-)?sha256:[\w:-]{1,120})?\](?=$|[\s"'`&;,|)\]}<])/uy;
const ESCAPE = 27;

/**
 * Offset behind a value without quotes: white space, a quote, the start of another name, or the
 * bracket that closes one which stands in front of the name.
 */
function bareEnd(text: string, start: number, limit: number): number {
  const mark = matchAt(MARK, text, start);
  if (mark !== '') return start + mark.length;
  let end = start;
  let depth = 0;
  for (; end < limit; end += 1) {
    const code = text.charCodeAt(end);
    // Most signs are letters and digits, and end nothing.
    if (isAlphanumeric(code)) continue;
    const sign = text.charAt(end);
    if (isOutside(code, sign) || beginsNext(text, end, sign)) break;
    if (OPENING.includes(sign)) depth += 1;
    else if (CLOSING.includes(sign)) {
      if (depth === 0 && isOpenBefore(text, start, sign)) break;
      depth = Math.max(0, depth - 1);
    }
  }
  return withoutStop(text, start, end);
}

function isOutside(code: number, sign: string): boolean {
  return code === ESCAPE || isSpace(code) || isQuote(code) || ARROWS.includes(sign);
}

/** Whether a closing tag or another name with its value begins at a sign. */
function beginsNext(text: string, at: number, sign: string): boolean {
  if (sign === '<') return text.charAt(at + 1) === '/';
  return '&;,|'.includes(sign) && matchAt(NEXT_NAME, text, at) !== '';
}

/** How far in front of a name the bracket is looked for that holds it. */
const BRACKET_WINDOW = 256;

/** Whether a bracket that `closing` closes stands open in front of `start`. */
export function isOpenBefore(text: string, start: number, closing: string): boolean {
  const opening = OPENING.charAt(CLOSING.indexOf(closing));
  let depth = 0;
  for (let at = start - 1; at >= 0 && start - at < BRACKET_WINDOW; at -= 1) {
    const sign = text.charAt(at);
    if (sign === closing) depth += 1;
    else if (sign === opening && depth === 0) return true;
    else if (sign === opening) depth -= 1;
  }
  return false;
}

/** A full stop, comma or semicolon at the end of a value belongs to the sentence. */
function withoutStop(text: string, start: number, end: number): number {
  return end > start + 1 && '.,;'.includes(text.charAt(end - 1)) ? end - 1 : end;
}

function isQuote(code: number): boolean {
  return code === QUOTE || code === 39 || code === 96;
}

/** What stands for a value, in a form that is closed: `${X}`, `<password>`, `****`, `%s`. */
const PLACEHOLDER =
  /^(?:\$\{[^{}]*\}|#\{[^{}]*\}|\{\{[^{}]*\}\}|\{[a-z_.]*\}|<[a-z_ -]*>|\[[a-z_ ]*(?:(?:hmac-)?sha256:[\w:-]*)?\]|\(\w*\)|[*•xX.…#?-]+|%(?:\(\w+\))?[sdvi@]|\$\d{1,2}|\$\([\w ]*\)|%[A-Z_]+%)$/iu;
/** The same without a closing sign, which only a value without quotes may be. */
const BARE_PLACEHOLDER = /^(?:\$[A-Z_]{2,40}|:[a-z_]{1,40}|@[a-z_]{1,40}|[[{<($%:@]|\W)$/u;

/** Placeholders, small counts and words of prose give nothing away. */
function isHarmless(value: string, isQuoted: boolean): boolean {
  if (value.trim() === '' || PLACEHOLDER.test(value)) return true;
  if (!isQuoted && (BARE_PLACEHOLDER.test(value) || /^\d{1,2}$/u.test(value))) return true;
  return PROSE.has(/^\p{L}+(?=[^\p{L}\d]{0,3}$)/u.exec(value.toLowerCase())?.[0] ?? '');
}

/** Where a shell says in which directory it works, or worked before. */
function isDirectory(words: string, value: string): boolean {
  return /(?:^|_)(?:old)?pwd$/u.test(words) && /^(?:[/~]|[a-z]:\\)/iu.test(value);
}

/** What stands behind the name of a secret when it is talked about. */
const PROSE: ReadonlySet<string> = new Set(
  (
    'a an and any are at be been but by can cannot changed contains correct could does empty ' +
    'expected expires expired fail failed false field for from has have hidden if in incorrect ' +
    'invalid is it length masked mismatch missing must needs new nil no none not null ' +
    'ok omitted on only optional or provided redacted required reset rotated set should string ' +
    'that the this to too true undefined unknown unset updated use valid was weak were will wrong yes your ' +
    'abgelaufen ablaufend falsch fehlt geändert gültig leer muss ungültig erforderlich zurückgesetzt nein ja ' +
    'a as ausente com deve errada errado expirada expirado fraca forte inválida inválido incorreta incorreto ' +
    'não nao obrigatória obrigatório alterada alterado redefinida vazia vazio sim válida precisa muito ' +
    'caducada caducado cambiada debe demasiado incorrecta incorrecto inválida obligatoria obligatorio ' +
    'requerida requerido vacía vacío expirada restablecida sí ' +
    'doit expiré incorrecte invalide manquant modifié obligatoire oublié requis vide réinitialisé oui non'
  ).split(' '),
);
