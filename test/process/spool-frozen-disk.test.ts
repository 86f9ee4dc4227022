import { spawnSync } from 'node:child_process';
import { mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { Emulator } from '../../src/emulator/index.ts';
import { createNodeLiveness } from '../../src/spool/node-liveness.ts';
import { manualClock } from '../support/manual-clock.ts';
import { REPOSITORY, runScript } from '../support/run-script.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { TEST_KEY, testEmulator } from '../support/test-client.ts';

const isRoot = process.getuid?.() === 0;

let emulator: Emulator;
let volume: string;

const thaw = (): void => {
  spawnSync('fsfreeze', ['-u', volume]);
};

/** A volume in a file; `false` where the machine lets nobody mount one. */
function mountVolume(): boolean {
  const folder = temporaryFolder();
  const image = join(folder, 'image');
  volume = join(folder, 'volume');
  mkdirSync(volume);
  writeFileSync(image, '');
  truncateSync(image, 64 * 1024 * 1024);
  if (spawnSync('mkfs.ext4', ['-q', image]).status !== 0) return false;
  if (spawnSync('mount', ['-o', 'loop', image, volume]).status !== 0) return false;
  onTestFinished(() => {
    thaw();
    spawnSync('umount', ['-l', volume]);
  });
  return true;
}

beforeEach(async () => {
  emulator = await testEmulator();
});

describe.skipIf(!isRoot || process.platform !== 'linux')('a disk that is frozen', () => {
  it.each(['inline', 'worker'])(
    'holds up no call, no exporter and no exit handler (%s)',
    async (where) => {
      if (!mountVolume()) return;
      // The system lets no process go whose disk does not answer, so it is thawed in the end.
      let isStuck = false;
      const latest = setTimeout(() => {
        isStuck = true;
        thaw();
      }, 20_000);
      const { exit, out } = await runScript('test/process/fixtures/spool-frozen-disk.js', {
        args: [volume, where],
        env: { IMTBL_URL: emulator.url, IMTBL_API_KEY: TEST_KEY },
        timeoutMs: 40_000,
        onOutput(text) {
          if (text.includes('exits')) thaw();
        },
      });
      clearTimeout(latest);
      expect(out.split('\n').slice(0, -1).sort()).toEqual([
        'exits',
        'export: failed',
        'flush: done',
        'forceFlush: done',
        'late: deadline',
        'record: deadline',
        'send: deadline',
        'shutdown: done',
        'signal: aborted',
        'stalled',
      ]);
      expect([exit, isStuck]).toEqual([0, false]);
    },
    60_000,
  );

  it('takes one thread of the process to give signs, however long it lasts', async () => {
    if (!mountVolume()) return;
    const clock = manualClock();
    const folder = join(volume, 'writer');
    mkdirSync(folder, { mode: 0o700 });
    const lease = await createNodeLiveness(clock).lease(folder);
    spawnSync('fsfreeze', ['-f', volume]);
    for (let sign = 0; sign < 20; sign += 1) await clock.advance(10_000);
    const latest = setTimeout(thaw, 10_000);
    const elsewhere = stat(REPOSITORY).then(() => 'answers');
    const thawed = sleep(5_000, 'all threads wait');
    expect(await Promise.race([elsewhere, thawed])).toBe('answers');
    clearTimeout(latest);
    thaw();
    await lease.release();
  });
});
