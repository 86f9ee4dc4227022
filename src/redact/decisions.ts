import { remember } from './remember.ts';
import type { ResolvedRedaction } from './resolve.ts';
import { compileRules, type Decision, FAILED } from './rules.ts';

/**
 * Builds the function that decides about a dotted path, remembering its answers. It is total: a
 * path whose rule fails does not travel. `isClean` says which paths may be kept in memory: not
 * those that show personal data.
 */
export function createDecisions(
  resolved: ResolvedRedaction,
  isClean: (path: string) => boolean,
): (path: string) => Decision {
  const decide = compileRules(resolved);
  return remember((path) => {
    try {
      return decide(path);
    } catch {
      return FAILED;
    }
  }, isClean);
}
