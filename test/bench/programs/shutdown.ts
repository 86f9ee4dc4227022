/** Queues spans while the server is out, and measures how long the end of the program takes. */
import { BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { trace } from '@opentelemetry/api';
import { setTimeout as wait } from 'node:timers/promises';
import { EXPORTERS } from '../support/contenders/index.ts';
import type { Exporter } from '../support/contenders/sdk.ts';
import { isUnknownOption } from '../support/not-in-build.ts';
import { serve } from '../support/serve.ts';
import { makeSpans } from '../support/span-maker.ts';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';

const [name = '', url = ''] = process.argv.slice(2);

function makeExporter(): Exporter<ReadableSpan> | undefined {
  try {
    return EXPORTERS[name]?.(url);
  } catch (error) {
    if (isUnknownOption(error)) return undefined;
    throw error;
  }
}

async function secondsOf(work: Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work.catch(() => {});
  return (performance.now() - began) / 1000;
}

async function measure(events: number, what: unknown): Promise<object> {
  const exporter = makeExporter();
  if (exporter === undefined) return { missing: true };
  const processor = new BatchSpanProcessor(exporter);
  const sdk = new NodeSDK({
    spanProcessors: [processor],
    autoDetectResources: false,
    metricReaders: [],
    logRecordProcessors: [],
  });
  sdk.start();
  makeSpans(trace.getTracer('bench'), events);
  // The exporter is asked to end when it has all spans, the SDK while most are in its queue.
  const flushed = what === 'exporter' ? processor.forceFlush() : undefined;
  flushed?.catch(() => {});
  await wait(200);
  return { seconds: await secondsOf(what === 'exporter' ? exporter.shutdown() : sdk.shutdown()) };
}

serve(({ events, what }) => measure(Number(events), what));
