const DAY_NAME = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)/;

/**
 * Reads an HTTP date (RFC 9110, 5.6.7).
 *
 * @returns ms since the epoch; `undefined` when the text is no such date
 */
export function parseHttpDate(text: string): number | undefined {
  // Every form starts with the name of a day; Date.parse alone would take almost anything.
  if (!DAY_NAME.test(text)) return undefined;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : at;
}
