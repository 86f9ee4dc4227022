import { continuesWord } from './boundary.ts';
import { isProse } from './credential-prose.ts';
import { isSpace, runEnd } from './characters.ts';
import type { Detection, Detector } from './detector.ts';

const SCHEMES: readonly string[] = ['bearer', 'basic', 'token', 'dpop', 'apikey'];
/** The schemes again, for the engine to look for all at once. */
const ANY_SCHEME = /(?:bearer|basic|token|dpop|apikey) /iu;
const CREDENTIALS = /[\w.~+/-]{4,}={0,2}/uy;
const LONGEST_SCHEME = 6;

/** Last letters, in lower case, of the schemes above. */
const LAST_LETTERS: ReadonlySet<number> = new Set(
  Array.from('rcnpy', (sign) => sign.charCodeAt(0)),
);

/** Whether the text is base64 of `user:password`, which is what Basic credentials are. */
function isBasicCredential(value: string): boolean {
  const head = value.replace(/=+$/u, '').slice(0, 512);
  const whole = head.length % 4 === 1 ? head.slice(0, -1) : head;
  if (!/^[A-Za-z0-9+/_-]{4,}$/u.test(whole)) return false;
  return atob(whole.replaceAll('-', '+').replaceAll('_', '/')).includes(':');
}

/** Long, and of letters and digits both: no word, no number. */
function isOpaque(value: string): boolean {
  return value.length >= 16 && /\d/u.test(value) && /[a-z]/iu.test(value);
}

function isCredential(scheme: string, value: string): boolean {
  if (scheme === 'bearer' || scheme === 'dpop') return !isProse(value);
  return scheme === 'basic' ? isBasicCredential(value) : isOpaque(value);
}

/** The name of the scheme that ends before the space at `space`, in lower case. */
function schemeBefore(text: string, space: number): string | undefined {
  if (!LAST_LETTERS.has(text.charCodeAt(space - 1) | 32)) return undefined;
  const head = text.slice(Math.max(0, space - LONGEST_SCHEME), space).toLowerCase();
  const scheme = SCHEMES.find((name) => head.endsWith(name));
  return scheme === undefined || continuesWord(text, space - scheme.length) ? undefined : scheme;
}

/**
 * Finds credentials behind the name of their scheme: `Bearer …`, `Basic …` when it decodes to
 * `user:password`, `Token …` when it is opaque. The scheme itself stays readable.
 *
 * Prose such as "bearer token expired" or "basic functionality" is no credential.
 */
export const bearerDetector: Detector = {
  class: 'bearer',
  mayFind: (text) => ANY_SCHEME.test(text),
  find(text: string): readonly Detection[] {
    const found: Detection[] = [];
    let space = text.indexOf(' ');
    while (space !== -1) {
      const scheme = schemeBefore(text, space);
      let next = space + 1;
      if (scheme !== undefined) {
        const start = runEnd(text, next, isSpace);
        CREDENTIALS.lastIndex = start;
        const value = CREDENTIALS.exec(text)?.[0] ?? '';
        next = start + value.length;
        if (value !== '' && isCredential(scheme, value)) {
          found.push({ start, end: next, class: 'bearer' });
        }
      }
      space = text.indexOf(' ', next);
    }
    return found;
  },
};
