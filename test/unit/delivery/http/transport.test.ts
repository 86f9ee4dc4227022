import { context } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { isTracingSuppressed } from '@opentelemetry/core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { requireEndpoint } from '../../../../src/config/values.ts';
import type { HttpDispatcher } from '../../../../src/delivery/http/fetch.ts';
import type { Limited } from '../../../../src/delivery/http/transport.ts';
import { Deadlines, HttpTransport } from '../../../../src/delivery/http/transport.ts';
import { TokenSource } from '../../../../src/delivery/token-source.ts';
import { manualClock } from '../../../support/manual-clock.ts';
import { wireRequest } from '../../../support/requests.ts';
import { sendContext } from '../../../support/send-context.ts';
import { sent } from '../../../support/sent.ts';

it('hands requests over with tracing suppressed, whatever the dispatcher', async () => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  onTestFinished(() => {
    context.disable();
  });
  const suppressed: boolean[] = [];
  const dispatcher: HttpDispatcher = {
    dispatch() {
      suppressed.push(isTracingSuppressed(context.active()));
      throw new Error('nothing is sent');
    },
  };
  const clock = manualClock();
  const tokens = new TokenSource(() => 'key', clock);
  const endpoint = requireEndpoint('http://ledger.test', true);
  const deps = { dispatcher, endpoint, headers: {}, tokens, clock, timeoutMs: 10_000 };
  const outcome = await sent(new HttpTransport(deps), wireRequest(), sendContext());
  expect(outcome).toMatchObject({ kind: 'retryable', failure: { detail: 'network error' } });
  expect(suppressed).toEqual([true]);
});

function setup() {
  const clock = manualClock();
  const deadlines = new Deadlines(clock, 'background');
  const expired: string[] = [];
  const limited = (name: string, due: number): Limited & { due: number } => {
    const made = {
      due,
      expire() {
        expired.push(`${name} at ${clock.now()}`);
        deadlines.takeBack(made);
      },
    };
    return made;
  };
  return { clock, deadlines, expired, limited };
}

describe('deadlines', () => {
  it('end each at its own time, whatever the order they came in', async () => {
    const { clock, deadlines, expired, limited } = setup();
    deadlines.keep(limited('late', 300));
    deadlines.keep(limited('early', 100));
    deadlines.keep(limited('middle', 200));
    await clock.advance(1_000);
    expect(expired).toEqual(['early at 100', 'middle at 200', 'late at 300']);
  });

  it('set one timer for many with the same time', () => {
    const { clock, deadlines, limited } = setup();
    for (let index = 0; index < 50; index += 1) deadlines.keep(limited(`${index}`, 100 + index));
    expect(clock.waits).toEqual([100]);
  });

  it('take note when a time comes nearer', async () => {
    const { clock, deadlines, expired, limited } = setup();
    const answered = limited('answered', 10_000);
    deadlines.keep(answered);
    answered.due = 1_000;
    deadlines.keep(answered);
    await clock.advance(1_000);
    expect(expired).toEqual(['answered at 1000']);
  });

  it('leave no timer behind when nothing is left to wait for', async () => {
    const { clock, deadlines, expired, limited } = setup();
    const both = [limited('a', 100), limited('b', 200)];
    for (const each of both) deadlines.keep(each);
    for (const each of both) deadlines.takeBack(each);
    expect(clock.pending()).toBe(0);
    deadlines.keep(limited('c', 300));
    await clock.advance(300);
    expect(expired).toEqual(['c at 300']);
  });

  it('go on with the others when one was taken back before its time', async () => {
    const { clock, deadlines, expired, limited } = setup();
    const first = limited('first', 100);
    deadlines.keep(first);
    deadlines.keep(limited('second', 250));
    deadlines.takeBack(first);
    await clock.advance(1_000);
    expect(expired).toEqual(['second at 250']);
  });

  it('let answers go first that came in while the process stood still', async () => {
    const { clock, deadlines, expired, limited } = setup();
    const answered = limited('answered', 100);
    deadlines.keep(answered);
    deadlines.keep(limited('open', 100));
    const run = (): void => {
      deadlines.takeBack(answered);
    };
    clock.after({ ms: 100, hold: 'background', run });
    await clock.advance(100);
    expect(expired).toEqual(['open at 100']);
  });
});
