import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it, onTestFinished } from 'vitest';
import { expectBalance } from '../support/balance.ts';
import { REPOSITORY } from '../support/run-script.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { testClient } from '../support/test-client.ts';

const EVENTS = 50_000;
const MEBIBYTE = 1024 * 1024;
/** Above what the process had before; the events themselves are more than 270 MiB. */
const FLAT_BYTES = 160 * MEBIBYTE;
/** What may be remembered of an event that is on disk, with what the heap itself wavers by. */
const BYTES_AN_EVENT = 160;
const TEXT = 'x'.repeat(5_600);

/** What is not garbage: the least of a few looks, since buffers are let go of turns later. */
async function heldBytes(): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  let least = Infinity;
  for (let look = 0; look < 5; look += 1) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    collect();
    const { heapUsed, external } = process.memoryUsage();
    least = Math.min(least, heapUsed + external);
  }
  return least;
}

interface Report {
  readonly keys: readonly string[];
  readonly refused: number;
  /** Most requests under way at once, in each 100 ms after the first that was accepted. */
  readonly peaks: readonly number[];
}

async function ask<T>(ledger: ChildProcess, question: string): Promise<T> {
  const answer = once(ledger, 'message');
  ledger.send(question);
  const [message] = await answer;
  return message as T;
}

async function startLedger(): Promise<{ readonly ledger: ChildProcess; readonly url: string }> {
  const ledger = fork(join(REPOSITORY, 'test/process/fixtures/ledger-process.js'));
  onTestFinished(() => {
    ledger.kill('SIGKILL');
  });
  const [{ port }] = (await once(ledger, 'message')) as [{ port: number }];
  return { ledger, url: `http://127.0.0.1:${port}` };
}

describe('an outage of an hour, compressed', () => {
  it('costs no event, no memory and no herd', async () => {
    const { ledger, url } = await startLedger();
    const client = testClient(url, {
      spool: { directory: temporaryFolder() },
      retry: { initialDelayMs: 300, maxDelayMs: 300 },
    });
    let most = 0;
    const before = process.memoryUsage().rss;
    const startedAt = performance.now();
    let held = Infinity;
    for (let index = 0; index < EVENTS; index += 500) {
      const batch = Array.from({ length: 500 }, (_, offset) =>
        client.record({
          eventName: 'a.b',
          idempotencyKey: `key-${index + offset}`,
          payload: { index: index + offset, text: TEXT },
        }),
      );
      await Promise.all(batch);
      most = Math.max(most, process.memoryUsage().rss);
      if (index === EVENTS / 5) held = await heldBytes();
    }
    const remembered = (await heldBytes()) - held;
    expect(remembered).toBeLessThan(EVENTS * 0.8 * BYTES_AN_EVENT);
    expect(client.stats()).toMatchObject({ emitted: EVENTS, spooled: EVENTS, inFlight: 0 });
    expect(client.stats().spool).toMatchObject({ events: EVENTS });
    expectBalance(client.stats());

    const outageMs = performance.now() - startedAt;
    ledger.send('accept');
    while (client.stats().accepted < EVENTS) {
      expectBalance(client.stats());
      await new Promise((resolve) => setTimeout(resolve, 50));
      most = Math.max(most, process.memoryUsage().rss);
    }
    const { keys, refused, peaks } = await ask<Report>(ledger, 'report');
    console.log(`${remembered} bytes remembered`);
    console.log(`rss +${Math.round((most - before) / MEBIBYTE)} MiB, ${refused} refused`);
    console.log(`requests under way, by 100 ms: ${peaks.slice(0, 20).join(' ')}`);
    expect(new Set(keys).size).toBe(EVENTS);
    expect(keys).toHaveLength(EVENTS);
    expect(most - before).toBeLessThan(FLAT_BYTES);
    // Requests overtake each other by as many as are under way, not more; but for the one that found
    // out that the ledger was back.
    const astray = keys.filter(
      (key, place) => Math.abs(Number(key.slice('key-'.length)) - place) >= 400,
    );
    expect(astray.length).toBeLessThanOrEqual(1);
    // One socket, then two, four, eight …: a fifth of a second later twice as many at most.
    for (const [tenth, peak] of peaks.entries()) {
      expect(peak).toBeLessThanOrEqual(Math.min(32, 2 ** Math.floor(tenth / 2)));
    }
    expect(Math.max(...peaks)).toBeGreaterThan(8);
    // What was tried while the ledger refused: one probe at a time, and the start of the outage.
    expect(refused).toBeLessThan(100 + outageMs / 50);
  }, 180_000);
});
