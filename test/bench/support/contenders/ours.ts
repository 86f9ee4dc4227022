import { setTimeout as wait } from 'node:timers/promises';
import type { ImmutableLogOptions } from '../../../../src/index.ts';
import {
  ImmutableLogClient,
  ImmutableLogLogRecordExporter,
  ImmutableLogSpanExporter,
} from '../../../../src/index.ts';
import { attributesOf } from '../span-maker.ts';
import type { Contender } from './contender.ts';
import { throughLogs, throughSpans } from './sdk.ts';

const DELIVERY_LIMIT_MS = 60_000;

/** Options of this package against a sink; `extra` may name options that a build does not have. */
export function optionsFor(url: string, extra: object = {}): ImmutableLogOptions {
  const options: ImmutableLogOptions = { apiKey: 'bench', url, service: 'bench', env: 'bench' };
  return { ...options, ...extra };
}

/** The span exporter. */
export function ourExporter(url: string, extra: object = {}): ImmutableLogSpanExporter {
  return new ImmutableLogSpanExporter(optionsFor(url, extra));
}

/**
 * Spans through the exporter until the sink has them. With a spool the SDK hears of success when
 * a batch is on disk, and a queue that only grows would look fast.
 */
export function ourSpansDelivered(url: string, extra: object): Contender {
  const exporter = ourExporter(url, extra);
  const through = throughSpans(exporter);
  let sent = 0;
  return {
    async send(events) {
      await through.send(events);
      sent += events;
      const until = performance.now() + DELIVERY_LIMIT_MS;
      while (exporter.stats().accepted < sent) {
        if (performance.now() > until) throw new Error('the sink did not get all events');
        await wait(1);
      }
    },
  };
}

/** The log record exporter behind the SDK's batch processor. */
export function ourLogs(url: string): Contender {
  return throughLogs(new ImmutableLogLogRecordExporter(optionsFor(url)));
}

/** The client without OpenTelemetry. */
export function ourClient(url: string, extra: object = {}): Contender {
  const client = new ImmutableLogClient(optionsFor(url, extra));
  return {
    async send(events) {
      const batch = Array.from({ length: events }, (_, number) => ({
        eventName: 'order.placed',
        payload: attributesOf(number),
      }));
      const results = await client.sendBatch(batch);
      const lost = results.find((result) => !result.ok);
      if (lost !== undefined) throw lost.error;
    },
  };
}
