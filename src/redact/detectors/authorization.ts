import { isProse } from './credential-prose.ts';
import type { Detection, Detector } from './detector.ts';

/** An Authorization line, as a header, an object field or an environment variable. */
const HEADER = /authorization\\?["']?[ \t]{0,8}[:=][ \t]{0,8}\\?(["']?)/giu;

/** Schemes whose credentials are one word. */
const ONE_WORD = /(?:bearer|basic|token|dpop|apikey|api-key)[ \t]{1,8}([^\s"'`,;{}<>\\]+)/iuy;

/** Schemes whose credentials are a list of parameters. */
const MANY_WORDS =
  /(?:digest|negotiate|ntlm|hawk|oauth|mac|signature|hmac|sharedkey|aws4-hmac-sha256)[ \t]{1,8}(?=\S)/iuy;

/** Credentials without a scheme. */
const NO_SCHEME = /(?=[\w.~+/=-]{0,64}\d)[\w.~+/=-]{8,}/uy;

/**
 * Whether the header is named, in one of the ways that people and programs write it. Its end is
 * looked for first because it begins with a rare letter.
 */
function isNamed(text: string): boolean {
  return (
    (text.includes('zation') && text.includes('uthorization')) ||
    (text.includes('ZATION') && text.includes('UTHORIZATION'))
  );
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

/** Offset where a list of parameters ends: the closing quote, else the end of the line. */
function lineEnd(text: string, from: number, quote: string): number {
  let end = from;
  while (end < text.length) {
    const sign = text.charAt(end);
    if (sign === '\n' || sign === '\r' || (quote !== '' && sign === quote)) break;
    end += 1;
  }
  return end;
}

/** The credentials in an Authorization line whose value begins at `start`. */
function credentialsAt(text: string, start: number, quote: string): Detection | undefined {
  const many = matchAt(MANY_WORDS, text, start);
  if (many !== null) {
    const from = start + many[0].length;
    const end = lineEnd(text, from, quote);
    return end === from ? undefined : { start: from, end, class: 'bearer' };
  }
  const word = matchAt(ONE_WORD, text, start);
  const [whole, value] = word ?? matchAt(NO_SCHEME, text, start) ?? [''];
  if (whole === '' || (value !== undefined && isProse(value))) return undefined;
  const end = start + whole.length;
  return { start: end - (value ?? whole).length, end, class: 'bearer' };
}

/**
 * Finds whatever stands in an `authorization:` line, as a header, an object field or an
 * environment variable (RFC 9110 section 11.6.2). The scheme itself stays readable.
 */
export const authorizationDetector: Detector = {
  class: 'bearer',
  mayFind: isNamed,
  find(text: string): readonly Detection[] {
    if (!isNamed(text)) return [];
    const found: Detection[] = [];
    for (const match of text.matchAll(HEADER)) {
      const start = match.index + match[0].length;
      if (start < (found.at(-1)?.end ?? 0)) continue;
      const credentials = credentialsAt(text, start, match[1] ?? '');
      if (credentials !== undefined) found.push(credentials);
    }
    return found;
  },
};
