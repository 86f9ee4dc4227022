// Draws the chart of the README from a report of the benchmarks, and writes its table:
// `npm run bench -- --json reports/bench.json`, then
// `node .config/chart.mjs reports/bench.json > .github/speed.svg` or, for the table,
// `node .config/chart.mjs --markdown reports/bench.json`.
import { readFileSync } from 'node:fs';

const markdown = process.argv.includes('--markdown');
const file = process.argv.slice(2).find((argument) => !argument.startsWith('--'));
const { benchmarks } = JSON.parse(readFileSync(file, 'utf8'));

const figure = (value) => (value >= 10 ? value.toFixed(0) : value.toFixed(2));

function table() {
  const rows = Object.values(benchmarks).flatMap(({ budgets }) => budgets);
  const lines = rows.map(({ what, measured, bound, met }) => {
    const { median, min, max } = measured;
    return `| ${what} | ${figure(median)} (${figure(min)} to ${figure(max)}) | ${bound} | ${met ? 'yes' : 'no'} |`;
  });
  return ['| what | median (spread) | aim | met |', '| --- | --- | --- | --- |', ...lines].join(
    '\n',
  );
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

process.stdout.write(markdown ? `${table()}\n` : svg());
