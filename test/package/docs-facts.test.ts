import { describe, expect, it } from 'vitest';
import { listOptions } from '../../src/config/option-table.ts';
import { DROP_REASONS } from '../../src/index.ts';
import { Counters } from '../../src/telemetry/counters.ts';
import { fakeSpool } from '../support/fake-spool.ts';
import { DOCS, codesIn, tableRows } from './docs.ts';

const KNOWN = listOptions();

const OPTIONS = tableRows('README.md', 'Options').map(
  ([option = '', variable = '', preset = '']) => ({
    name: codesIn(option)[0] ?? '',
    variable: codesIn(variable)[0],
    preset,
  }),
);

const byName = (a: string, b: string): number => (a < b ? -1 : 1);

describe('the options table of the README', () => {
  it('names exactly the options there are', () => {
    const expected = KNOWN.map(({ path }) => path).sort(byName);
    expect(OPTIONS.map(({ name }) => name).sort(byName)).toEqual(expected);
  });

  it('names exactly the variables that are read', () => {
    const read = KNOWN.flatMap(({ variable }) => variable ?? []);
    const named = OPTIONS.flatMap(({ variable }) => variable ?? []);
    expect(named.sort(byName)).toEqual([...read].sort(byName));
    const anywhere = DOCS.flatMap(({ text }) => text.match(/IMTBL_[A-Z_]*[A-Z]/g) ?? []);
    expect(anywhere.filter((name) => !read.includes(name))).toEqual([]);
  });

  it('gives the defaults that hold', () => {
    const shown = new Map(
      OPTIONS.map(({ name, preset }) => [name, preset.replaceAll(/[`',]/g, '')]),
    );
    for (const { path, preset } of KNOWN) {
      if (preset === undefined) continue;
      const held = JSON.stringify(preset)
        .replaceAll(/["[\]]/g, '')
        .replaceAll(',', ' ');
      expect([path, shown.get(path)]).toEqual([path, held]);
    }
    expect(KNOWN.filter(({ preset }) => preset !== undefined).length).toBeGreaterThan(10);
  });
});

const countersUnder = (path: string, heading: string): readonly string[] =>
  tableRows(path, heading).flatMap(([, , , counter = '']) => codesIn(counter));

describe('the table of failures', () => {
  const counters = countersUnder('.github/FAILURES.md', 'Every case');

  it('names every reason for a loss that there is', () => {
    const reasons = counters
      .filter((code) => code.startsWith('dropped.'))
      .map((code) => code.slice('dropped.'.length));
    expect([...new Set(reasons)].sort(byName)).toEqual([...DROP_REASONS].sort(byName));
  });

  it('names no counter that stats() does not have', () => {
    const known = Object.keys(new Counters().stats());
    const ofSpool = [...Object.keys(fakeSpool().stats()), 'stalled'].map((name) => `spool.${name}`);
    const others = counters
      .filter((code) => !code.startsWith('dropped.'))
      .map((code) => (code.startsWith('spool.') ? code : (code.split('.')[0] ?? '')));
    expect(others.filter((code) => ![...known, ...ofSpool].includes(code))).toEqual([]);
    expect(others.length).toBeGreaterThan(5);
  });

  it('has the twelve of the README in full', () => {
    const twelve = tableRows('README.md', 'When something fails');
    expect(twelve).toHaveLength(12);
    const shown = countersUnder('README.md', 'When something fails');
    expect(counters).toEqual(expect.arrayContaining([...shown]));
  });
});
