import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CLIENT_OPTION_NAMES, DEFAULTS, MAPPING_OPTION_NAMES } from '../../src/config/options.ts';
import { SPOOL_OPTION_NAMES } from '../../src/config/resolve.ts';
import type { RedactOptions, RetryOptions } from '../../src/index.ts';
import { DROP_REASONS } from '../../src/index.ts';
import { Counters } from '../../src/telemetry/counters.ts';
import { REPOSITORY } from '../support/run-script.ts';
import { DOCS, codesIn, tableRows } from './docs.ts';

// The compiler asks for a name here as soon as the options have it.
const RETRY: Readonly<Record<keyof RetryOptions, true>> = {
  maxRetries: true,
  initialDelayMs: true,
  maxDelayMs: true,
};
const REDACT: Readonly<Record<keyof RedactOptions, true>> = {
  rules: true,
  detect: true,
  mode: true,
  naming: true,
  key: true,
  strict: true,
  stack: true,
  urlQueryAllow: true,
};

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
    const nested = [
      ...Object.keys(RETRY).map((name) => `retry.${name}`),
      ...Object.keys(REDACT).map((name) => `redact.${name}`),
      ...SPOOL_OPTION_NAMES.map((name) => `spool.${name}`),
    ];
    const flat = [...CLIENT_OPTION_NAMES, ...MAPPING_OPTION_NAMES].filter(
      (name) => !['retry', 'redact', 'spool'].includes(name),
    );
    const expected = [...new Set<string>([...flat, ...nested])].sort(byName);
    expect(OPTIONS.map(({ name }) => name).sort(byName)).toEqual(expected);
  });

  it('names exactly the variables that are read', () => {
    const source = readFileSync(join(REPOSITORY, 'src/config/environment.ts'), 'utf8');
    const read = new Set([...source.matchAll(/'(IMTBL_[A-Z_]+)'/g)].map(([, name = '']) => name));
    const named = OPTIONS.flatMap(({ variable }) => variable ?? []);
    expect(named.sort(byName)).toEqual([...read].sort(byName));
    const anywhere = DOCS.flatMap(({ text }) => text.match(/IMTBL_[A-Z_]*[A-Z]/g) ?? []);
    expect(anywhere.filter((name) => !read.has(name))).toEqual([]);
  });

  it('gives the defaults that hold', () => {
    const presets = new Map(
      OPTIONS.map(({ name, preset }) => [name.split('.').at(-1), preset.replaceAll(/[`',]/g, '')]),
    );
    const shown = Object.keys(DEFAULTS).map((name) => [name, presets.get(name)]);
    const actual = Object.entries(DEFAULTS).map(([name, value]) => [
      name,
      typeof value === 'object' ? value.join(' ') : String(value),
    ]);
    expect(shown).toEqual(actual);
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
    const others = counters
      .filter((code) => !code.startsWith('dropped.'))
      .map((code) => code.split('.')[0] ?? '');
    expect(others.filter((code) => !known.includes(code))).toEqual([]);
    expect(others.length).toBeGreaterThan(5);
  });

  it('has the twelve of the README in full', () => {
    const twelve = tableRows('README.md', 'When something fails');
    expect(twelve).toHaveLength(12);
    const shown = countersUnder('README.md', 'When something fails');
    expect(counters).toEqual(expect.arrayContaining([...shown]));
  });
});
