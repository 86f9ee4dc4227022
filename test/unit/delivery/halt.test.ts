import { describe, expect, it } from 'vitest';
import type { Transport } from '../../../src/delivery/delivery.ts';
import { withHalt } from '../../../src/delivery/halt.ts';
import type { AttemptOutcome } from '../../../src/outcome.ts';
import type { Notice } from '../../../src/runtime/diagnostics.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { wireRequest } from '../../support/requests.ts';
import {
  accepted,
  manualTransport,
  misconfigured,
  quota,
  rejected,
  retryable,
  scriptedTransport,
} from '../../support/scripted-transport.ts';
import { sendContext } from '../../support/send-context.ts';
import { sent } from '../../support/sent.ts';

const HOUR = 3_600_000;

function setup<T extends Transport>(next: T, quotaProbeMs = HOUR) {
  const clock = manualClock();
  const notices: Notice[] = [];
  let refusedKeys = 0;
  const halting = withHalt(next, {
    clock,
    quotaProbeMs,
    diagnostics: { report: (notice) => notices.push(notice) },
    onMisconfigured: () => {
      refusedKeys += 1;
    },
  });
  const send = () => sent(halting, wireRequest(), sendContext());
  return { clock, next, halting, send, notices, refusedKeys: () => refusedKeys };
}

async function kindsOf(sends: number, send: () => Promise<AttemptOutcome>): Promise<string[]> {
  const kinds: string[] = [];
  for (let index = 0; index < sends; index += 1) kinds.push((await send()).kind);
  return kinds;
}

describe('withHalt after a used-up quota', () => {
  it('makes exactly one request and answers all later events itself', async () => {
    const { next, send, halting } = setup(scriptedTransport(quota()));
    await expect(kindsOf(50, send)).resolves.toEqual(Array.from({ length: 50 }, () => 'quota'));
    expect(next.sent).toHaveLength(1);
    expect(halting.halted()).toBe('quota');
  });

  it('lets traffic flow again after resume()', async () => {
    const { next, send, halting } = setup(scriptedTransport(quota(), accepted));
    await send();
    halting.resume();
    await expect(kindsOf(3, send)).resolves.toEqual(['accepted', 'accepted', 'accepted']);
    expect(next.sent).toHaveLength(4);
    expect(halting.halted()).toBeUndefined();
  });

  it('lets one new event through per probe time, and everything once one is accepted', async () => {
    const { clock, next, send } = setup(scriptedTransport(quota(), quota(), accepted));
    await send();
    await clock.advance(HOUR - 1);
    await kindsOf(5, send);
    expect(next.sent).toHaveLength(1);
    await clock.advance(1);
    await expect(kindsOf(2, send)).resolves.toEqual(['quota', 'quota']);
    expect(next.sent).toHaveLength(2);
    await clock.advance(HOUR);
    await expect(kindsOf(2, send)).resolves.toEqual(['accepted', 'accepted']);
    expect(next.sent).toHaveLength(4);
  });

  it('never probes when quotaProbeMs is 0', async () => {
    const { clock, next, send } = setup(scriptedTransport(quota(), accepted), 0);
    await send();
    await clock.advance(365 * 24 * HOUR);
    await kindsOf(3, send);
    expect(next.sent).toHaveLength(1);
  });

  it('sends one probe at a time', async () => {
    const { clock, next, send } = setup(manualTransport());
    const first = send();
    next.open[0]?.answer(quota());
    await first;
    await clock.advance(HOUR);
    const probe = send();
    await expect(send()).resolves.toMatchObject({
      kind: 'quota',
    });
    expect(next.open).toHaveLength(2);
    next.open[1]?.answer(accepted);
    await expect(probe).resolves.toEqual(accepted);
  });

  it('is not lifted by answers to requests that were sent before it', async () => {
    const { next, send, halting } = setup(manualTransport());
    const refused = send();
    const earlier = send();
    const odd = send();
    next.open[0]?.answer(quota());
    await refused;
    next.open[1]?.answer(accepted);
    next.open[2]?.answer(misconfigured);
    await Promise.all([earlier, odd]);
    expect(halting.halted()).toBe('quota');
  });

  it('probes again after the same wait when the probe met no answer', async () => {
    const { clock, next, send } = setup(scriptedTransport(quota(), retryable(), accepted), 60_000);
    await send();
    await clock.advance(60_000);
    await expect(kindsOf(2, send)).resolves.toEqual(['retryable', 'quota']);
    await clock.advance(60_000);
    await expect(kindsOf(1, send)).resolves.toEqual(['accepted']);
    expect(next.sent).toHaveLength(3);
  });

  it('takes a Retry-After of at most 15 minutes as a throttle that ends by itself', async () => {
    const { clock, next, send, halting } = setup(scriptedTransport(quota(2_000), accepted));
    await send();
    await clock.advance(1_999);
    await expect(kindsOf(1, send)).resolves.toEqual(['quota']);
    await clock.advance(1);
    expect(halting.halted()).toBeUndefined();
    await expect(kindsOf(2, send)).resolves.toEqual(['accepted', 'accepted']);
    expect(next.sent).toHaveLength(3);
  });

  it('waits a second at least when Retry-After says zero', async () => {
    const { clock, next, send } = setup(scriptedTransport(quota(0), accepted));
    await send();
    await clock.advance(999);
    await send();
    expect(next.sent).toHaveLength(1);
  });

  it('takes a longer Retry-After as a used-up quota', async () => {
    const { clock, next, send } = setup(scriptedTransport(quota(900_001), accepted));
    await send();
    await clock.advance(900_001);
    await send();
    expect(next.sent).toHaveLength(1);
  });
});

describe('withHalt after a wrong configuration', () => {
  /** When requests were made, in ms, with an event at hand in each 100 ms. */
  async function requestTimes(script: readonly AttemptOutcome[], ms: number): Promise<number[]> {
    const next = scriptedTransport(...script);
    const { clock, send } = setup(next);
    const times: number[] = [];
    while (clock.now() < ms) {
      const before = next.sent.length;
      await send();
      if (next.sent.length > before) times.push(clock.now());
      await clock.advance(100);
    }
    return times;
  }

  it('tries five others at once, then probes after 30 s and doubles the wait', async () => {
    const times = await requestTimes([misconfigured], 300_000);
    expect(times).toEqual([0, 200, 400, 600, 800, 1_000, 31_000, 91_000, 211_000]);
  });

  it('probes after 1 s where the key was accepted before, and makes 8 requests in 30 s', async () => {
    const times = await requestTimes([accepted, misconfigured], 130_000);
    const since = times.slice(1).map((at) => at - 100);
    expect(since).toEqual([
      0, 200, 400, 600, 800, 1_000, 2_000, 15_000, 30_000, 38_000, 54_000, 86_000,
    ]);
  });

  it('never waits longer than 15 minutes', async () => {
    const times = await requestTimes([misconfigured], 6_000_000);
    const [last = 0, before = 0] = times.toReversed();
    expect(last - before).toBe(900_000);
  });

  it('probes by the clock alone when no answer came at all, as with a certificate', async () => {
    const untrusted: AttemptOutcome = {
      kind: 'misconfigured',
      failure: { detail: 'CERT_HAS_EXPIRED', status: undefined },
    };
    await expect(requestTimes([untrusted], 100_000)).resolves.toEqual([0, 30_000, 90_000]);
  });

  it('counts what was in flight, and still probes after a second', async () => {
    const { clock, next, send } = setup(manualTransport());
    const first = send();
    next.open[0]?.answer(accepted);
    await first;
    const inFlight = Array.from({ length: 32 }, send);
    for (const { answer } of next.open.splice(1)) answer(misconfigured);
    await Promise.all(inFlight);
    void send();
    expect(next.open).toHaveLength(1);
    await clock.advance(1_000);
    void send();
    expect(next.open).toHaveLength(2);
  });

  it('lets traffic flow again after an accepted event alone', async () => {
    const script = [misconfigured, rejected, retryable(), accepted];
    const { clock, next, send, halting } = setup(scriptedTransport(...script));
    await send();
    for (const sentSoFar of [2, 3]) {
      await clock.advance(200);
      await send();
      expect(next.sent).toHaveLength(sentSoFar);
      expect(halting.opensAt(true)).toBeDefined();
    }
    await clock.advance(200);
    await send();
    expect(halting.opensAt(true)).toBeUndefined();
  });

  it('is in doubt whom to blame until the tries are used up', async () => {
    const { clock, send, halting } = setup(scriptedTransport(misconfigured));
    for (let event = 0; event < 6; event += 1) {
      expect(halting.inDoubt()).toBe(event > 0);
      await send();
      expect(halting.halted()).toBe('misconfigured');
      await clock.advance(200);
    }
    expect(halting.inDoubt()).toBe(false);
  });

  it('tells once that it stopped and once that it goes on', async () => {
    const { send, halting, notices } = setup(scriptedTransport(misconfigured));
    await kindsOf(5, send);
    halting.resume();
    halting.resume();
    expect(notices).toEqual([
      { code: 'traffic_halted', why: 'misconfigured', detail: 'HTTP 401' },
      { code: 'traffic_resumed' },
    ]);
  });
});

describe('withHalt before the first answer', () => {
  it.each([
    ['accepted', accepted],
    ['rejected', rejected],
    ['without an answer', retryable()],
  ] as const)('keeps the window small until an event is %s', async (_name, outcome) => {
    const { halting, send, clock } = setup(scriptedTransport(misconfigured, outcome));
    expect(halting.window(32)).toBe(4);
    expect(halting.window(2)).toBe(2);
    await send();
    await clock.advance(30_000);
    expect(halting.window(32)).toBe(4);
    halting.resume();
    await send();
    expect(halting.window(32)).toBe(32);
    expect(clock.pending()).toBe(0);
  });

  it('opens the window after a second, and tells those who wait', async () => {
    const { halting, send, clock } = setup(manualTransport());
    let told = 0;
    halting.onChange(() => (told += 1));
    void send();
    await clock.advance(999);
    expect(halting.window(32)).toBe(4);
    await clock.advance(1);
    expect(halting.window(32)).toBe(32);
    expect(told).toBe(1);
  });
});
