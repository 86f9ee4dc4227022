import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Emulator } from '../../src/emulator/index.ts';
import type { ImmutableLogClient } from '../../src/index.ts';
import { encodeFrames, encodeHeader } from '../../src/spool/segment-format.ts';
import { expectBalance } from '../support/balance.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { testClient, testEmulator } from '../support/test-client.ts';
import { bodyOf } from '../support/requests.ts';

const ALWAYS = { times: Number.POSITIVE_INFINITY };
const DAY_MS = 86_400_000;

let ledger: Emulator;
let folder: string;

beforeEach(async () => {
  ledger = await testEmulator();
  folder = temporaryFolder();
});

const keys = (from: number, to: number): readonly string[] =>
  Array.from({ length: to - from }, (_, offset) => `key-${from + offset}`);

async function recordAll(client: ImmutableLogClient, names: readonly string[]): Promise<void> {
  for (const idempotencyKey of names) {
    await client.record({ eventName: 'payment.captured', idempotencyKey, payload: {} });
  }
}

const inLedger = (): readonly string[] =>
  ledger.events().map(({ idempotencyKey }) => idempotencyKey);

describe('a client whose spool cannot be where it should be', () => {
  it.each([
    ['stands on a file', 'file'],
    ['would stand below a file', 'file/below'],
    ['has a file where its segments should be', 'half'],
  ])('sends from memory when it %s', async (_, place) => {
    writeFileSync(join(folder, 'file'), 'in the way');
    mkdirSync(join(folder, 'half'), { mode: 0o700 });
    writeFileSync(join(folder, 'half', 'v1'), 'in the way');
    const client = testClient(ledger.url, { spool: { directory: join(folder, place) } });
    await recordAll(client, keys(0, 3));
    expect(client.stats()).toMatchObject({ accepted: 3, spooled: 0 });
    expect(inLedger()).toEqual(keys(0, 3));
    expectBalance(client.stats());
  });

  it.skipIf(process.platform !== 'linux')('sends from memory where none can be made', async () => {
    const client = testClient(ledger.url, { spool: { directory: '/proc/spool' } });
    await recordAll(client, keys(0, 3));
    expect(client.stats()).toMatchObject({ accepted: 3, spooled: 0 });
    expectBalance(client.stats());
  });

  it('counts what the ledger does not take either, and spools once the place is free', async () => {
    const directory = join(folder, 'file');
    writeFileSync(directory, 'in the way');
    ledger.fail({ status: 503, ...ALWAYS });
    const retry = { maxRetries: 1, initialDelayMs: 1 };
    const client = testClient(ledger.url, { spool: { directory }, retry });
    await recordAll(client, keys(0, 1)).catch(() => {});
    expect(client.stats()).toMatchObject({ dropped: { spool_full: 1 } });
    rmSync(directory);
    await recordAll(client, keys(1, 2));
    expect(client.stats()).toMatchObject({ spooled: 1 });
    ledger.heal();
    await expect.poll(inLedger).toEqual(keys(1, 2));
    expectBalance(client.stats());
  });
});

describe('a client whose clock jumps by a day', () => {
  it('keeps, sends in order and counts everything, in an outage and while it drains', async () => {
    const now = Date.now.bind(Date);
    let jump = 0;
    vi.spyOn(Date, 'now').mockImplementation(() => now() + jump);
    ledger.fail({ status: 503, ...ALWAYS });
    const client = testClient(ledger.url, {
      spool: { directory: join(folder, 's') },
      concurrency: 1,
    });
    const jumps = [0, DAY_MS, -DAY_MS, DAY_MS];
    for (const [turn, ms] of jumps.entries()) {
      jump = ms;
      await recordAll(client, keys(turn * 50, turn * 50 + 50));
      expect(client.stats().spool?.oldestAgeMs).toBeGreaterThanOrEqual(0);
    }
    ledger.heal();
    for (const part of [20, 60, 100, 140]) {
      await expect.poll(() => client.stats().accepted, { interval: 1 }).toBeGreaterThan(part);
      jump = -jump;
    }
    await expect.poll(() => client.stats().accepted).toBe(200);
    expect(client.stats()).toMatchObject({ spooled: 0, duplicates: 0, emitted: 200 });
    expect([...inLedger()].sort()).toEqual([...keys(0, 200)].sort());
    expectBalance(client.stats());
    vi.restoreAllMocks();
  });
});

describe('a client that finds a crowd of directories of processes that are gone', () => {
  const GONE = 200;
  const META = {
    event_name: 'left.behind',
    type: 'info',
    service: 'test-service',
    env: 'test',
    environment: 'test',
    request_id: 'request',
    log_level: 'info',
  };

  it('sends what is in them and leaves none, and stores its own meanwhile', async () => {
    for (const key of keys(0, GONE)) {
      const own = join(folder, 'v1', key);
      mkdirSync(own, { recursive: true, mode: 0o700 });
      const text = JSON.stringify({ payload: '{}', meta: META });
      const entry = { idempotencyKey: key, requestId: META.request_id, ...bodyOf(text) };
      const frames = encodeFrames([entry], 1, 0);
      writeFileSync(join(own, '00000001.seg'), Buffer.concat([encodeHeader(key), frames]));
    }
    const client = testClient(ledger.url, { spool: { directory: folder } });
    await recordAll(client, ['own']);
    await expect.poll(() => client.stats().accepted).toBe(GONE + 1);
    expect(client.stats()).toMatchObject({ recovered: GONE, spooled: 0 });
    expect(new Set(inLedger())).toEqual(new Set([...keys(0, GONE), 'own']));
    expectBalance(client.stats());
    await client.close();
    expect(readdirSync(join(folder, 'v1'))).toEqual([]);
  });
});
