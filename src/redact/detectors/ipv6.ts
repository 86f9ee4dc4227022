import { isIPv6 } from 'node:net';
import { isEscapeTail } from './boundary.ts';
import { isAlphanumeric, isHexDigit, isLetter, runEnd } from './characters.ts';
import type { Detection, Detector } from './detector.ts';

const COLON = 58;
const DOT = 46;
const PERCENT = 37;
const UNDERSCORE = 95;
/** Longest text of an address, with an IPv4 address at its end. */
const LONGEST = 45;
/** One more group, for a label of hexadecimal letters in front of the address. */
const LONGEST_RUN = LONGEST + 6;

/** Eight pairs of digits: a hardware address (EUI-64) or part of a fingerprint. */
const EIGHT_PAIRS = /^(?:[0-9a-f]{2}:){7}[0-9a-f]{2}$/iu;

function isRunPart(code: number): boolean {
  return isHexDigit(code) || code === COLON || code === DOT;
}

function isAddress(candidate: string): boolean {
  if (candidate.length > LONGEST || !/\d/u.test(candidate)) return false;
  return !EIGHT_PAIRS.test(candidate) && isIPv6(candidate);
}

/** The run without what belongs to the sentence around it: one colon in front, signs behind. */
function trimRun(run: string): { readonly skipped: number; readonly text: string } {
  const skipped = run.startsWith(':') && !run.startsWith('::') ? 1 : 0;
  let end = run.length;
  while (run.charCodeAt(end - 1) === DOT) end -= 1;
  if (run.charCodeAt(end - 1) === COLON && run.charCodeAt(end - 2) !== COLON) end -= 1;
  return { skipped, text: run.slice(skipped, end) };
}

/** Offset of the address inside the run, with or without its first group; `-1` for none. */
function addressOffset(run: string): number {
  if (isAddress(run)) return 0;
  const second = run.indexOf(':') + 1;
  return second > 0 && run.charAt(second) !== ':' && isAddress(run.slice(second)) ? second : -1;
}

/** Offset behind a zone (`%eth0`, RFC 4007) that follows an address, else the offset given. */
function zoneEnd(text: string, end: number): number {
  if (text.charCodeAt(end) !== PERCENT || !isLetter(text.charCodeAt(end + 1))) return end;
  return runEnd(text, end + 1, isAlphanumeric);
}

/** Whether the sign at `at` would make a word of an address next to it. */
function isWordPart(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code === UNDERSCORE || (isAlphanumeric(code) && !isEscapeTail(text, at));
}

/** The address in the run from `start` to `end`, if it holds one. */
function addressIn(text: string, start: number, end: number): Detection | undefined {
  const { skipped, text: run } = trimRun(text.slice(start, end));
  const isLikely = run.includes('::') || run.split(':').length >= 8;
  if (run.length > LONGEST_RUN || !isLikely) return undefined;
  const offset = addressOffset(run);
  const first = start + skipped + offset;
  const last = start + skipped + run.length;
  if (offset === -1 || (first === start && isWordPart(text, start - 1))) return undefined;
  if (last === end && isWordPart(text, end)) return undefined;
  return { start: first, end: zoneEnd(text, last), class: 'ip' };
}

/**
 * Finds IPv6 addresses (RFC 4291, with zones) among runs of hexadecimal digits and colons.
 *
 * Times, hardware addresses, fingerprints and names such as `std::vector` or `a::b` are none; an
 * address without a single decimal digit is left alone for that reason.
 */
export const ipv6Detector: Detector = {
  class: 'ip',
  find(text: string): readonly Detection[] {
    const found: Detection[] = [];
    let colon = text.indexOf(':');
    while (colon !== -1) {
      const floor = found.at(-1)?.end ?? 0;
      let start = colon;
      while (start > floor && isHexDigit(text.charCodeAt(start - 1))) start -= 1;
      const end = runEnd(text, colon, isRunPart);
      const address = addressIn(text, start, end);
      if (address !== undefined) found.push(address);
      colon = text.indexOf(':', Math.max(end, address?.end ?? 0));
    }
    return found;
  },
};
