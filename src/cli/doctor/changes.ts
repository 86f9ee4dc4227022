import type { JsonValue } from '../../record/json.ts';
import type { Decision } from '../../redact/rules.ts';
import { type FoundMark, isDigest, marksIn } from './marks.ts';
import type { ValuePair } from './pair-trees.ts';

/** Something redaction did to a value. */
export interface Change {
  readonly path: string;
  readonly action: FoundMark['action'] | 'drop' | 'truncate' | 'rewrite';
  readonly class: string;
}

type Effect = Omit<Change, 'path'>;

/** The marks in `after` that were not there before. */
function newMarks(before: string, after: string): readonly FoundMark[] {
  const known = marksIn(before);
  const old = known.map((mark) => `${mark.action} ${mark.class}`);
  return marksIn(after).filter((mark) => {
    const at = old.indexOf(`${mark.action} ${mark.class}`);
    if (at !== -1) old.splice(at, 1);
    return at === -1;
  });
}

function effectsOnText(before: JsonValue, after: string, decision: Decision): readonly Effect[] {
  if (isDigest(after)) return [{ action: 'hash', class: decision.class }];
  const marks = newMarks(typeof before === 'string' ? before : '', after);
  if (marks.length > 0) return marks;
  const action = decision.action === 'truncate' ? 'truncate' : 'rewrite';
  return [{ action, class: decision.class }];
}

/** What redaction did to one value, and to the key above it; not to what is inside it. */
export function changesOf(pair: ValuePair, decide: (name: string) => Decision): readonly Change[] {
  const { path, name, before, after, keys } = pair;
  const effects: Effect[] = keys === undefined ? [] : [...newMarks(...keys)];
  if (after === undefined) effects.push({ action: 'drop', class: decide(name).class });
  else if (typeof after === 'string' && after !== before) {
    effects.push(...effectsOnText(before, after, decide(name)));
  }
  return effects.map((effect) => ({ path, ...effect }));
}
