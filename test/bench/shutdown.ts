/**
 * How long a program takes to end with 2,048 spans queued, while the server takes connections and
 * never answers, and while nothing listens. All programs wait at the same time: none needs the
 * processor.
 */
import { byMode } from './support/mode.ts';
import { NOT_IN_BUILD } from './support/not-in-build.ts';
import { numberIn, startProgram } from './support/programs.ts';
import { budgetOf, metricOf, print } from './support/report.ts';
import type { Metric } from './support/report.ts';
import { startSink } from './support/sink.ts';
import { spreadOf } from './support/statistics.ts';

const EVENTS = byMode(2048, 2048, 64);
const OURS = 'spans, inline';
const NAMES = byMode(
  [OURS, 'spans, worker', 'spans, spool', 'OTLP/JSON', 'OTLP/protobuf'],
  [OURS, 'spans, worker', 'spans, spool', 'OTLP/protobuf'],
  [OURS, 'spans, worker', 'spans, spool'],
);
const TIMES = byMode(5, 1, 1);
// The SDK lets every batch end before it tells the exporter, which takes far too long for a look.
const ENDS = byMode(['sdk', 'exporter'], ['exporter'], ['exporter']);
const SHUTDOWN_TIMEOUT_S = 5;

const sink = await startSink('black-hole');
const outages = [
  ['no answer', sink.url],
  ['nothing listens', 'http://127.0.0.1:9'],
] as const;
const notes = new Set<string>();

async function one(name: string, url: string, what: string): Promise<number | undefined> {
  const program = startProgram('shutdown', [name, url]);
  const answer = await program.ask({ events: EVENTS, what });
  await program.stop();
  if (answer['missing'] !== true) return numberIn(answer, 'seconds');
  notes.add(`${name}: ${NOT_IN_BUILD}`);
  return undefined;
}

async function metric(outage: string, url: string, what: string): Promise<Metric> {
  const series = await Promise.all(
    NAMES.map(async (name) => {
      const all = await Promise.all(Array.from({ length: TIMES }, () => one(name, url, what)));
      return [name, all.filter((seconds) => seconds !== undefined)] as const;
    }),
  );
  const measured = new Map(series.filter(([, seconds]) => seconds.length > 0));
  return metricOf(
    { metric: `${what}.shutdown(), ${outage}`, unit: 's', reference: OURS },
    measured,
  );
}

const metrics = await Promise.all(
  outages.flatMap(([outage, url]) => ENDS.map((what) => metric(outage, url, what))),
);
await sink.stop();

print({
  benchmark: 'shutdown',
  sink: 'black hole',
  metrics,
  budgets: metrics.flatMap(({ metric: title, rows }) =>
    rows
      .filter(({ name }) => name.startsWith('spans'))
      .map(({ name, values }) =>
        budgetOf(`s, ${title}, ${name}`, spreadOf(values), { atMost: SHUTDOWN_TIMEOUT_S + 0.5 }),
      ),
  ),
  notes: [`${EVENTS} spans queued`, ...notes],
});
