import { type DetectionScope, mayDetectBy } from './detect.ts';
import { profileText, SIGNS } from './profile.ts';

/** Signs of a URL that has more than a host and a path that says what it says. */
const URL_SIGNS = SIGNS.at | SIGNS.question | SIGNS.hash | SIGNS.percent | SIGNS.plus;
const SCHEME_SIGNS = SIGNS.colon | SIGNS.slash;

/** Whether there may be a URL, or a relative reference with a query, that is redacted in parts. */
function mayHoldUrl(text: string, profile: number): boolean {
  if ((profile & SIGNS.question) !== 0) return true;
  return (profile & SCHEME_SIGNS) === SCHEME_SIGNS && text.includes('://');
}

/**
 * Whether a text certainly stays as it is, with all its URLs: one quick look instead of the
 * redaction of URLs and the detectors. `false` does not mean that there is something in it.
 *
 * The parts of URLs are searched with all detectors, whatever the scope, as their redaction does.
 */
export function isPlain(text: string, scope: DetectionScope): boolean {
  const profile = profileText(text);
  if (mayHoldUrl(text, profile)) return isPlainBy(text, profile);
  return (profile & SIGNS.percent) === 0 && !mayDetectBy(text, profile, scope);
}

/** Whether a text certainly stays as it is when the whole of it is redacted as one URL. */
export function isPlainUrl(text: string): boolean {
  return isPlainBy(text, profileText(text));
}

function isPlainBy(text: string, profile: number): boolean {
  return (profile & URL_SIGNS) === 0 && !mayDetectBy(text, profile, 'text');
}
