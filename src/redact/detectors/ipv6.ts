import { isIPv6 } from 'node:net';
import { isEscapeTail } from './boundary.ts';
import { isAlphanumeric, isHexDigit, isLetter, runEnd } from './characters.ts';
import type { Detection, Detector } from './detector.ts';

const COLON = 58;
const DOT = 46;
const PERCENT = 37;
const UNDERSCORE = 95;
const LONGEST_GROUP = 4;
/** How many colons an address has in which no two stand together. */
const COLONS = 7;
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

/** Whether two colons stand together, or as many in a row as an address without that has. */
function hasColonRow(text: string): boolean {
  let count = 0;
  let last = -1;
  for (let colon = text.indexOf(':'); colon !== -1; colon = text.indexOf(':', colon + 1)) {
    if (last !== -1 && colon === last + 1) return true;
    count = colon - last <= LONGEST_GROUP + 1 ? count + 1 : 1;
    if (count >= COLONS) return true;
    last = colon;
  }
  return false;
}

/** Whether the colons from the first on are as many as an address has, or two stand together. */
function isLikely(text: string, colon: number, end: number): boolean {
  if (end - colon < 2 || end - colon > LONGEST_RUN) return false;
  let colons = 0;
  for (let at = colon; at < end; at += 1) {
    if (text.charCodeAt(at) !== COLON) continue;
    if (text.charCodeAt(at + 1) === COLON) return true;
    colons += 1;
  }
  return colons >= COLONS;
}

/** The address in the run that has its first colon at `colon` and ends at `end`. */
function addressAround(text: string, colon: number, end: number): Detection | undefined {
  let start = colon;
  while (colon - start < LONGEST_RUN && isHexDigit(text.charCodeAt(start - 1))) start -= 1;
  const { skipped, text: run } = trimRun(text.slice(start, end));
  if (run.length > LONGEST_RUN) return undefined;
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
  mayFind: hasColonRow,
  find(text: string): readonly Detection[] {
    const found: Detection[] = [];
    let colon = text.indexOf(':');
    while (colon !== -1) {
      const end = runEnd(text, colon, isRunPart);
      const address = isLikely(text, colon, end) ? addressAround(text, colon, end) : undefined;
      if (address !== undefined) found.push(address);
      colon = text.indexOf(':', Math.max(end, address?.end ?? 0));
    }
    return found;
  },
};
