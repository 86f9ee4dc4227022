import type { JsonValue } from '../../record/json.ts';
import { detect } from '../../redact/detectors/detect.ts';
import type { DataClass } from '../../redact/detectors/detector.ts';
import type { Decision } from '../../redact/rules.ts';
import { isDigest, isOnlyMarks, withoutDigests } from './marks.ts';
import type { ValuePair } from './pair-trees.ts';

/** The shortest number that the detectors can tell from any other: a CPF has 11 digits. */
const SHORTEST_NUMBER = 10_000_000_000;

function found(text: string): readonly DataClass[] {
  const readable = withoutDigests(text);
  return detect(readable, 'text')
    .filter(({ start, end }) => !isOnlyMarks(readable.slice(start, end)))
    .map((detection) => detection.class);
}

function foundInValue(value: JsonValue | undefined): readonly DataClass[] {
  if (typeof value === 'number') return value < SHORTEST_NUMBER ? [] : found(String(value));
  return typeof value === 'string' && !isDigest(value) ? found(value) : [];
}

/** The built-in rules leave these alone because they are about the machine, not about people. */
function isOfMachine({ action, order }: Decision): boolean {
  return action === 'scan' && Number.isFinite(order);
}

/** A value that redaction left as it was, although it is more than a flag or a count. */
function isRaw({ before, after }: ValuePair, { stringsOnly }: Decision): boolean {
  if (before !== after) return false;
  if (typeof after === 'number') return !stringsOnly;
  return typeof after === 'string' && !isDigest(after) && !isOnlyMarks(after);
}

/** The class that the name of a value stands for, where the value is still there. */
function foundByName(pair: ValuePair, builtIn: (name: string) => Decision): readonly DataClass[] {
  const whole = builtIn(pair.name);
  if (whole.action === 'hash') return isRaw(pair, whole) ? [whole.class] : [];
  // A header is masked for being a header; to keep one is a choice, unless its own name warns.
  const own = builtIn(pair.name.slice(pair.name.lastIndexOf('.') + 1));
  const isSensitive = own.action === 'mask' || own.action === 'hash';
  return isSensitive && isRaw(pair, own) ? [own.class] : [];
}

/**
 * The classes of data that a value and its key still look like after redaction. It asks more than
 * redaction does: every text counts as free text, and large numbers count as text.
 */
export function leftoversOf(
  pair: ValuePair,
  builtIn: (name: string) => Decision,
): ReadonlySet<DataClass> {
  const { name, after, keys } = pair;
  if (after === undefined) return new Set();
  const classes = new Set([...foundInValue(after), ...foundByName(pair, builtIn)]);
  if (isOfMachine(builtIn(name))) classes.delete('ip');
  for (const dataClass of found(keys?.[1] ?? '')) classes.add(dataClass);
  return classes;
}
