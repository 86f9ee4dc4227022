import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/runtime/clock.ts';
import { FileSpool } from '../../src/spool/file-spool.ts';
import { nodeFiles } from '../../src/spool/node-files.ts';
import type { Spool } from '../../src/spool/spool.ts';
import { fakeLiveness } from '../support/fake-liveness.ts';
import { claimAll, spoolEntry } from '../support/simulated-spool.ts';
import type { SlowFiles } from '../support/slow-files.ts';
import { nextTurn, slowFiles } from '../support/slow-files.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const TURNS = 100;
const liveness = fakeLiveness();

function open(directory: string, files: SlowFiles, writer: string): Spool {
  return new FileSpool({
    directory,
    maxBytes: 2 ** 30,
    segmentBytes: 64 * 1024,
    files,
    liveness,
    clock: systemClock,
    newWriter: () => writer,
    onDamage: () => {},
    onReadError: () => {},
  });
}

describe('a spool on a disk that takes many turns of the event loop for each sync', () => {
  it('never blocks the event loop in its whole life, and syncs once for many records', async () => {
    const directory = temporaryFolder();
    const files = slowFiles(nodeFiles, TURNS);
    const first = open(directory, files, 'a');
    await first.store(spoolEntry('warm up'));
    const before = files.syncs();
    await Promise.all(
      Array.from({ length: 1_000 }, (_, index) => first.store(spoolEntry(`k${index}`, 200))),
    );
    expect(files.syncs() - before).toBeLessThanOrEqual(5);
    for (const { ref } of await first.claim(300)) first.acknowledge(ref);
    await first.close();
    const second = open(directory, files, 'b');
    expect(await second.adopt()).toBe(701);
    for (const { ref } of await claimAll(second)) second.acknowledge(ref);
    await second.close();
    expect(files.blockingCalls()).toBe(0);
  });

  it('goes on with other work while a sync is under way', async () => {
    const files = slowFiles(nodeFiles, TURNS);
    const spool = open(temporaryFolder(), files, 'a');
    const progress = { done: false, slices: 0 };
    const stored = spool.store(spoolEntry('one')).then(() => {
      progress.done = true;
    });
    while (!progress.done) {
      await nextTurn();
      progress.slices += 1;
    }
    await stored;
    expect(progress.slices).toBeGreaterThanOrEqual(TURNS);
    await spool.close();
  });
});
