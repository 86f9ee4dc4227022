/**
 * What a process holds when it offers a million events to a server that takes connections and
 * never answers: `maxPendingBytes` (64 MiB) of events and little else, however many follow.
 */
import { ROUNDS, byMode } from './support/mode.ts';
import { NOT_IN_BUILD } from './support/not-in-build.ts';
import { numberIn, startProgram } from './support/programs.ts';
import { budgetOf, metricOf, print } from './support/report.ts';
import { startSink } from './support/sink.ts';
import { spreadOf } from './support/statistics.ts';

const EVENTS = byMode(1_000_000, 200_000, 5_000);
const FIGURES = ['halfway', 'grown', 'held'] as const;

const INLINE = 'client, inline';

const sink = await startSink('black-hole');
const series = new Map(FIGURES.map((figure) => [figure, new Map<string, number[]>()]));
const notes = new Set<string>();
for (let round = 0; round < Math.ceil(ROUNDS / 3); round += 1) {
  for (const variant of ['inline', 'worker', 'spool']) {
    const program = startProgram('memory', [variant, sink.url]);
    const answer = await program.ask({ events: EVENTS });
    await program.stop();
    const name = `client, ${variant}`;
    if (answer['missing'] === true) {
      notes.add(`${name}: ${NOT_IN_BUILD}`);
    } else {
      if (answer['unaccounted'] !== 0) throw new Error(`${name} lost count of events`);
      for (const [figure, values] of series) {
        values.set(name, [...(values.get(name) ?? []), numberIn(answer, figure)]);
      }
    }
  }
}
await sink.stop();

const grown = series.get('grown') ?? new Map<string, number[]>();
const titles = {
  halfway: 'resident memory after half of them',
  grown: 'resident memory after all',
  held: 'held after collection',
};
print({
  benchmark: 'memory',
  sink: 'black hole',
  metrics: FIGURES.map((figure) =>
    metricOf(
      { metric: titles[figure], unit: 'MiB over idle', reference: INLINE },
      series.get(figure) ?? new Map(),
    ),
  ),
  budgets: [...grown].map(([name, values]) =>
    budgetOf(`MiB over idle, ${name}`, spreadOf(values), { atMost: 128 }),
  ),
  notes: [`${EVENTS} events of about 1 KB offered`, ...notes],
});
