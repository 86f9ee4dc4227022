import { DEFAULT_RULES, type DefaultRule } from './default-rules.ts';
import type { DataClass } from './detectors/detector.ts';
import { compilePattern, type Match } from './match.ts';
import { type NamePath, namePath } from './name-path.ts';
import type { RedactAction, RedactRule } from './options.ts';
import type { ResolvedRedaction } from './resolve.ts';
import { type Surface, surfaceOf } from './surface.ts';

/** What happens to the value under one path. */
export interface Decision {
  /** `scan`: no rule; the value is searched. `error`: a rule failed; the value does not travel. */
  readonly action: RedactAction | 'scan' | 'error';
  readonly class: DataClass;
  /** Place of the rule in the order of all rules; the lower wins over the rule of a container. */
  readonly order: number;
  /** Whether a rule of the user decided: built-in rules leave `true`, `false` and counts alone. */
  readonly own: boolean;
  readonly stringsOnly: boolean;
  readonly surface: Surface;
  /** Of a value that is dropped only because nobody named it: what is decided once it is named. */
  readonly ifAllowed: Decision | undefined;
}

/** The decision about a value whose rule failed: it does not travel. */
export const FAILED: Decision = {
  action: 'error',
  class: 'text',
  order: -1,
  own: true,
  stringsOnly: false,
  surface: 'name',
  ifAllowed: undefined,
};

interface CompiledDefault {
  readonly rule: DefaultRule;
  readonly order: number;
  readonly matches: (path: NamePath) => boolean;
}

/** Regular expressions of users see at most this much; what is longer is masked unseen. */
const MAX_PATH = 4096;
const NO_RULE = Number.POSITIVE_INFINITY;
const NO_DEFAULT: DefaultRule = { names: [], action: 'scan', class: 'text' };

function compileDefaults(offset: number): readonly CompiledDefault[] {
  return DEFAULT_RULES.map((rule, index) => {
    const patterns = rule.names.map((name) => compilePattern(`**.${name}`));
    const { except } = rule;
    return {
      rule,
      order: offset + index,
      matches(path) {
        if (except?.has(path.words.at(-1) ?? '') === true) return false;
        return patterns.some((pattern) => {
          const met = pattern(path);
          // What is harmless as a value is not harmless with more below it.
          return met === 'exact' || (met === 'below' && rule.action !== 'scan');
        });
      },
    };
  });
}

function compileOwn({ match }: RedactRule): (path: NamePath, dotted: string) => Match {
  if (typeof match === 'string') return compilePattern(match);
  return (_path, dotted) => (match.test(dotted) ? 'exact' : undefined);
}

function decided(rule: DefaultRule, order: number, surface: Surface): Decision {
  return {
    action: rule.action,
    class: rule.class,
    order,
    own: false,
    stringsOnly: rule.stringsOnly === true,
    surface,
    ifAllowed: undefined,
  };
}

/** Compiles all rules into the function that decides about a dotted path. It may throw. */
export function compileRules({ rules, mode }: ResolvedRedaction): (path: string) => Decision {
  const own = rules.map((rule, order) => ({ rule, order, match: compileOwn(rule) }));
  const defaults = compileDefaults(rules.length);

  const byDefault = (path: NamePath, surface: Surface): Decision => {
    const found = defaults.find(({ matches }) => matches(path));
    if (found === undefined) return decided(NO_DEFAULT, NO_RULE, surface);
    return decided(found.rule, found.order, surface);
  };

  return (dotted) => {
    const surface = surfaceOf(dotted);
    if (dotted.length > MAX_PATH) return { ...decided(NO_DEFAULT, 0, surface), action: 'mask' };
    const path = namePath(dotted);
    const builtIn = byDefault(path, surface);
    for (const { rule, order, match } of own) {
      const met = match(path, dotted);
      if (met === undefined) continue;
      if (rule.action !== 'keep') {
        const dataClass = rule.class ?? builtIn.class;
        return { ...builtIn, action: rule.action, class: dataClass, order, own: true };
      }
      if (mode === 'allow') {
        return allowedBy(builtIn, met === 'exact' && namesOne(rule) ? 'exact' : 'below', order);
      }
      // Keeping a value is a decision about that value, not about everything below its name.
      if (met === 'exact') return { ...builtIn, action: 'keep', order, own: true };
    }
    if (mode === 'deny') return builtIn;
    return { ...builtIn, action: 'drop', order: NO_RULE, ifAllowed: builtIn };
  };
}

/** Whether a rule names one attribute and not a family of them. */
function namesOne({ match }: RedactRule): boolean {
  return typeof match === 'string' && !match.includes('*');
}

/** In allow mode naming a value lets it travel, but never a secret, and never unsearched. */
function allowedBy(builtIn: Decision, met: 'exact' | 'below', order: number): Decision {
  if (builtIn.action === 'mask' || builtIn.action === 'drop') return builtIn;
  if (met === 'below' && builtIn.action === 'hash') return builtIn;
  return { ...builtIn, action: 'scan', order, own: true };
}

/** The decision about a value inside a container, of which something was decided as well. */
export function inherit(inner: Decision, container: Decision | undefined): Decision {
  if (container === undefined || container.order === NO_RULE || container.action === 'keep') {
    return inner;
  }
  if (container.action !== 'scan') return inner.order <= container.order ? inner : container;
  if (!container.own || inner.ifAllowed === undefined) return inner;
  return allowedBy(inner.ifAllowed, 'below', container.order);
}
