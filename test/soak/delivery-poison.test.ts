import { expect, it } from 'vitest';
import type { Fault } from '../../src/emulator/index.ts';
import { expectBalance } from '../support/balance.ts';
import { MODES } from '../support/modes.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { clientIn, testEmulator } from '../support/test-client.ts';

/** Answers that an event gets for the word that is in it, whenever it is sent. */
const POISON: Readonly<Record<string, Fault>> = {
  poison_trouble: { status: 500 },
  poison_reset: { reset: 'before' },
  poison_hang: { hang: true },
  poison_forbidden: { status: 403 },
  poison_redirected: { status: 307 },
  poison_rejected: { status: 400 },
};
const KINDS = Object.keys(POISON);

const ROUNDS = 6;
const SECONDS = 30;
const PER_SECOND = 200;
/** One event in so many is bad. */
const BAD = 50;

const QUICK = {
  timeoutMs: 500,
  deadlineMs: 20_000,
  shutdownTimeoutMs: 1_000,
  retry: { initialDelayMs: 500, maxDelayMs: 60_000 },
};

const nextSecond = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1_000));

it.each(MODES)(
  'has every good event in the ledger, once, whatever the others get, %s',
  async (_mode, options) => {
    const emulator = await testEmulator();
    for (const [word, fault] of Object.entries(POISON)) {
      emulator.fail({ ...fault, times: Infinity, when: ({ body }) => body.includes(word) });
    }
    const directory = temporaryFolder();
    const good = new Set<string>();
    let sent = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      const client = clientIn(options)(emulator.url, { ...QUICK, spool: { directory } });
      for (let second = 0; second < SECONDS; second += 1) {
        for (let index = 0; index < PER_SECOND; index += 1) {
          sent += 1;
          const idempotencyKey = `key-${sent}`;
          const bad = sent % BAD === 0;
          const eventName = bad ? (KINDS[(sent / BAD) % KINDS.length] ?? '') : 'order.placed';
          if (!bad) good.add(idempotencyKey);
          client.sendAsync({ eventName, idempotencyKey, payload: { sent } });
        }
        await nextSecond();
        expectBalance(client.stats());
      }
      // The last one also delivers what those before it left.
      const patience = round === ROUNDS - 1 ? 120 : 0;
      for (let second = 0; second < patience; second += 1) {
        if (emulator.events().length < good.size) await nextSecond();
      }
      await client.close();
      expectBalance(client.stats());
    }
    const keys = emulator.events().map(({ idempotencyKey }) => idempotencyKey);
    expect(new Set(keys)).toEqual(good);
    expect(keys).toHaveLength(good.size);
    console.log(`${sent} events, ${sent - good.size} bad, ${emulator.requests().length} requests`);
  },
  900_000,
);
