/**
 * How fast a small HTTP app answers at 1,000 requests per second while its spans are exported.
 * App, load and sink are processes of their own.
 *
 * The load is made here and not by a load generator off the shelf: those that keep a rate do so
 * by bursts at the beginning of each second, and count whole milliseconds.
 */
import { ROUNDS, byMode } from './support/mode.ts';
import { NOT_IN_BUILD } from './support/not-in-build.ts';
import type { Answer } from './support/programs.ts';
import { numberIn, startProgram } from './support/programs.ts';
import { budgetOf, metricOf, print } from './support/report.ts';
import { FAST_SINK, startSink } from './support/sink.ts';
import { ratioOf } from './support/statistics.ts';

const BASE = 'no exporter';
const RATE = byMode(1000, 1000, 200);
const SECONDS = byMode(10, 1, 0.5);
const FIGURES = ['p50', 'p99', 'p999'] as const;

const sink = await startSink('fast');
const load = startProgram('load');
interface App {
  readonly url: unknown;
  /** Fails when the app did not export as its name says. */
  readonly check: () => Promise<unknown>;
  readonly stop: () => Promise<void>;
}

const apps = new Map<string, App>();
const notes: string[] = [`${RATE} requests/s for ${SECONDS} s, one span each`];
for (const name of [BASE, 'spans, inline', 'spans, worker', 'OTLP/protobuf']) {
  const program = startProgram('app', [name, sink.url]);
  const { url, missing } = await program.ask({});
  if (missing === true) {
    notes.push(`${name}: ${NOT_IN_BUILD}`);
    await program.stop();
  } else {
    apps.set(name, { url, check: () => program.ask({}), stop: () => program.stop() });
    await load.ask({ url, rate: RATE, seconds: byMode(5, 1, 0.5) });
  }
}

const answers = new Map<string, Answer[]>([...apps.keys()].map((name) => [name, []]));
for (let round = 0; round < ROUNDS; round += 1) {
  for (const [name, { url }] of apps) {
    answers.get(name)?.push(await load.ask({ url, rate: RATE, seconds: SECONDS }));
  }
}
await Promise.all([...apps.values()].map(({ check, stop }) => check().then(stop)));
await load.stop();
await sink.stop();

function series(figure: string): Map<string, number[]> {
  return new Map(
    [...answers].map(([name, all]) => [name, all.map((one) => numberIn(one, figure))]),
  );
}

const p99 = series('p99');
print({
  benchmark: 'latency',
  sink: FAST_SINK,
  metrics: FIGURES.map((figure) =>
    metricOf({ metric: `latency-${figure}`, unit: 'ms', reference: BASE }, series(figure)),
  ),
  budgets: [...p99]
    .filter(([name]) => name.startsWith('spans'))
    .map(([name, values]) =>
      budgetOf(`p99, ${name} / ${BASE}`, ratioOf(values, p99.get(BASE) ?? []), { atMost: 1.05 }),
    ),
  notes,
});
