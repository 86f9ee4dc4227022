/** The code of a system error, such as `ENOSPC`; a word that is safe to show where there is none. */
export function errorCodeOf(error: unknown): string {
  const code: unknown =
    typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]{1,40}$/.test(code) ? code : 'unknown error';
}

/** Whether the disk has no room: it may have some again, and nothing is wrong with the file. */
export function isDiskFull(error: unknown): boolean {
  const code = errorCodeOf(error);
  return code === 'ENOSPC' || code === 'EDQUOT' || code === SHORT_WRITE;
}

const PASSING: ReadonlySet<string> = new Set([
  'EMFILE',
  'ENFILE',
  'ENOMEM',
  'EAGAIN',
  'EINTR',
  'EBUSY',
]);

/** Whether the process or the machine lacks something just now, and nothing is wrong with the file. */
export function isPassing(error: unknown): boolean {
  return PASSING.has(errorCodeOf(error));
}

/** Code of a write that made no progress and gave no error. */
export const SHORT_WRITE = 'ESHORTWRITE';
