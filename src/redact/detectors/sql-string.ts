const BACKSLASH = 92;

/**
 * How a statement writes a quote inside a string: `''` only, as the standard says, or also `\'`,
 * as MySQL does. It is `unknown` until a string of the statement can be read in one way only.
 */
export type SqlDialect = 'unknown' | 'standard' | 'backslash';

/** Where a string literal ends, and what it showed about the dialect. */
export interface SqlStringEnd {
  readonly end: number;
  readonly dialect: SqlDialect;
}

/** Offset behind the closing quote when `\` does or does not escape; `-1` when there is none. */
function closingEnd(text: string, start: number, escape: number): number {
  const quote = text.charCodeAt(start);
  let at = start + 1;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === escape) at += 2;
    else if (code !== quote) at += 1;
    else if (text.charCodeAt(at + 1) === quote) at += 2;
    else return at + 1;
  }
  return -1;
}

/** Whether a statement may go on at `at` right behind a string. */
function mayFollow(text: string, at: number): boolean {
  return at >= text.length || /[\s,);:|\]}+*/=<>!-]/u.test(text.charAt(at));
}

/**
 * Finds the end of the string literal that opens at `start`.
 *
 * A backslash in front of a quote can be read in two ways. The way after which the statement goes
 * on like a statement is taken, for the rest of it too. Where both or neither do, and where the
 * string does not end, all the rest counts as part of the string: nothing of it may travel.
 */
export function sqlStringEnd(text: string, start: number, dialect: SqlDialect): SqlStringEnd {
  const escaped = dialect === 'standard' ? -1 : closingEnd(text, start, BACKSLASH);
  if (dialect === 'backslash') return { end: escaped === -1 ? text.length : escaped, dialect };
  if (dialect === 'unknown' && escaped === -1) return { end: text.length, dialect };
  const standard = closingEnd(text, start, Number.NaN);
  if (dialect === 'standard' || standard === escaped) {
    return { end: standard === -1 ? text.length : standard, dialect };
  }
  const isEscaped = mayFollow(text, escaped);
  const isStandard = standard !== -1 && mayFollow(text, standard);
  if (isEscaped === isStandard) return { end: text.length, dialect };
  return isEscaped
    ? { end: escaped, dialect: 'backslash' }
    : { end: standard, dialect: 'standard' };
}
