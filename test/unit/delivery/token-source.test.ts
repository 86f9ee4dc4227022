import { describe, expect, it } from 'vitest';
import { TokenSource } from '../../../src/delivery/token-source.ts';
import { manualClock } from '../../support/manual-clock.ts';

const LIMITS = { deadline: 5_000, hold: 'background' } as const;

describe('TokenSource', () => {
  it('asks once for all sends that come at the same time, and keeps the answer', async () => {
    let asked = 0;
    const provider = () => Promise.resolve(`key-${++asked}`);
    const source = new TokenSource(provider, manualClock());
    const first = await Promise.all([source.token(LIMITS), source.token(LIMITS)]);
    const later = await source.token(LIMITS);
    expect([...first, later]).toEqual([{ token: 'key-1' }, { token: 'key-1' }, { token: 'key-1' }]);
  });

  it('asks again after the token was refused', async () => {
    let asked = 0;
    const source = new TokenSource(() => `key-${++asked}`, manualClock());
    await source.token(LIMITS);
    source.forget();
    await expect(source.token(LIMITS)).resolves.toEqual({ token: 'key-2' });
  });

  it('does not keep an answer to a question from before the refusal', async () => {
    const answers: ((key: string) => void)[] = [];
    const provider = () => new Promise<string>((resolve) => answers.push(resolve));
    const source = new TokenSource(provider, manualClock());
    const before = source.token(LIMITS);
    source.forget();
    const after = source.token(LIMITS);
    answers[0]?.('old');
    answers[1]?.('new');
    await Promise.all([before, after]);
    await expect(source.token(LIMITS)).resolves.toEqual({ token: 'new' });
  });

  it('takes a failing provider as passing, without its message, and asks again', async () => {
    let asked = 0;
    const provider = () => {
      asked += 1;
      if (asked === 1) throw new Error('secret store said: sk_live_SECRET');
      return 'key';
    };
    const source = new TokenSource(provider, manualClock());
    await expect(source.token(LIMITS)).resolves.toEqual({
      outcome: {
        kind: 'retryable',
        failure: { detail: 'apiKey function failed', status: undefined },
        retryAfterMs: undefined,
        once: false,
      },
    });
    await expect(source.token(LIMITS)).resolves.toEqual({ token: 'key' });
  });

  it.each(['', '  ', 'two words', 'line\nbreak', 'ключ'])(
    'takes %j as a wrong configuration',
    async (key) => {
      const source = new TokenSource(() => key, manualClock());
      await expect(source.token(LIMITS)).resolves.toMatchObject({
        outcome: { kind: 'misconfigured' },
      });
    },
  );

  it('gives up on a provider that does not answer by the deadline', async () => {
    const clock = manualClock();
    const source = new TokenSource(() => new Promise<string>(() => {}), clock);
    const result = source.token(LIMITS);
    await clock.advance(5_000);
    await expect(result).resolves.toMatchObject({
      outcome: { kind: 'retryable', failure: { detail: 'apiKey function timed out' } },
    });
  });
});
