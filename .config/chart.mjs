/**
 * Puts a report of the benchmarks into the documentation:
 * `npm run bench -- --json reports/bench.json`, then `node .config/chart.mjs reports/bench.json`.
 *
 * - The table of `.github/BENCHMARKS.md`: the rows of the benchmarks that the report has; those of
 *   others stay.
 * - The chart, as `.github/speed.svg` and in characters in `README.md`, when the report has the
 *   throughput.
 *
 * `--root DIR` changes the files in another folder than this repository.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { root: { type: 'string', default: fileURLToPath(new URL('..', import.meta.url)) } },
});
const { benchmarks } = JSON.parse(readFileSync(positionals[0], 'utf8'));

const figure = (value) => (value >= 10 ? value.toFixed(0) : value.toFixed(2));

/** Replaces what stands between the two comments of this name in a file. */
function replaceIn(file, name, change) {
  const path = join(values.root, file);
  const [before, rest] = readFileSync(path, 'utf8').split(`<!-- ${name} -->\n`);
  const [old, after] = rest?.split(`<!-- /${name} -->`) ?? [];
  if (after === undefined) throw new Error(`${file} has no place for the ${name}`);
  writeFileSync(path, `${before}<!-- ${name} -->\n${change(old)}<!-- /${name} -->${after}`);
}

const HEAD = [
  '| what | median (spread) | aim | met | benchmark |',
  '| --- | --- | --- | --- | --- |',
];
const benchmarkOf = (row) =>
  row
    .split(' | ')
    .at(-1)
    .replaceAll(/[`|\s]/g, '');

function table(old) {
  const others = old
    .split('\n')
    .slice(HEAD.length)
    .filter((row) => row !== '' && !(benchmarkOf(row) in benchmarks));
  const rows = Object.entries(benchmarks).flatMap(([name, { budgets }]) =>
    budgets.map(({ what, measured, bound, met }) => {
      const { median, min, max } = measured;
      return `| ${what} | ${figure(median)} (${figure(min)} to ${figure(max)}) | ${bound} | ${met ? 'yes' : 'no'} | \`${name}\` |`;
    }),
  );
  const sorted = [...others, ...rows].sort((a, b) => benchmarkOf(a).localeCompare(benchmarkOf(b)));
  return `${[...HEAD, ...sorted].join('\n')}\n`;
}

/** The bars: events per second against the vendor's own form, where each event is a request. */
function bars() {
  const { rows, reference } = benchmarks.throughput.metrics.find(
    ({ metric }) => metric === 'throughput',
  );
  const one = rows.filter(({ name }) => !name.startsWith('OTLP'));
  return { reference, bars: one.map(({ name, ratio }) => ({ name, value: ratio.median })) };
}

const WIDTH = 720;
const LEFT = 180;
const ROW = 34;
const TOP = 56;

function svg() {
  const { reference, bars: all } = bars();
  const most = Math.max(...all.map(({ value }) => value));
  // The longest bar would make all others look alike; a logarithmic scale keeps ratios equal.
  const length = (value) =>
    Math.max(4, (Math.log1p(value) / Math.log1p(most)) * (WIDTH - LEFT - 90));
  const height = TOP + all.length * ROW + 12;
  const drawn = all.map(({ name, value }, index) => {
    const y = TOP + index * ROW;
    const ours = /^(spans|log records|direct client)/.test(name) ? ' class="ours"' : '';
    return `  <text x="${LEFT - 12}" y="${y + 16}" text-anchor="end">${name}</text>
  <rect x="${LEFT}" y="${y}" width="${length(value).toFixed(1)}" height="22" rx="3"${ours}/>
  <text x="${(LEFT + length(value) + 8).toFixed(1)}" y="${y + 16}">${figure(value)} ×</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-labelledby="title desc">
  <title id="title">Events per second, one request per event</title>
  <desc id="desc">${all.map(({ name, value }) => `${name}: ${figure(value)} times`).join('; ')}, relative to ${reference}.</desc>
  <style>
    text { font: 13px system-ui, sans-serif; fill: #24292f; }
    .title { font-size: 15px; font-weight: 600; }
    rect { fill: #8c959f; }
    rect.ours { fill: #0969da; }
    @media (prefers-color-scheme: dark) {
      text { fill: #e6edf3; }
      rect { fill: #6e7681; }
      rect.ours { fill: #4493f8; }
    }
  </style>
  <text class="title" x="12" y="26">Events per second, as multiples of the ${reference}, logarithmic</text>
${drawn.join('\n')}
</svg>
`;
}

const CHARACTERS = 40;

function text() {
  const { reference, bars: all } = bars();
  const most = Math.max(...all.map(({ value }) => value));
  const width = Math.max(...all.map(({ name }) => name.length));
  const lines = all.map(({ name, value }) => {
    const length = Math.round((Math.log1p(value) / Math.log1p(most)) * CHARACTERS);
    return `${name.padEnd(width)}  ${'█'.repeat(Math.max(1, length))} ${figure(value)} ×`;
  });
  const title = `Events per second, as multiples of the ${reference}, logarithmic`;
  return ['```text', title, '', ...lines, '```', ''].join('\n');
}

replaceIn('.github/BENCHMARKS.md', 'figures', table);
if ('throughput' in benchmarks) {
  writeFileSync(join(values.root, '.github/speed.svg'), svg());
  replaceIn('README.md', 'chart', text);
}
