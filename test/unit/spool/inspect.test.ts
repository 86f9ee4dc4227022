import { beforeEach, describe, expect, it } from 'vitest';
import type { FilePort } from '../../../src/spool/files.ts';
import type { WriterTotals } from '../../../src/spool/inspect.ts';
import { inspectSpool } from '../../../src/spool/inspect.ts';
import { fakeLiveness } from '../../support/fake-liveness.ts';
import { manualClock } from '../../support/manual-clock.ts';
import type { SimulatedFiles } from '../../support/simulated-files.ts';
import { simulatedFiles } from '../../support/simulated-files.ts';
import { simulatedSpool, spoolEntry } from '../../support/simulated-spool.ts';

const clock = manualClock();
const liveness = fakeLiveness();
let files: SimulatedFiles;
let startedAtMs: number;

interface Seen extends WriterTotals {
  readonly name: string;
  readonly alive: boolean;
  readonly keys: readonly string[];
}

async function inspect(on: FilePort = files): Promise<readonly Seen[]> {
  const writers: Seen[] = [];
  for await (const { name, alive, read } of inspectSpool(
    { files: on, liveness, clock },
    '/spool',
  )) {
    const keys: string[] = [];
    const totals = await read({ onRecord: ({ idempotencyKey }) => keys.push(idempotencyKey) });
    expect(totals.events).toBe(keys.length);
    writers.push({ name, alive, keys, ...totals });
  }
  return writers;
}

const summaryOf = ({ name, alive, damaged, keys }: Seen): unknown => [
  name,
  alive ? 'alive' : 'gone',
  damaged,
  keys,
];

/** One that is gone, with one of three records acknowledged, and a living one with one record. */
beforeEach(async () => {
  files = simulatedFiles();
  startedAtMs = clock.wallTime();
  const options = { files, liveness, clock, segmentBytes: 200 };
  const first = simulatedSpool({ ...options, writer: 'a' });
  for (const key of ['one', 'two', 'three']) await first.store(spoolEntry(key));
  const [record] = await first.claim(1);
  if (record !== undefined) first.acknowledge(record.ref);
  await clock.advance(50);
  liveness.killAll();
  await simulatedSpool({ ...options, writer: 'b' }).store(spoolEntry('four'));
});

describe('looking into a spool', () => {
  it('shows each writer with what waits, without what was acknowledged', async () => {
    expect((await inspect()).map(summaryOf)).toEqual([
      ['a001', 'gone', 0, ['two', 'three']],
      ['b001', 'alive', 0, ['four']],
    ]);
  });

  it('adds up the bytes on disk and knows the oldest record', async () => {
    const [first] = await inspect();
    const folder = '/spool/v1/a001';
    let bytes = 0;
    for (const name of await files.list(folder)) {
      if (name !== 'lock') bytes += (await files.identity(`${folder}/${name}`))?.size ?? 0;
    }
    expect(first).toMatchObject({ bytes, oldestAtMs: startedAtMs });
  });

  it('ends early when it is told to', async () => {
    for await (const { read } of inspectSpool({ files, liveness, clock }, '/spool')) {
      expect(await read({ signal: AbortSignal.abort() })).toMatchObject({ events: 0 });
    }
  });

  it('changes nothing', async () => {
    const { length } = files.effects;
    await inspect();
    expect(files.effects).toHaveLength(length);
  });

  it('asks the one that took a directory over whether it is there', async () => {
    await files.rename('/spool/v1/a001', '/spool/v1/a001@b001');
    expect((await inspect()).map(summaryOf)).toContainEqual([
      'a001@b001',
      'alive',
      0,
      ['two', 'three'],
    ]);
  });

  it('counts damage and shows the rest', async () => {
    const segment = await files.openFile('/spool/v1/a001/00000001.seg');
    await segment.write(Buffer.from('??'), 200);
    const [first] = await inspect();
    expect(first?.damaged).toBe(1);
  });

  it('counts a segment that cannot be read, and shows the others', async () => {
    const broken: FilePort = {
      ...files,
      openFile(path) {
        if (!path.endsWith('00000002.seg')) return files.openFile(path);
        return Promise.reject(Object.assign(new Error('a directory'), { code: 'EISDIR' }));
      },
    };
    expect((await inspect(broken)).map(summaryOf)).toEqual([
      ['a001', 'gone', 1, ['two']],
      ['b001', 'alive', 0, ['four']],
    ]);
  });

  it.each([
    ['open', '00000002.seg'],
    ['read', '00000002.seg'],
    ['read', '.ack'],
    ['list', '/v1'],
    ['list', '/a001'],
  ])('reads again what fails at %s of %s, and calls it no damage', async (operation, pathEnd) => {
    let failures = 0;
    const faults = {
      fail(name: string, path: string): string | undefined {
        if (name !== operation || !path.endsWith(pathEnd) || failures === 3) return undefined;
        failures += 1;
        return 'EIO';
      },
      shorten: (bytes: number) => bytes,
    };
    const seen = inspect(simulatedFiles({ nodes: files.nodes, faults }));
    await clock.advance(1_300);
    expect((await seen).map(summaryOf)).toEqual([
      ['a001', 'gone', 0, ['two', 'three']],
      ['b001', 'alive', 0, ['four']],
    ]);
    expect(failures).toBe(3);
  });

  it('shows what is left while a running process removes a segment', async () => {
    const vanishing: FilePort = {
      ...files,
      openFile(path) {
        if (!path.endsWith('00000002.seg')) return files.openFile(path);
        return Promise.reject(Object.assign(new Error('gone'), { code: 'ENOENT' }));
      },
    };
    expect((await inspect(vanishing)).map(summaryOf)).toEqual([
      ['a001', 'gone', 0, ['two']],
      ['b001', 'alive', 0, ['four']],
    ]);
  });

  it('passes over what is no directory', async () => {
    await files.createFile('/spool/v1/.hidden');
    expect(await inspect()).toHaveLength(2);
  });

  it('finds nothing with a writer that goes away while it is looked at', async () => {
    const vanishing: FilePort = {
      ...files,
      list(path) {
        if (!path.endsWith('a001')) return files.list(path);
        return Promise.reject(Object.assign(new Error('gone'), { code: 'ENOENT' }));
      },
    };
    expect((await inspect(vanishing)).map(({ name, events }) => [name, events])).toEqual([
      ['a001', 0],
      ['b001', 1],
    ]);
  });

  it('says what is wrong where there is no spool', async () => {
    await expect(inspect(simulatedFiles())).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
