import { readFileSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { listOptions } from '../../src/config/option-table.ts';
import { DROP_REASONS } from '../../src/index.ts';
import { createCounters } from '../../src/telemetry/counters.ts';
import { REPOSITORY } from '../support/run-script.ts';
import { README, codesIn, tableRows } from './readme-blocks.ts';

const KNOWN = listOptions();

const OPTIONS = tableRows('Options').map(([option = '', variable = '', preset = '']) => ({
  name: codesIn(option)[0] ?? '',
  variable: codesIn(variable)[0],
  preset,
}));

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
    const anywhere = new Set(README.match(/IMTBL_[A-Z_]+/g));
    expect([...anywhere].filter((name) => !read.includes(name))).toEqual([]);
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

describe('the table of what happens when', () => {
  const counters = tableRows('What happens when…').flatMap(([, , , counter = '']) =>
    codesIn(counter),
  );

  it('names every reason for a loss that there is', () => {
    const reasons = counters
      .filter((code) => code.startsWith('dropped.'))
      .map((code) => code.slice('dropped.'.length));
    expect([...new Set(reasons)].sort(byName)).toEqual([...DROP_REASONS].sort(byName));
  });

  it('names no counter that stats() does not have', () => {
    const known = Object.keys(createCounters().stats());
    const others = counters
      .filter((code) => !code.startsWith('dropped.'))
      .map((code) => code.split('.')[0] ?? '');
    expect(others.filter((code) => !known.includes(code))).toEqual([]);
    expect(others.length).toBeGreaterThan(5);
  });
});

describe('the last column of that table', () => {
  it('names test files that are there', () => {
    const files = new Set(
      readdirSync(join(REPOSITORY, 'test'), { recursive: true })
        .map((path) => basename(String(path)))
        .filter((name) => name.endsWith('.test.ts'))
        .map((name) => name.slice(0, -'.test.ts'.length)),
    );
    const named = tableRows('What happens when…').flatMap((row) => (row[4] ?? '').split(', '));
    expect(named.filter((name) => !files.has(name))).toEqual([]);
    expect(named.length).toBeGreaterThan(40);
  });
});

describe('the README', () => {
  it('links to files that are there', () => {
    const links = [...README.matchAll(/\]\((?!https?:)([^)#]+)\)/g)].map(([, path = '']) => path);
    expect(links).not.toEqual([]);
    for (const path of links) expect(readFileSync(join(REPOSITORY, path), 'utf8')).not.toBe('');
  });
});
