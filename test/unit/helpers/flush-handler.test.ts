import { trace } from '@opentelemetry/api';
import { logs } from '@opentelemetry/api-logs';
import { LoggerProvider } from '@opentelemetry/sdk-logs';
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import { afterEach, describe, expect, it } from 'vitest';
import { flushAfter, withImmutableLogFlush } from '../../../src/helpers/flush-handler.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { logWitness, spanWitness } from '../../support/otel-setup.ts';

const never = (): Promise<void> => new Promise(() => {});
const inTime = { getRemainingTimeInMillis: () => 3_000 };

afterEach(() => {
  trace.disable();
  logs.disable();
});

describe('a handler with a flush behind it', () => {
  it('gives the result of the handler, with its event and context', async () => {
    const handler = withImmutableLogFlush((event: number, context: typeof inTime) => [
      event,
      context.getRemainingTimeInMillis(),
    ]);
    await expect(handler(7, inTime)).resolves.toEqual([7, 3_000]);
  });

  it('fails with the very error of the handler, thrown or rejected, after the flush', async () => {
    const error = new RangeError('nothing to refund');
    let flushed = 0;
    const client = { flush: () => Promise.resolve(void (flushed += 1)) };
    const throwing = withImmutableLogFlush(
      () => {
        throw error;
      },
      { client },
    );
    const rejecting = withImmutableLogFlush(() => Promise.reject(error), { client });
    await expect(throwing(null, inTime)).rejects.toBe(error);
    await expect(rejecting(null, inTime)).rejects.toBe(error);
    expect(flushed).toBe(2);
  });

  it('flushes providers, then exporters, then the client, and answers after them', async () => {
    const steps: string[] = [];
    const step = (name: string) => async (): Promise<void> => {
      await new Promise((resolve) => setImmediate(resolve));
      steps.push(name);
    };
    const handler = withImmutableLogFlush(() => steps.push('handler'), {
      client: { flush: step('client') },
      exporters: [{ forceFlush: step('exporter') }],
      providers: [{ forceFlush: step('provider') }, { forceFlush: step('provider') }],
    });
    await handler(null, inTime);
    expect(steps).toEqual(['handler', 'provider', 'provider', 'exporter', 'client']);
  });

  it('flushes the registered providers when it is told of none', async () => {
    const flushed: string[] = [];
    const spans = spanWitness([]);
    const records = logWitness([]);
    spans.forceFlush = () => Promise.resolve(void flushed.push('spans'));
    records.forceFlush = () => Promise.resolve(void flushed.push('logs'));
    const handler = withImmutableLogFlush(() => 'done');
    trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [spans] }));
    logs.setGlobalLoggerProvider(new LoggerProvider({ processors: [records] }));
    await handler(null, inTime);
    expect(flushed.sort()).toEqual(['logs', 'spans']);
  });

  it('is not harmed by a flush that fails, and flushes the others', async () => {
    let flushed = 0;
    const handler = withImmutableLogFlush(() => 'done', {
      providers: [
        { forceFlush: () => Promise.reject(new Error('ledger down')) },
        {
          forceFlush() {
            throw new Error('closed');
          },
        },
      ],
      client: { flush: () => Promise.resolve(void (flushed += 1)) },
    });
    await expect(handler(null, inTime)).resolves.toBe('done');
    expect(flushed).toBe(1);
  });

  it.each([
    ['the remaining time less the margin', inTime, { marginMs: 500 }, 2_500],
    ['200 ms less than the remaining time', inTime, {}, 2_800],
    ['five seconds less the margin where the time is not told', {}, {}, 4_800],
    [
      'the same where telling it fails',
      {
        getRemainingTimeInMillis(): number {
          throw new Error('no clock');
        },
      },
      {},
      4_800,
    ],
    ['the same where it is no number', { getRemainingTimeInMillis: () => Number.NaN }, {}, 4_800],
  ])('waits for at most %s', async (_title, context, options, ms) => {
    const clock = manualClock();
    const client = { flush: never };
    const answer = flushAfter(clock, () => 'done', { ...options, client })(null, context);
    let isAnswered = false;
    void answer.then(() => (isAnswered = true));
    await clock.advance(ms - 1);
    expect(isAnswered).toBe(false);
    await clock.advance(1);
    expect(isAnswered).toBe(true);
    expect(clock.waits).toEqual([ms]);
    await expect(answer).resolves.toBe('done');
  });

  it('does not wait when no time is left', async () => {
    const clock = manualClock();
    const late = { getRemainingTimeInMillis: () => 150 };
    await expect(
      flushAfter(clock, () => 1, { client: { flush: never } })(null, late),
    ).resolves.toBe(1);
    expect(clock.waits).toEqual([]);
  });

  it('asks for the time after the handler has run', async () => {
    const clock = manualClock();
    let left = 3_000;
    const context = { getRemainingTimeInMillis: () => left };
    const handler = flushAfter(clock, () => (left = 1_000), {
      marginMs: 0,
      client: { flush: async () => {} },
    });
    await handler(null, context);
    expect(clock.waits).toEqual([1_000]);
  });
});
