import { beforeEach, describe, expect, it } from 'vitest';
import type { Spool } from '../../../src/spool/spool.ts';
import type { FakeLiveness } from '../../support/fake-liveness.ts';
import { fakeLiveness } from '../../support/fake-liveness.ts';
import type { ManualClock } from '../../support/manual-clock.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { diskAfter, splitBySync } from '../../support/simulated-disk.ts';
import type { SimulatedFiles } from '../../support/simulated-files.ts';
import { simulatedFiles } from '../../support/simulated-files.ts';
import { claimAll, simulatedSpool, spoolEntry } from '../../support/simulated-spool.ts';

const KEYS = ['one', 'two', 'three'];

let files: SimulatedFiles;
let liveness: FakeLiveness;
let clock: ManualClock;

beforeEach(() => {
  files = simulatedFiles();
  liveness = fakeLiveness();
  clock = manualClock();
});

const open = (writer = 'a', on: SimulatedFiles = files): Spool =>
  simulatedSpool({ files: on, liveness, clock, writer, segmentBytes: 200 });

async function storeAll(spool: Spool, keys = KEYS): Promise<void> {
  for (const key of keys) {
    expect(await spool.store(spoolEntry(key))).toMatchObject({ kind: 'stored' });
  }
}

async function keysOf(spool: Spool): Promise<readonly string[]> {
  return (await claimAll(spool)).map(({ idempotencyKey }) => idempotencyKey);
}

/** The disk after a loss of power that took everything that could be lost. */
function afterPowerLoss(): SimulatedFiles {
  const { durable } = splitBySync(files.effects);
  liveness.killAll();
  return simulatedFiles({ nodes: diskAfter(files.effects.filter((each) => durable.has(each))) });
}

async function keysAfter(disk: SimulatedFiles): Promise<readonly string[]> {
  liveness.killAll();
  const spool = open('z', disk);
  await spool.adopt();
  return keysOf(spool);
}

/** Everything that a disk holds, names of files and directories too. */
async function everythingIn(path: string): Promise<string> {
  const parts: string[] = [];
  for (const name of await files.list(path)) {
    const at = `${path}/${name}`;
    parts.push(at);
    if ((await files.identity(at))?.kind === 'directory') parts.push(await everythingIn(at));
    else parts.push(await contentOf(at));
  }
  return parts.join('\n');
}

async function contentOf(path: string): Promise<string> {
  const file = await files.openFile(path);
  const buffer = Buffer.alloc((await file.identity()).size);
  await file.read(buffer, 0);
  return buffer.toString('latin1');
}

describe('the promises of a spool', () => {
  it('a stored record survives the process and the power', async () => {
    await storeAll(open());
    expect(await keysAfter(afterPowerLoss())).toEqual(KEYS);
    expect(await keysAfter(files)).toEqual(KEYS);
  });

  it('a stored record survives the power, also in directories of one that was killed early', async () => {
    await files.makeDirectory('/spool');
    await files.makeDirectory('/spool/v1');
    await storeAll(open());
    expect(await keysAfter(afterPowerLoss())).toEqual(KEYS);
  });

  it('records come out oldest first, those of writers that are gone before one’s own', async () => {
    await storeAll(open('a'));
    liveness.killAll();
    const spool = open('b');
    await storeAll(spool, ['four']);
    await spool.adopt();
    await storeAll(spool, ['five']);
    expect(await keysOf(spool)).toEqual([...KEYS, 'four', 'five']);
  });

  it('a claimed record is offered again by the next process, unless acknowledged', async () => {
    const spool = open();
    await storeAll(spool);
    const [first] = await spool.claim(2);
    if (first !== undefined) spool.acknowledge(first.ref);
    await clock.advance(50);
    expect(await keysOf(spool)).toEqual(['three']);
    expect(await keysAfter(files)).toEqual(['two', 'three']);
  });

  it('a record is deleted only after it was acknowledged, whatever its age', async () => {
    const spool = open();
    await storeAll(spool);
    await claimAll(spool);
    await clock.advance(366 * 86_400_000);
    await spool.close();
    expect(await keysAfter(files)).toEqual(KEYS);
  });

  it('a damaged record costs itself only', async () => {
    await storeAll(open());
    const path = '/spool/v1/a001/00000001.seg';
    const segment = await files.openFile(path);
    const content = await contentOf(path);
    await segment.write(Buffer.from('?'), content.indexOf('"payload":"two'));
    expect(await keysAfter(files)).toEqual(['one', 'three']);
  });

  it('nothing is ever written by two: each writer has a directory of its own', async () => {
    const [first, second] = [open('a'), open('b')];
    await Promise.all([storeAll(first), storeAll(second, ['four'])]);
    expect([...(await files.list('/spool/v1'))].sort()).toEqual(['a001', 'b001']);
    expect(await keysOf(first)).toEqual(KEYS);
    expect(await keysOf(second)).toEqual(['four']);
  });

  it('the byte cap counts the record being stored', async () => {
    const spool = simulatedSpool({ files, clock, maxBytes: 150 });
    expect(await spool.store(spoolEntry('large', 10))).toMatchObject({ kind: 'full' });
    expect(await spool.store(spoolEntry('small', 1))).toMatchObject({ kind: 'stored' });
  });

  it('what cannot be read is never deleted', async () => {
    await storeAll(open());
    const path = '/spool/v1/a001/00000001.seg';
    const noise = Buffer.from('not a frame at all');
    const segment = await files.openFile(path);
    await segment.write(noise, 60);
    const spool = open('b');
    liveness.killAll();
    await spool.adopt();
    for (const { ref } of await claimAll(spool)) spool.acknowledge(ref);
    await spool.close();
    expect(await files.list('/spool/v1')).toEqual([]);
    const [kept = ''] = await files.list('/spool/quarantine');
    expect(await contentOf(`/spool/quarantine/${kept}`)).toContain(noise.toString());
  });

  it('nothing but what it was given is on disk', async () => {
    const spool = open();
    await storeAll(spool);
    const text = await everythingIn('/spool');
    const rest = KEYS.reduce(
      (left, key) =>
        left
          .replace(Buffer.from(spoolEntry(key).body).toString(), '')
          .replace(`${key}r-${key}`, ''),
      text,
    );
    // What remains are magics, numbers, keys and names of files.
    expect(rest.match(/[a-z]{6,}/gi)).toBeNull();
    expect(text).not.toMatch(/https?:|authorization|bearer/i);
  });

  it('nothing happens before the first call', () => {
    open();
    expect(files.effects).toEqual([]);
  });
});
