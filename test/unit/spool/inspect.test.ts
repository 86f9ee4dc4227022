import { beforeEach, describe, expect, it } from 'vitest';
import type { FilePort } from '../../../src/spool/file-port.ts';
import type { InspectedWriter } from '../../../src/spool/inspect.ts';
import { inspectSpool } from '../../../src/spool/inspect.ts';
import { fakeLiveness } from '../../support/fake-liveness.ts';
import { manualClock } from '../../support/manual-clock.ts';
import type { SimulatedFiles } from '../../support/simulated-files.ts';
import { simulatedFiles } from '../../support/simulated-files.ts';
import { simulatedSpool, spoolEntry } from '../../support/simulated-spool.ts';

const clock = manualClock();
const liveness = fakeLiveness();
let files: SimulatedFiles;

async function inspect(on: FilePort = files): Promise<readonly InspectedWriter[]> {
  const writers: InspectedWriter[] = [];
  for await (const writer of inspectSpool({ files: on, liveness }, '/spool')) writers.push(writer);
  return writers;
}

const summaryOf = ({ name, alive, damaged, records }: InspectedWriter): unknown => [
  name,
  alive ? 'alive' : 'gone',
  damaged,
  records.map(({ idempotencyKey }) => idempotencyKey),
];

/** One that is gone, with one of three records acknowledged, and a living one with one record. */
beforeEach(async () => {
  files = simulatedFiles();
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

  it('passes over what is no directory', async () => {
    await files.createFile('/spool/v1/.hidden');
    expect(await inspect()).toHaveLength(2);
  });

  it('passes over a writer that goes away while it is looked at', async () => {
    const vanishing: FilePort = {
      ...files,
      list(path) {
        if (!path.endsWith('a001')) return files.list(path);
        return Promise.reject(Object.assign(new Error('gone'), { code: 'ENOENT' }));
      },
    };
    expect((await inspect(vanishing)).map(({ name }) => name)).toEqual(['b001']);
  });

  it('says what is wrong where there is no spool', async () => {
    await expect(inspect(simulatedFiles())).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
