import { describe, expect, it } from 'vitest';
import type { Redactor } from '../../src/index.ts';
import { createRedactor } from '../../src/index.ts';
import { personalName, secretName } from '../support/redaction-corpus/credentials.ts';
import { ordinaryLine } from '../support/redaction-corpus/ordinary-logs.ts';
import { offByOne } from '../support/redaction-corpus/people.ts';
import { Random } from '../support/redaction-corpus/random.ts';
import type { Sample } from '../support/redaction-corpus/samples.ts';
import { samples, textOf } from '../support/redaction-corpus/samples.ts';
import { SURROUNDINGS } from '../support/redaction-corpus/surroundings.ts';

/** Other seeds and more samples are for looking around: `CORPUS_SEED=7 CORPUS_EACH=5000`. */
const SEED = Number(process.env['CORPUS_SEED'] ?? 20_261_127);
const EACH = Number(process.env['CORPUS_EACH'] ?? 200);

/** What one redactor makes of a text at a place. */
type Place = (text: string) => string;

const everywhere = createRedactor({ detect: 'all' });
const usual = createRedactor();

function fieldOf(redactor: Redactor, name: string): Place {
  return (text) => {
    const redacted = redactor.redact({ [name]: text }) as Readonly<Record<string, unknown>>;
    return String(redacted[name]);
  };
}

const PLACES: Readonly<Record<'text' | 'attribute' | 'exception' | 'url', Place>> = {
  text: (text) => usual.redactText(text),
  attribute: fieldOf(everywhere, 'free'),
  exception: fieldOf(usual, 'exception.message'),
  url: (text) => usual.redactText(`https://app.example/find/${encodeURIComponent(text)}?q=1`),
};

function isMissed(sample: Sample, output: string, place: string): boolean {
  if (output.includes(sample.secret)) return true;
  return place === 'url' && output.includes(encodeURIComponent(sample.secret));
}

function isChanged({ before, behind }: Sample, output: string, place: string): boolean {
  if (place === 'url') return !output.startsWith('https://app.example/find/');
  return !output.startsWith(before) || !output.endsWith(behind);
}

interface Row {
  total: number;
  missed: number;
  changed: number;
}

function count(rows: Map<string, Row>, name: string, wrong: Omit<Row, 'total'>): void {
  const row = rows.get(name) ?? { total: 0, missed: 0, changed: 0 };
  rows.set(name, {
    total: row.total + 1,
    missed: row.missed + wrong.missed,
    changed: row.changed + wrong.changed,
  });
}

function print(title: string, rows: ReadonlyMap<string, Row>, wrong: readonly string[]): void {
  const lines = [...rows].map(([name, { total, missed, changed }]) =>
    [name.padEnd(24), total - missed, missed, changed]
      .map((cell) => String(cell).padStart(7))
      .join(' '),
  );
  const head = `${title.padEnd(24)}  caught  missed changed`;
  process.stdout.write(`${[head, ...lines, ...wrong].join('\n')}\n`);
}

function sum(rows: ReadonlyMap<string, Row>, column: keyof Row): number {
  return [...rows.values()].reduce((total, row) => total + row[column], 0);
}

function show(wrong: string[], kind: string, text: string, output: string): void {
  const most = Number(process.env['CORPUS_SHOWN'] ?? 0);
  if (wrong.length < most)
    wrong.push(`${kind}\n  ${JSON.stringify(text)}\n  ${JSON.stringify(output)}`);
}

describe('the generated corpus', () => {
  it('is caught where it holds something, whatever stands around it and however it is spelled', () => {
    const rows = new Map<string, Row>();
    const wrong: string[] = [];
    for (const sample of samples(EACH, SEED)) {
      const text = textOf(sample);
      for (const [place, redact] of Object.entries(PLACES)) {
        const output = redact(text);
        const missed = isMissed(sample, output, place);
        const changed = !missed && isChanged(sample, output, place);
        const kind = `${missed ? 'missed' : 'changed'} ${sample.dataClass} (${sample.spelling}) in ${place}`;
        if (missed || changed) show(wrong, kind, text, output);
        count(rows, `${sample.dataClass} in ${place}`, {
          missed: Number(missed),
          changed: Number(changed),
        });
      }
    }
    print('class', rows, wrong);
    expect(sum(rows, 'total')).toBeGreaterThanOrEqual(1000);
    expect(sum(rows, 'missed')).toBeLessThanOrEqual(sum(rows, 'total') * 0.005);
    expect(sum(rows, 'changed')).toBeLessThanOrEqual(sum(rows, 'total') * 0.003);
  });

  it('keeps ordinary lines as they are', () => {
    const random = new Random(SEED);
    const rows = new Map<string, Row>();
    const wrong: string[] = [];
    for (let line = 0; line < 8000; line += 1) {
      const text = ordinaryLine(random);
      for (const place of ['text', 'exception'] as const) {
        const output = PLACES[place](text);
        if (output !== text) show(wrong, `changed in ${place}`, text, output);
        count(rows, `line in ${place}`, { missed: 0, changed: Number(output !== text) });
      }
    }
    print('ordinary', rows, wrong);
    expect(sum(rows, 'changed')).toBeLessThanOrEqual(sum(rows, 'total') * 0.003);
  });

  it('keeps numbers whose check digit is wrong', () => {
    const random = new Random(SEED);
    const rows = new Map<string, Row>();
    const wrong: string[] = [];
    for (let number = 0; number < 2000; number += 1) {
      const [before, behind] = random.pick(SURROUNDINGS);
      const text = before + offByOne(random) + behind;
      const output = PLACES.text(text);
      if (output !== text) show(wrong, 'changed', text, output);
      count(rows, 'off by one', { missed: 0, changed: Number(output !== text) });
    }
    print('check digits', rows, wrong);
    expect(sum(rows, 'changed')).toBeLessThanOrEqual(sum(rows, 'total') * 0.003);
  });

  it('takes the value of an attribute away by its name', () => {
    const random = new Random(SEED);
    const redactor = createRedactor();
    const rows = new Map<string, Row>();
    const wrong: string[] = [];
    for (let name = 0; name < 2000; name += 1) {
      const [kind, key] = random.pick([
        ['secret', secretName(random)],
        ['personal', personalName(random)],
      ] as const);
      const value = random.opaque(14);
      const output = JSON.stringify(redactor.redact({ [key]: value, n: 1 }));
      if (output.includes(value)) show(wrong, kind, key, output);
      count(rows, `${kind} by name`, { missed: Number(output.includes(value)), changed: 0 });
    }
    print('names', rows, wrong);
    expect(sum(rows, 'missed')).toBeLessThanOrEqual(sum(rows, 'total') * 0.005);
  });
});
