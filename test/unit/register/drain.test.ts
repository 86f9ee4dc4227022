import { describe, expect, it } from 'vitest';
import { drain } from '../../../src/register/endings.ts';
import { manualClock } from '../../support/manual-clock.ts';

describe('the end of a set-up', () => {
  function setUp() {
    const clock = manualClock();
    const said: string[] = [];
    const client = {
      finish: () => said.push(`${clock.now()} finish`),
      close: (ms: number) => {
        said.push(`${clock.now()} close within ${ms}`);
        return Promise.resolve();
      },
    };
    const part = (ms: number, ends: 'well' | 'badly' = 'well') => ({
      shutdown: () =>
        new Promise<void>((resolve, reject) => {
          const run = (): void => {
            said.push(`${clock.now()} ended ${ends}`);
            if (ends === 'well') resolve();
            else reject(new Error('not accepted'));
          };
          clock.after({ ms, hold: 'process', run });
        }),
    });
    return { clock, said, client, part };
  }

  it('waits for each part, also after one has failed', async () => {
    const { clock, said, client, part } = setUp();
    const done = drain({ parts: [part(10, 'badly'), part(50)], client, budgetMs: 1_000 }, clock);
    await clock.advance(100);
    await done;
    expect(said).toEqual(['10 ended badly', '50 ended well', '50 close within 950']);
  });

  it('asks for haste after most of the budget, and ends all of it with the budget', async () => {
    const { clock, said, client, part } = setUp();
    const done = drain({ parts: [part(5_000)], client, budgetMs: 1_000 }, clock);
    await clock.advance(1_000);
    await done;
    expect(said).toEqual(['600 finish', '1000 close within 0']);
  });

  it('lasts no longer than the budget where there is no client', async () => {
    const { clock, part } = setUp();
    const broken = {
      shutdown: () => {
        throw new Error('no shutdown here');
      },
    };
    const done = drain({ parts: [broken, part(5_000)], client: undefined, budgetMs: 10 }, clock);
    await clock.advance(10);
    await expect(done).resolves.toBeUndefined();
  });
});
