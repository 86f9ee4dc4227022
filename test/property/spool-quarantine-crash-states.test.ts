import { describe, expect, it } from 'vitest';
import type { FilePort, OpenFile } from '../../src/spool/files.ts';
import type { Spool } from '../../src/spool/spool.ts';
import { fakeLiveness } from '../support/fake-liveness.ts';
import { manualClock, settle } from '../support/manual-clock.ts';
import { simulatedFiles } from '../support/simulated-files.ts';
import { simulatedSpool } from '../support/simulated-spool.ts';
import type { Trace } from './spool-crash-judge.ts';
import { ENOUGH, judge, traceEntry } from './spool-crash-judge.ts';

/** Two processes, one after the other; the ledger refuses some of what both have to send. */
async function record(wrap: (files: FilePort) => FilePort): Promise<Trace> {
  const simulated = simulatedFiles();
  const files = wrap(simulated);
  const storedAt = new Map<string, number>();
  const quarantinedAt = new Map<string, number>();
  const clock = manualClock();
  const liveness = fakeLiveness();
  const common = { files, clock, liveness, segmentBytes: 150 };

  async function store(spool: Spool, key: string): Promise<void> {
    expect(await spool.store(traceEntry(key))).toMatchObject({ kind: 'stored' });
    storedAt.set(key, simulated.effects.length);
  }

  async function refuse(spool: Spool, count: number): Promise<void> {
    for (const each of await spool.claim(count)) {
      expect(await spool.quarantine({ record: each, status: 400, reason: 'no' })).toBe(true);
      quarantinedAt.set(each.idempotencyKey, simulated.effects.length);
    }
    await clock.advance(50);
  }

  const first = simulatedSpool({ ...common, writer: 'a' });
  await store(first, 'one');
  await store(first, 'two');
  await store(first, 'three');
  await refuse(first, 1);
  await refuse(first, 1);
  liveness.killAll();

  const second = simulatedSpool({ ...common, writer: 'b' });
  expect(await second.adopt()).toBe(1);
  await refuse(second, 1);
  await second.close();
  await settle();
  return { effects: simulated.effects, storedAt, acknowledgedAt: new Map(), quarantinedAt };
}

const inQuarantine = (path: string): boolean => path.includes('/quarantine');

/** A file system that answers before the lines of refused events are on the disk. */
function withEarlySync(files: FilePort): FilePort {
  const early = (file: OpenFile): OpenFile => ({
    ...file,
    sync() {
      setImmediate(() => void file.sync());
      return Promise.resolve();
    },
  });
  return {
    ...files,
    async createFile(path) {
      const file = await files.createFile(path);
      return inQuarantine(path) ? early(file) : file;
    },
  };
}

/** A file system that does not sync the directory of refused events. */
function withoutDirectorySync(files: FilePort): FilePort {
  return {
    ...files,
    syncDirectory: (path) => (inQuarantine(path) ? Promise.resolve() : files.syncDirectory(path)),
  };
}

describe('an event that the ledger refused, after a loss of power at any moment', () => {
  it('is in the spool or in quarantine, and in quarantine once that was reported', async () => {
    const trace = await record((files) => files);
    expect([...(trace.quarantinedAt?.keys() ?? [])]).toEqual(['one', 'two', 'three']);
    const verdict = await judge(trace);
    console.log(`${verdict.states} crash states with a quarantine, ${verdict.losing} with a loss`);
    expect(verdict).toMatchObject({ losing: 0, wrong: 0 });
    expect(verdict.states).toBeGreaterThan(1_000);
  }, 120_000);

  it.each([
    ['the line were reported before fdatasync', withEarlySync],
    ['its directory were not synced', withoutDirectorySync],
  ])(
    'would be missed if %s',
    async (_, wrap) => {
      const verdict = await judge(await record(wrap), ENOUGH);
      expect(verdict.losing).toBeGreaterThan(0);
    },
    120_000,
  );
});
