/**
 * How long the event loop is busy for one span, by event-loop utilisation. Making the span costs
 * the same with every exporter; it is measured by itself in each round and taken off.
 */
import { interleave } from './support/rounds.ts';
import { budgetOf, metricOf, print } from './support/report.ts';
import { FAST_SINK, startSink } from './support/sink.ts';
import { ratioOf } from './support/statistics.ts';

const PEER = 'OTLP/protobuf';
const BASE = 'no exporter';
const WORKER = 'spans, worker';

const sink = await startSink('fast');
const names = ['spans, inline', WORKER, 'OTLP/JSON', PEER, BASE];
const rounds = await interleave({ names, url: sink.url });
await sink.stop();

const busy = rounds.series('mainUs');
const base = busy.get(BASE) ?? [];
const net = new Map(
  [...busy]
    .filter(([name]) => name !== BASE)
    .map(([name, values]) => [name, values.map((us, round) => us - (base[round] ?? 0))]),
);
const worker = net.get(WORKER);
print({
  benchmark: 'main-thread',
  sink: FAST_SINK,
  metrics: [
    metricOf({ metric: 'main-thread', unit: 'µs/span', reference: PEER }, net),
    metricOf({ metric: 'main-thread-gross', unit: 'µs/span', reference: BASE }, busy),
  ],
  budgets:
    worker === undefined
      ? []
      : [
          budgetOf(`main thread, ${WORKER} / ${PEER}`, ratioOf(worker, net.get(PEER) ?? []), {
            atMost: 1,
          }),
        ],
  notes: rounds.notes,
});
