import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { FilePort } from '../../src/spool/files.ts';
import { readUpTo } from '../../src/spool/files.ts';
import { FileSpool } from '../../src/spool/file-spool.ts';
import { nodeFiles } from '../../src/spool/node-files.ts';
import type { Spool } from '../../src/spool/spool.ts';
import { fakeLiveness } from '../support/fake-liveness.ts';
import { manualClock } from '../support/manual-clock.ts';
import { simulatedFiles } from '../support/simulated-files.ts';
import { claimAll, spoolEntry } from '../support/simulated-spool.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const KEYS = ['one', 'two', 'three', 'four', 'five'];
const LEFT = ['one', 'three', 'four', 'five'];

const clock = manualClock();

function open(files: FilePort, directory: string, writer: string): Spool {
  return new FileSpool({
    directory,
    maxBytes: 2 ** 30,
    files,
    liveness: fakeLiveness(),
    clock,
    newWriter: () => writer,
    onDamage: () => {},
    onReadError: () => {},
  });
}

/** The files of a writer, by name. */
type WriterFiles = Readonly<Record<'00000001.seg' | '00000001.ack', Buffer>>;

let pristine: WriterFiles;

/** What a process that was killed has left: five records, of which the second is acknowledged. */
beforeAll(async () => {
  const files = simulatedFiles();
  const spool = open(files, '/spool', 'a');
  for (const key of KEYS) await spool.store(spoolEntry(key, 4));
  const [, second] = await spool.claim(2);
  if (second !== undefined) spool.acknowledge(second.ref);
  await clock.advance(50);
  const contentOf = async (name: string): Promise<Buffer> =>
    readUpTo(await files.openFile(`/spool/v1/a/${name}`), 10_000, 0);
  pristine = {
    '00000001.seg': await contentOf('00000001.seg'),
    '00000001.ack': await contentOf('00000001.ack'),
  };
});

async function leave(files: FilePort, directory: string, left: WriterFiles): Promise<void> {
  const own = join(directory, 'v1', 'a');
  for (const path of [directory, join(directory, 'v1'), own]) await files.makeDirectory(path);
  for (const [name, content] of Object.entries(left)) {
    const file = await files.createFile(join(own, name));
    await file.write(content, 0);
    await file.close();
  }
}

async function recover(files: FilePort, directory: string): Promise<readonly string[]> {
  const spool = open(files, directory, 'b');
  await spool.adopt();
  const records = await claimAll(spool);
  for (const { idempotencyKey, body } of records) {
    expect(Buffer.compare(body, spoolEntry(idempotencyKey, 4).body)).toBe(0);
  }
  await spool.close();
  return records.map(({ idempotencyKey }) => idempotencyKey);
}

/** The same keys in the same order, some of them missing. */
const partOfLeft = (keys: readonly string[]): readonly string[] =>
  LEFT.filter((key) => keys.includes(key));

interface Disk {
  readonly files: () => FilePort;
  readonly directory: () => string;
  /** The place after this one that is damaged: a real disk takes far longer. */
  readonly step: number;
}

const DISKS: readonly (readonly [string, Disk])[] = [
  ['on a simulated disk', { files: simulatedFiles, directory: () => '/spool', step: 1 }],
  [
    'on the disk of this machine',
    { files: () => nodeFiles, directory: () => join(temporaryFolder(), 'spool'), step: 17 },
  ],
];

describe.each(DISKS)('a spool with one damaged place, %s,', (_, { files, directory, step }) => {
  async function afterDamage(
    name: keyof WriterFiles,
    damage: (bytes: Buffer) => Buffer,
  ): Promise<readonly string[]> {
    const [disk, at] = [files(), directory()];
    await leave(disk, at, { ...pristine, [name]: damage(Buffer.from(pristine[name])) });
    return recover(disk, at);
  }

  it('is what it was where nothing is damaged', async () => {
    expect(pristine['00000001.ack']).toHaveLength(12);
    expect(await afterDamage('00000001.seg', (bytes) => bytes)).toEqual(LEFT);
  });

  it('loses at most one record to a flipped bit, wherever it is', async () => {
    for (let at = 0; at < pristine['00000001.seg'].length; at += step) {
      const keys = await afterDamage('00000001.seg', (bytes) => {
        bytes[at] = (bytes[at] ?? 0) ^ (1 << (at % 8));
        return bytes;
      });
      expect(keys.length).toBeGreaterThanOrEqual(3);
      expect(keys).toEqual(partOfLeft(keys));
    }
  });

  it('loses at most the records in a zeroed stretch of 16 bytes', async () => {
    for (let at = 0; at < pristine['00000001.seg'].length; at += step) {
      const keys = await afterDamage('00000001.seg', (bytes) =>
        bytes.fill(0, at, Math.min(at + 16, bytes.length)),
      );
      expect(keys.length).toBeGreaterThanOrEqual(2);
      expect(keys).toEqual(partOfLeft(keys));
    }
  });

  it('has a prefix of its records when it was cut off', async () => {
    for (let size = 0; size < pristine['00000001.seg'].length; size += step) {
      const keys = await afterDamage('00000001.seg', (bytes) => bytes.subarray(0, size));
      expect(keys).toEqual(LEFT.slice(0, keys.length));
    }
  });

  it('offers a record again, and no other, when its acknowledgement is damaged', async () => {
    for (let at = 0; at < pristine['00000001.ack'].length; at += 1) {
      for (const damage of [
        (bytes: Buffer) => {
          bytes[at] = (bytes[at] ?? 0) ^ 0x55;
          return bytes;
        },
        (bytes: Buffer) => bytes.subarray(0, at),
      ]) {
        expect(await afterDamage('00000001.ack', damage)).toEqual(KEYS);
      }
    }
  });
});
