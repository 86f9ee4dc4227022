import { spawnSync } from 'node:child_process';
import { readdirSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { Emulator } from '../../src/emulator/index.ts';
import { expectBalance } from '../support/balance.ts';
import { runScript } from '../support/run-script.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { TEST_KEY, testClient, testEmulator } from '../support/test-client.ts';

const ALWAYS = { times: Number.POSITIVE_INFINITY };
const EVENTS = 238;
const isRoot = process.getuid?.() === 0;

let emulator: Emulator;
let volume: string;
let directory: string;

beforeEach(async () => {
  emulator = await testEmulator();
  volume = temporaryFolder();
  directory = join(volume, 'spool');
  const size = 'size=3m,nr_inodes=200';
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', size, 'tmpfs', volume]);
  if (isRoot && status !== 0) throw new Error('the volume cannot be mounted');
  onTestFinished(() => {
    spawnSync('umount', ['-l', volume]);
  });
});

/** Takes all the bytes that are left, and where asked for every place for a file. */
function fillVolume(what: 'bytes' | 'bytes and files'): void {
  const { bavail, bsize } = statfsSync(volume);
  writeFileSync(join(volume, 'ballast'), Buffer.alloc(bavail * bsize));
  if (what === 'bytes') return;
  for (let made = 0; made < 300; made += 1) {
    try {
      writeFileSync(join(volume, `none-${made}`), '');
    } catch {
      return;
    }
  }
}

/** A writer that is killed in an outage with its events on disk. */
async function leaveEvents(): Promise<readonly string[]> {
  emulator.fail({ status: 503, ...ALWAYS });
  const { exit, out } = await runScript('test/process/fixtures/spool-writer.js', {
    args: [directory, 'left'],
    env: { IMTBL_URL: emulator.url, IMTBL_API_KEY: TEST_KEY },
    onOutput(text, kill) {
      if (text.split('\n').length > EVENTS) kill('SIGKILL');
    },
  });
  expect(exit).toBe('SIGKILL');
  emulator.heal();
  return out.split('\n').slice(0, -1);
}

const inLedger = (): readonly string[] =>
  emulator.events().map(({ idempotencyKey }) => idempotencyKey);

describe.skipIf(!isRoot || process.platform !== 'linux')('events on a volume that is full', () => {
  it.each(['bytes', 'bytes and files'] as const)(
    'are sent by the next process, which finds no room for anything (%s)',
    async (what) => {
      const left = await leaveEvents();
      expect(left.length).toBeGreaterThanOrEqual(EVENTS);
      fillVolume(what);
      const client = testClient(emulator.url, { spool: { directory } });
      await client.flush();
      await expect.poll(() => client.stats().spool?.events).toBe(0);
      expect(client.stats().recovered).toBeGreaterThanOrEqual(left.length);
      expect(left.filter((key) => !inLedger().includes(key))).toEqual([]);
      expectBalance(client.stats());
      await client.close();
      expect(readdirSync(join(directory, 'v1'))).toEqual([]);
    },
    60_000,
  );

  it('are sent by the process that stored them', async () => {
    emulator.fail({ status: 503, ...ALWAYS });
    const client = testClient(emulator.url, { spool: { directory } });
    const keys = Array.from({ length: EVENTS }, (_, index) => `own-${index}`);
    await Promise.all(
      keys.map((idempotencyKey) =>
        client.record({ eventName: 'order.placed', idempotencyKey, payload: {} }),
      ),
    );
    fillVolume('bytes and files');
    emulator.heal();
    await client.flush();
    await expect.poll(() => client.stats().spool?.events).toBe(0);
    expect([...inLedger()].sort()).toEqual([...keys].sort());
    expectBalance(client.stats());
    await client.close();
    expect(readdirSync(join(directory, 'v1'))).toEqual([]);
  }, 60_000);

  it.each(['bytes', 'bytes and files'] as const)(
    'are sent by the command, which ends and says so (%s)',
    async (what) => {
      const left = await leaveEvents();
      fillVolume(what);
      const { exit, out } = await runScript('dist/cli/bin.js', {
        args: ['spool', 'replay', '--dir', directory],
        env: { IMTBL_URL: emulator.url, IMTBL_API_KEY: TEST_KEY },
      });
      expect(out).toMatch(/^\d+ sent \(\d+ were there already\), 0 into quarantine, 0 left\n$/);
      expect(exit).toBe(0);
      expect(left.filter((key) => !inLedger().includes(key))).toEqual([]);
    },
    60_000,
  );

  it('are sent when the spool itself has filled it, for it leaves room for what delivery needs', async () => {
    emulator.fail({ status: 503, ...ALWAYS });
    const client = testClient(emulator.url, { spool: { directory }, deadlineMs: 500 });
    const keys: string[] = [];
    const fits = (idempotencyKey: string): Promise<boolean> => {
      const payload = { note: 'x'.repeat(8_000) };
      const recorded = client.record({ eventName: 'order.placed', idempotencyKey, payload });
      return recorded.then(
        () => true,
        () => false,
      );
    };
    while (await fits(`own-${keys.length}`)) keys.push(`own-${keys.length}`);
    const { bfree, bsize } = statfsSync(volume);
    expect(bfree * bsize).toBeGreaterThan(64 * 1024);
    emulator.heal();
    await client.flush();
    await expect.poll(() => client.stats().spool?.events).toBe(0);
    expect(keys.filter((key) => !inLedger().includes(key))).toEqual([]);
    expectBalance(client.stats());
    await client.close();
    expect(readdirSync(join(directory, 'v1'))).toEqual([]);
  }, 60_000);
});
