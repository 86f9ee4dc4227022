/**
 * What one record costs on its way to the bytes that are sent: mapping, redaction, encoding; as
 * multiples of `JSON.stringify` of the same payload, because machines differ.
 */
import type { ReadableLogRecord } from '@opentelemetry/sdk-logs';
import { LoggerProvider } from '@opentelemetry/sdk-logs';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import { createLogMapper } from '../../src/record/from-log.ts';
import { createSpanMapper } from '../../src/record/from-span.ts';
import type { AuditEvent } from '../../src/record/event.ts';
import { createRedactionCounters } from '../../src/redact/accounting.ts';
import { sha256Hex } from '../../src/redact/digest.ts';
import { createRedaction } from '../../src/redact/redactor.ts';
import { resolveRedactOptions } from '../../src/redact/resolve.ts';
import { encodeRequest } from '../../src/wire/request.ts';
import { ROUNDS, byMode } from './support/mode.ts';
import { budgetOf, metricOf, print } from './support/report.ts';
import { attributesOf, makeSpans } from './support/span-maker.ts';
import { spreadOf } from './support/statistics.ts';

const RECORDS = 256;
const TURNS = byMode(80, 20, 1);
const CONTEXT = {
  service: 'shop',
  serviceFallback: undefined,
  env: 'production',
  envFallback: undefined,
  warningType: 'info',
  clientIp: 'off',
  now: () => 1_764_000_000_000,
} as const;

function sampleSpans(): readonly ReadableSpan[] {
  const spans: ReadableSpan[] = [];
  const provider = new BasicTracerProvider({
    spanProcessors: [
      {
        onStart: () => {},
        onEnd: (span) => spans.push(span),
        forceFlush: () => Promise.resolve(),
        shutdown: () => Promise.resolve(),
      },
    ],
  });
  makeSpans(provider.getTracer('bench'), RECORDS);
  return spans;
}

function sampleLogs(): readonly ReadableLogRecord[] {
  const records: ReadableLogRecord[] = [];
  const provider = new LoggerProvider({
    processors: [
      {
        onEmit: (record) => records.push(record),
        forceFlush: () => Promise.resolve(),
        shutdown: () => Promise.resolve(),
      },
    ],
  });
  const logger = provider.getLogger('bench');
  for (let index = 0; index < RECORDS; index += 1) {
    const body = `order ord_${index} placed`;
    logger.emit({ severityNumber: 9, body, attributes: attributesOf(index) });
  }
  return records;
}

/** Microseconds per call of a function over all samples. */
function cost<T>(samples: readonly T[], work: (sample: T) => unknown): number {
  const { user, system } = process.cpuUsage();
  for (let turn = 0; turn < TURNS; turn += 1) for (const sample of samples) work(sample);
  const used = process.cpuUsage({ user, system });
  return (used.user + used.system) / (TURNS * samples.length);
}

const redaction = createRedaction(resolveRedactOptions({}), createRedactionCounters());
const JSON_STRINGIFY = 'JSON.stringify';

function measure<T>(signal: 'span' | 'log', samples: readonly T[], map: (one: T) => AuditEvent) {
  const mapped = samples.map(map);
  const redacted = mapped.map((event) => redaction.event(event));
  const series = new Map<string, number[]>();
  const stages: readonly (readonly [string, () => number])[] = [
    [JSON_STRINGIFY, () => cost(redacted, ({ payload }) => JSON.stringify(payload))],
    ['map', () => cost(samples, map)],
    ['redact', () => cost(mapped, (event) => redaction.event(event))],
    ['encode', () => cost(redacted, (event) => encodeRequest(event, sha256Hex))],
    ['all', () => cost(samples, (one) => encodeRequest(redaction.event(map(one)), sha256Hex))],
  ];
  for (const [, run] of stages) run();
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [name, run] of stages) series.set(name, [...(series.get(name) ?? []), run()]);
  }
  const unit = `µs/${signal}`;
  return { series, metric: metricOf({ metric: signal, unit, reference: JSON_STRINGIFY }, series) };
}

let key = 0;
const keyFor = (): string => `bench-${(key += 1)}`;
const spans = measure('span', sampleSpans(), createSpanMapper(CONTEXT, keyFor));
const logs = measure('log', sampleLogs(), createLogMapper(CONTEXT, keyFor));
print({
  benchmark: 'encode',
  sink: 'none',
  metrics: [spans.metric, logs.metric],
  budgets: [
    budgetOf('map + redact + encode, µs per span', spreadOf(spans.series.get('all') ?? []), {
      atMost: 5,
    }),
  ],
  notes: ['12 attributes, 2 of them hashed by SHA-256'],
});
