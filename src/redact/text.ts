/**
 * Looks through one text and takes out what the detectors find in it.
 *
 * - What is found becomes a mark: `[cpf]`, or with its digest `[email sha256:…]`. A mark found
 *   again stays as it is and is not counted again.
 * - URLs, queries, statements and stack traces are read as what they are.
 * - A text is scanned up to 65,536 characters; the end of a longer one is not kept, and no value
 *   is cut in half.
 * - Whatever fails, nothing unscanned is given back.
 */
import type { RedactionCounters, ScanBudget } from './accounting.ts';
import { MAX_SCANNED } from './accounting.ts';
import type { DetectionScope } from './detectors/detect.ts';
import { detect, isPlain, isPlainUrl } from './detectors/detect.ts';
import type { DataClass } from './detectors/detector.ts';
import { DATA_CLASSES, replaceDetections } from './detectors/detector.ts';
import { stripSqlLiterals } from './detectors/sql.ts';
import type { UrlRedaction } from './detectors/url.ts';
import { HIDDEN_VALUE, redactQuery, redactUrl, redactUrls } from './detectors/url.ts';
import type { Digester } from './digest.ts';
import type { ResolvedRedaction } from './resolve.ts';
import type { TextKind } from './rules.ts';

/** Looks through a string for personal data and secrets; `undefined` when nothing of it stays. */
export type ScanText = (text: string, textKind: TextKind) => string | undefined;

/** A URL or reference and nothing else; what has spaces is text about URLs. */
const WHOLE_URL = /^\S+$/;

/**
 * Takes the literals out of a query that is a JSON document, as of MongoDB or Elasticsearch; its names
 * stay. `undefined` for a text that is none.
 */
function stripJsonLiterals(text: string): string | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    const withoutLiteral = (_: string, value: unknown): unknown =>
      typeof value === 'string' || typeof value === 'number' ? '?' : value;
    return JSON.stringify(JSON.parse(text, withoutLiteral));
  } catch {
    return undefined;
  }
}

/** Commands of key-value stores whose arguments are credentials; a count of arguments is none. */
const CREDENTIALS = /\b(auth|requirepass|masterauth)(?:[ \t]+(?!\[\d+ other)\S+)+/gi;

function withoutCredentials(text: string, mark: Mark): string {
  return text.replace(CREDENTIALS, (found: string, command: string) => {
    return `${command} ${mark(found.slice(command.length).trim(), 'secret')}`;
  });
}

/** Builds the scan by the options. It is total: what fails becomes `[REDACTION_ERROR]`. */
export function createScanText(
  { detect: where, stack, urlQueryAllow }: ResolvedRedaction,
  mark: Mark,
  counters: RedactionCounters,
  budget: ScanBudget,
): ScanText {
  const url: UrlRedaction = { allow: urlQueryAllow, replace: mark };
  const ofNames: DetectionScope = where === 'all' ? 'text' : 'every';

  const frames = new CleanFrames((part) => replaceFound(part, ofNames, url));

  function scanStack(text: string): string {
    const parts = splitStack(text).map(({ kind, text: part }) => ({
      kind,
      text: kind === 'frames' ? frames.scan(part) : replaceFound(part, 'text', url),
    }));
    return stack === 'frames' ? framesOnly(parts) : parts.map((part) => part.text).join('');
  }

  const byKind: Readonly<Record<TextKind, (text: string) => string>> = {
    name: (text) => replaceFound(text, ofNames, url),
    text: (text) => replaceFound(text, 'text', url),
    url(text) {
      if (isPlainUrl(text)) return text;
      return replaceFound(WHOLE_URL.test(text) ? redactUrl(text, url) : text, 'text', url);
    },
    hidden: (text) => (text === '' ? text : HIDDEN_VALUE),
    query: (text) => replaceFound(redactQuery(text, url), 'text', url),
    sql: (text) => replaceFound(stripJsonLiterals(text) ?? stripSqlLiterals(text), 'text', url),
    command: (text) => replaceFound(withoutCredentials(text, mark), 'text', url),
    stack: scanStack,
  };

  function capped(text: string, textKind: TextKind): string {
    if (budget.isSpent()) return budget.notKept();
    budget.spend(text.length);
    if (text.length <= MAX_SCANNED) return byKind[textKind](text);
    const end = safeCut(text);
    counters.cut();
    return `${byKind[textKind](text.slice(0, end))}[+${text.length - end} characters not kept]`;
  }

  return (text, textKind) => {
    if (textKind === 'stack' && stack === 'none') {
      counters.count('drop', 'text');
      return undefined;
    }
    if (where === 'off') {
      return textKind === 'stack' && stack === 'frames' ? framesOnly(splitStack(text)) : text;
    }
    try {
      return capped(text, textKind);
    } catch {
      counters.error();
      return ERROR_MARKER;
    }
  };
}

/** Replaces what is found in a text that is short enough to be scanned, URLs first. */
function replaceFound(text: string, scope: DetectionScope, url: UrlRedaction): string {
  if (isPlain(text, scope)) return text;
  const plain = redactUrls(text, url);
  const found = detect(plain, scope);
  if (found.length === 0) return plain;
  return replaceDetections(plain, found, (value, dataClass) =>
    value === HIDDEN_VALUE || isMask(value) ? value : url.replace(value, dataClass),
  );
}

/** The text that was last found clean at one place. */
export interface CleanText {
  text: string | undefined;
  /** As what it was scanned: a name that is clean may not be so as free text. */
  textKind: TextKind;
}

/** Longer texts seldom come twice, and this many characters are all that a place may hold. */
const LONGEST = 64;

/** A place where nothing was met yet. */
export function noCleanText(): CleanText {
  return { text: undefined, textKind: 'name' };
}

/**
 * Scans a text, unless it is the one that was last found clean at this place: methods, routes
 * and hosts are the same in most records. What was found to hold something is never kept, so
 * that no personal data stays in memory and each finding is counted.
 */
export function scanOnce(
  text: string,
  { textKind, scanText, last }: { textKind: TextKind; scanText: ScanText; last: CleanText },
): string | undefined {
  if (text === last.text && textKind === last.textKind) return text;
  const found = scanText(text, textKind);
  if (found === text && text.length <= LONGEST) {
    last.text = text;
    last.textKind = textKind;
  }
  return found;
}

/** How many stacks of calls are remembered, and how long one may be. */
const MOST_STACKS = 64;
const LONGEST_STACK = 8192;

/** Scans the frames of stack traces; those found clean are remembered, since programs fail alike. */
class CleanFrames {
  readonly #scan: (frames: string) => string;
  readonly #clean = new Set<string>();

  constructor(scan: (frames: string) => string) {
    this.#scan = scan;
  }

  scan(frames: string): string {
    if (this.#clean.has(frames)) return frames;
    const scanned = this.#scan(frames);
    if (scanned === frames && frames.length <= LONGEST_STACK) this.#remember(frames);
    return scanned;
  }

  #remember(frames: string): void {
    const [oldest] = this.#clean;
    if (this.#clean.size >= MOST_STACKS && oldest !== undefined) this.#clean.delete(oldest);
    // A copy: a piece of a text keeps the whole text, with its message, in memory.
    this.#clean.add(Buffer.from(frames, 'utf16le').toString('utf16le'));
  }
}

/** Makes what stands in place of something found. */
export type Mark = (value: string, dataClass: DataClass) => string;

/** Classes of which not even a digest may be stored: whoever guesses a credential could check it. */
const NEVER_HASHED: ReadonlySet<DataClass> = new Set<DataClass>([
  'bearer',
  'jwt',
  'key',
  'secret',
  'text',
]);

/**
 * Builds what stands in a text in place of something found in it: `[email sha256:…]`. Secrets are
 * always masked. Without a key so is all but e-mail: the digest of a CPF, a telephone number or an
 * address falls to trying them all.
 */
export function createMark(digester: Digester, counters: RedactionCounters): Mark {
  return (value, dataClass) => {
    const hashed = !NEVER_HASHED.has(dataClass) && (digester.keyed || dataClass === 'email');
    counters.count(hashed ? 'hash' : 'mask', dataClass);
    if (!hashed) return maskOf(dataClass);
    return `[${dataClass} ${digester.inText(value, dataClass)}]`;
  };
}

/** What stands in place of a masked value. */
export function maskOf(dataClass: DataClass): string {
  return dataClass === 'text' ? '[masked]' : `[${dataClass}]`;
}

const MASKS: ReadonlySet<string> = new Set(DATA_CLASSES.map(maskOf));

/** Whether a text is nothing but a mask that was put there before. */
export function isMask(text: string): boolean {
  return MASKS.has(text);
}

/** What stands in place of a value whose rule or detector failed. */
export const ERROR_MARKER = '[REDACTION_ERROR]';

/** How far from its limit a cut may lie, and how far around it values are looked for whole. */
const REACH = 4096;

const WHITE_SPACE = /\s/;

/**
 * Where to cut a text that is too long: at white space close by, before a value that lies across
 * the cut (half of it would be recognised by no detector), never inside a character.
 */
function safeCut(text: string): number {
  const from = MAX_SCANNED - 2 * REACH;
  let cut = MAX_SCANNED;
  while (cut > MAX_SCANNED - REACH && !WHITE_SPACE.test(text.charAt(cut))) cut -= 1;
  for (const { start, end } of detect(text.slice(from, MAX_SCANNED + REACH), 'text')) {
    if (from + start < cut && cut < from + end) cut = from + start;
  }
  const unit = text.charCodeAt(cut);
  return unit >= 0xdc00 && unit <= 0xdfff ? cut - 1 : cut;
}

interface StackPart {
  readonly kind: 'message' | 'frames';
  readonly text: string;
}

/**
 * Cuts a stack trace into messages, which people write and which hold anything, and frames, which
 * name places in code. A line that is not certainly a frame belongs to a message, as do causes in
 * the middle of the trace.
 */
function splitStack(text: string): readonly StackPart[] {
  const parts: StackPart[] = [];
  let start = 0;
  let kind: StackPart['kind'] = 'message';
  for (let at = 0; at < text.length;) {
    let end = text.indexOf('\n', at);
    end = end < 0 ? text.length : end + 1;
    const lineKind = isFrame(text.slice(at, end)) ? 'frames' : 'message';
    if (lineKind !== kind) {
      if (at > start) parts.push({ kind, text: text.slice(start, at) });
      start = at;
      kind = lineKind;
    }
    at = end;
  }
  if (start < text.length) parts.push({ kind, text: text.slice(start) });
  return parts;
}

const PLACE = /(?::\d+:\d+|\(<anonymous>|\(native|\(index \d+)\)?$/;

/** `at fn (file:1:2)`, `at file:1:2`, `at async Promise.all (index 0)`: ends in a place in code. */
function isFrame(line: string): boolean {
  const text = line.trim();
  return text.startsWith('at ') && PLACE.test(text.slice(-24));
}

/** A stack trace without its messages: the type of the error, then the frames. */
function framesOnly(parts: readonly StackPart[]): string {
  const [first] = parts;
  const frames = parts.filter(({ kind }) => kind === 'frames').map(({ text }) => text);
  if (first?.kind !== 'message') return frames.join('');
  const joined = frames.join('');
  return joined === '' ? errorName(first.text) : `${errorName(first.text)}\n${joined}`;
}

/** The name at the head of a message, as in `TypeError: …`; a type, not data. */
function errorName(message: string): string {
  const match = /^(?:Uncaught )?([A-Za-z_$][\w$.]{0,127})(?:\s\[[A-Z_]{1,64}\])?(?::|\s*$)/.exec(
    message.slice(0, 256),
  );
  return match?.[1] ?? 'Error';
}
