/** How long 512 events take when the server needs 20 ms for each: what the number of sockets buys. */
import { CLIENTS } from './support/contenders/index.ts';
import { byMode } from './support/mode.ts';
import { interleave } from './support/rounds.ts';
import { budgetOf, metricOf, print } from './support/report.ts';
import { startSink } from './support/sink.ts';
import { spreadOf } from './support/statistics.ts';

const EVENTS = byMode(512, 512, 64);
const DEFAULT = 'direct client, concurrency 32';

const sink = await startSink('slow', 20);
const rounds = await interleave({
  names: [
    ...byMode(Object.keys(CLIENTS), [DEFAULT], [DEFAULT]),
    'spans, inline',
    'guide form (fetch)',
    'OTLP/protobuf',
  ],
  url: sink.url,
  events: EVENTS,
});
await sink.stop();

const seconds = new Map(
  [...rounds.series('eventsPerSecond')].map(([name, rates]) => [
    name,
    rates.map((rate) => EVENTS / rate),
  ]),
);
print({
  benchmark: 'rtt',
  sink: 'node:http, 20 ms',
  metrics: [
    metricOf({ metric: 'rtt', unit: `s for ${EVENTS} events`, reference: DEFAULT }, seconds),
  ],
  budgets: [
    budgetOf(`s for 512 events, ${DEFAULT}`, spreadOf(seconds.get(DEFAULT) ?? []), { atMost: 0.6 }),
  ],
  notes: [...rounds.notes, 'the guide form opens a socket per event; OTLP sends one request'],
});
