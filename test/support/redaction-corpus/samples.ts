import type { Credential } from './credentials.ts';
import { CREDENTIALS } from './credentials.ts';
import { PEOPLE } from './people.ts';
import { Random } from './random.ts';
import type { Surrounding } from './surroundings.ts';
import { nested, SEPARATED, SPELLINGS, SURROUNDINGS } from './surroundings.ts';

/** A text with one thing in it that must not travel. */
export interface Sample {
  readonly dataClass: string;
  readonly spelling: string;
  /** What must still stand in front of the mark, and behind it. */
  readonly before: string;
  readonly value: string;
  /** The part of the value that must not be left. */
  readonly secret: string;
  readonly behind: string;
}

export function textOf({ before, value, behind }: Sample): string {
  return before + value + behind;
}

/** What a key word in front of a value is, where the value alone could be anything. */
const ANNOUNCED: Readonly<Record<string, readonly string[]>> = {
  card: ['card ', 'cartão ', 'pan=', '"card_number":"'],
};

function personal(dataClass: string, random: Random): Sample {
  const plain = PEOPLE[dataClass]?.(random) ?? '';
  const spelling = random.pick(Object.keys(SPELLINGS));
  const [before, behind] = random.pick(SURROUNDINGS);
  const announced = random.between(0, 3) === 0 ? random.pick(ANNOUNCED[dataClass] ?? ['']) : '';
  const value = SPELLINGS[spelling]?.(plain, random) ?? plain;
  return { dataClass, spelling, before: before + announced, value, secret: value, behind };
}

function credential(dataClass: string, random: Random): Sample {
  const none: Credential = { before: '', value: '', behind: '' };
  const { before, value, behind, secret = value } = CREDENTIALS[dataClass]?.(random) ?? none;
  const around: Surrounding = random.pick(
    dataClass === 'secret' || dataClass === 'header' ? SEPARATED : SURROUNDINGS,
  );
  return {
    dataClass,
    spelling: 'plain',
    before: around[0] + before,
    value,
    secret,
    behind: behind + around[1],
  };
}

/** A sample whose text stands in JSON inside a string, one or two levels deep. */
function inJson(sample: Sample, levels: number): Sample {
  const encode = (text: string): string => nested(text, levels);
  return {
    ...sample,
    spelling: `${sample.spelling} in JSON ${levels}`,
    before: `{"a":"${encode(sample.before)}`,
    value: encode(sample.value),
    secret: encode(sample.secret),
    behind: `${encode(sample.behind)}"}`,
  };
}

/** As many samples of each class, the same in every run. */
export function samples(each: number, seed: number): readonly Sample[] {
  const random = new Random(seed);
  const made: Sample[] = [];
  const add = (sample: Sample): void => {
    const levels = random.between(0, 9);
    made.push(levels === 1 || levels === 2 ? inJson(sample, levels) : sample);
  };
  for (let count = 0; count < each; count += 1) {
    for (const dataClass of Object.keys(PEOPLE)) add(personal(dataClass, random));
    for (const dataClass of Object.keys(CREDENTIALS)) add(credential(dataClass, random));
  }
  return made;
}
