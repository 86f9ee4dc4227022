import type { ReadableLogRecord } from '@opentelemetry/sdk-logs';
import { BatchLogRecordProcessor, LoggerProvider } from '@opentelemetry/sdk-logs';
import { resourceFromAttributes } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { attributesOf, makeSpans } from '../span-maker.ts';
import type { Contender } from './contender.ts';

interface Result {
  code: number;
  error?: Error;
}

/** What both kinds of exporter have in common. */
export interface Exporter<T> {
  export(records: T[], callback: (result: Result) => void): void;
  forceFlush?(): Promise<void>;
  shutdown(): Promise<void>;
}

/** The queue of a batch processor holds 2,048 records by default. */
const QUEUE = 2048;

const RESOURCE = resourceFromAttributes({
  'service.name': 'bench',
  'service.version': '1.0.0',
  'deployment.environment.name': 'bench',
});

interface Watched<T> {
  readonly exporter: Required<Exporter<T>>;
  /** Resolves when that many records were sent since the last call; rejects when one was lost. */
  readonly sent: (records: number) => Promise<void>;
}

/**
 * Follows what an exporter reports. A flush of the processor does not do for that: it does not
 * wait for a batch that was begun before it.
 */
function watched<T>(exporter: Exporter<T>): Watched<T> {
  let balance = 0;
  let resolve: () => void = () => {};
  let reject: (error: Error) => void = () => {};
  return {
    exporter: {
      export(records, callback) {
        exporter.export(records, (result) => {
          balance += records.length;
          if (result.code !== 0) reject(result.error ?? new Error('export failed'));
          else if (balance === 0) resolve();
          callback(result);
        });
      },
      forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve(),
      shutdown: () => exporter.shutdown(),
    },
    sent(records) {
      balance -= records;
      if (balance === 0) return Promise.resolve();
      return new Promise((onSent, onLost) => {
        resolve = onSent;
        reject = onLost;
      });
    },
  };
}

interface Wave {
  readonly emit: (count: number) => void;
  readonly flush: () => Promise<void>;
  readonly sent: (count: number) => Promise<void>;
}

async function inWaves(events: number, { emit, flush, sent }: Wave): Promise<void> {
  for (let left = events; left > 0; left -= QUEUE) {
    const count = Math.min(left, QUEUE);
    const all = sent(count);
    emit(count);
    await Promise.all([flush(), all]);
  }
}

/** A tracer whose spans go to the exporter through the batch processor with its default limits. */
export function tracerProvider(exporter: Exporter<ReadableSpan>): BasicTracerProvider {
  const processor = new BatchSpanProcessor(exporter);
  return new BasicTracerProvider({ resource: RESOURCE, spanProcessors: [processor] });
}

/** Spans through the batch processor, a full queue at a time. */
export function throughSpans(unwatched: Exporter<ReadableSpan>): Contender {
  const { exporter, sent } = watched(unwatched);
  const provider = tracerProvider(exporter);
  const tracer = provider.getTracer('bench', '1.0.0');
  return {
    send: (events) =>
      inWaves(events, {
        emit(count) {
          makeSpans(tracer, count);
        },
        flush: () => provider.forceFlush(),
        sent,
      }),
  };
}

/** Log records with the same attributes, likewise. */
export function throughLogs(unwatched: Exporter<ReadableLogRecord>): Contender {
  const { exporter, sent } = watched(unwatched);
  const provider = new LoggerProvider({
    resource: RESOURCE,
    processors: [new BatchLogRecordProcessor({ exporter })],
  });
  const logger = provider.getLogger('bench', '1.0.0');
  return {
    send: (events) =>
      inWaves(events, {
        emit(count) {
          for (let number = 0; number < count; number += 1) {
            const attributes = attributesOf(number);
            logger.emit({ eventName: 'order.placed', body: 'order placed', attributes });
          }
        },
        flush: () => provider.forceFlush(),
        sent,
      }),
  };
}
