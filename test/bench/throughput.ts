/**
 * How many events one process sends, and what an event costs the processor in user and system
 * time, worker threads included. The reference is the form of the ledger's own guides.
 *
 * A client in Go, which the guides have too, is measured only where somebody has Go; here it is not.
 */
import { interleave } from './support/rounds.ts';
import { budgetOf, metricOf, print } from './support/report.ts';
import { FAST_SINK, startSink } from './support/sink.ts';
import { ratioOf } from './support/statistics.ts';

const GUIDE = 'guide form (fetch)';
const OURS = 'spans, inline';

const sink = await startSink('fast');
const rounds = await interleave({
  names: [
    OURS,
    'spans, worker',
    'log records, inline',
    'direct client',
    GUIDE,
    'axios',
    'OTLP/JSON',
    'OTLP/protobuf',
    'raw sockets',
  ],
  url: sink.url,
});
await sink.stop();

const rate = rounds.series('eventsPerSecond');
const ours = rate.get(OURS) ?? [];
print({
  benchmark: 'throughput',
  sink: FAST_SINK,
  metrics: [
    metricOf({ metric: 'throughput', unit: 'events/s', reference: GUIDE }, rate),
    metricOf({ metric: 'cpu', unit: 'CPU µs/event', reference: GUIDE }, rounds.series('cpuUs')),
  ],
  budgets: [
    budgetOf(`events/s, ${OURS} / ${GUIDE}`, ratioOf(ours, rate.get(GUIDE) ?? []), { atLeast: 6 }),
    budgetOf(`events/s, ${OURS} / raw sockets`, ratioOf(ours, rate.get('raw sockets') ?? []), {
      atLeast: 0.35,
    }),
  ],
  notes: [
    ...rounds.notes,
    'net/http in Go: not measured (no Go here); OTLP sends 512 spans per request, all others one event',
  ],
});
