/** What a benchmark says of an option that this build refuses. */
export const NOT_IN_BUILD = 'not in this build';

/** Whether an error means that the build has no such option. */
export function isUnknownOption(error: unknown): boolean {
  return (
    error instanceof Error &&
    'code' in error &&
    error.code === 'config_invalid' &&
    error.message.includes('unknown option')
  );
}
