import { type DetectionScope, mayDetect } from './detect.ts';

/** Whether there may be a URL, or a relative reference with a query, that is redacted in parts. */
function mayHoldUrl(text: string): boolean {
  return text.includes('://') || text.includes('?');
}

/** Whether a URL in the text may have more than a host and a path that says what it says. */
function hasUrlSigns(text: string): boolean {
  return (
    text.includes('@') ||
    text.includes('?') ||
    text.includes('#') ||
    text.includes('%') ||
    text.includes('+')
  );
}

/**
 * Whether a text certainly stays as it is, with all its URLs: one quick look instead of the
 * redaction of URLs and the detectors. `false` does not mean that there is something in it.
 *
 * The parts of URLs are searched with all detectors, whatever the scope, as their redaction does.
 */
export function isPlain(text: string, scope: DetectionScope): boolean {
  if (!mayHoldUrl(text)) return !text.includes('%') && !mayDetect(text, scope);
  return !hasUrlSigns(text) && !mayDetect(text, 'text');
}
