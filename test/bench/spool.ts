/** What it costs to have each event on disk before it is sent. */
import { interleave } from './support/rounds.ts';
import { budgetOf, metricOf, print } from './support/report.ts';
import { FAST_SINK, startSink } from './support/sink.ts';
import { ratioOf } from './support/statistics.ts';

const OFF = 'spans, inline';
const ON = 'spans, spool';

const sink = await startSink('fast');
const rounds = await interleave({ names: [OFF, ON], url: sink.url });
await sink.stop();

const rate = rounds.series('eventsPerSecond');
const on = rate.get(ON);
print({
  benchmark: 'spool',
  sink: FAST_SINK,
  metrics: [
    metricOf({ metric: 'spool', unit: 'events/s', reference: OFF }, rate),
    metricOf({ metric: 'spool-cpu', unit: 'CPU µs/event', reference: OFF }, rounds.series('cpuUs')),
  ],
  budgets:
    on === undefined
      ? []
      : [
          budgetOf('events/s, spool / no spool', ratioOf(on, rate.get(OFF) ?? []), {
            atLeast: 0.9,
          }),
        ],
  notes: rounds.notes,
});
