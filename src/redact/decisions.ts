import type { ResolvedRedaction } from './resolve.ts';
import { compileRules, type Decision, FAILED } from './rules.ts';

/**
 * Builds the function that decides about a dotted path. It is total: the value under a path whose
 * rule fails does not travel.
 */
export function createDecisions(resolved: ResolvedRedaction): (path: string) => Decision {
  const decide = compileRules(resolved);
  return (path) => {
    try {
      return decide(path);
    } catch {
      return FAILED;
    }
  };
}
