import { describe, expect, it } from 'vitest';
import type { FilePort, OpenFile } from '../../src/spool/files.ts';
import type { Spool } from '../../src/spool/spool.ts';
import { fakeLiveness } from '../support/fake-liveness.ts';
import { manualClock, settle } from '../support/manual-clock.ts';
import { simulatedFiles } from '../support/simulated-files.ts';
import { simulatedSpool } from '../support/simulated-spool.ts';
import type { Trace } from './spool-crash-judge.ts';
import { ENOUGH, judge, traceEntry } from './spool-crash-judge.ts';

/** Two processes, one after the other, with everything a spool does to its files. */
async function record(wrap: (files: FilePort) => FilePort): Promise<Trace> {
  const simulated = simulatedFiles();
  const files = wrap(simulated);
  const storedAt = new Map<string, number>();
  const acknowledgedAt = new Map<string, number>();
  const clock = manualClock();
  const liveness = fakeLiveness();
  const common = { files, clock, liveness, segmentBytes: 300 };

  async function store(spool: Spool, key: string): Promise<void> {
    const { kind } = await spool.store(traceEntry(key));
    expect(kind).toBe('stored');
    storedAt.set(key, simulated.effects.length);
  }

  async function acknowledge(spool: Spool, count: number): Promise<void> {
    for (const { ref, idempotencyKey } of await spool.claim(count)) {
      acknowledgedAt.set(idempotencyKey, simulated.effects.length);
      spool.acknowledge(ref);
    }
    await clock.advance(50);
  }

  const first = simulatedSpool({ ...common, writer: 'a' });
  await store(first, 'one');
  await Promise.all([store(first, 'two'), store(first, 'three')]);
  await acknowledge(first, 1);
  await store(first, 'four');
  await acknowledge(first, 2);
  liveness.killAll();

  const second = simulatedSpool({ ...common, writer: 'b' });
  expect(await second.adopt()).toBe(1);
  await store(second, 'five');
  await acknowledge(second, 2);
  await store(second, 'six');
  await second.close();
  await settle();
  return { effects: simulated.effects, storedAt, acknowledgedAt };
}

/** A file system that says a directory is synced and does nothing. */
function withoutDirectorySync(files: FilePort): FilePort {
  return { ...files, syncDirectory: () => Promise.resolve() };
}

/** A file system whose sync answers before it has happened. */
function withEarlySync(files: FilePort): FilePort {
  const early = (file: OpenFile): OpenFile => ({
    ...file,
    sync() {
      setImmediate(() => void file.sync());
      return Promise.resolve();
    },
  });
  return { ...files, createFile: async (path) => early(await files.createFile(path)) };
}

describe('the spool after a loss of power at any moment', () => {
  it('has every record that it reported as stored, and nothing else', async () => {
    const verdict = await judge(await record((files) => files));
    console.log(`${verdict.states} crash states, ${verdict.losing} with a loss`);
    expect(verdict).toMatchObject({ losing: 0, wrong: 0 });
    expect(verdict.states).toBeGreaterThan(1_000);
  }, 120_000);

  it('would be found out if it did not sync directories', async () => {
    const verdict = await judge(await record(withoutDirectorySync), ENOUGH);
    console.log(`without directory sync: ${verdict.losing} of ${verdict.states} lose`);
    expect(verdict.losing).toBeGreaterThan(0);
  }, 120_000);

  it('would be found out if it reported before fdatasync', async () => {
    const verdict = await judge(await record(withEarlySync), ENOUGH);
    console.log(`reported before fdatasync: ${verdict.losing} of ${verdict.states} lose`);
    expect(verdict.losing).toBeGreaterThan(0);
  }, 120_000);
});
