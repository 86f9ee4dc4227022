import {
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { systemClock } from '../../src/runtime/clock.ts';
import { FileSpool } from '../../src/spool/file-spool.ts';
import { nodeFiles } from '../../src/spool/node-files.ts';
import type { Spool } from '../../src/spool/spool.ts';
import { fakeLiveness } from '../support/fake-liveness.ts';
import { claimAll, spoolEntry } from '../support/simulated-spool.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const KEYS = ['one', 'two', 'three', 'four', 'five'];

function open(directory: string, writer: string): Spool {
  return new FileSpool({
    directory,
    maxBytes: 2 ** 30,
    files: nodeFiles,
    liveness: fakeLiveness(),
    clock: systemClock,
    newWriter: () => writer,
    onDamage: () => {},
  });
}

// Held, so that their files are not closed: a killed process closes nothing either.
const killed: Spool[] = [];

/** What a process that was killed has left: five records, of which the second is acknowledged. */
async function leave(directory: string): Promise<void> {
  const spool = open(directory, 'a');
  killed.push(spool);
  for (const key of KEYS) {
    expect(await spool.store(spoolEntry(key, 4))).toMatchObject({ kind: 'stored' });
  }
  const [, second] = await spool.claim(2);
  if (second !== undefined) spool.acknowledge(second.ref);
  const ackFile = join(directory, 'v1', 'a', '00000001.ack');
  await vi.waitUntil(() => existsSync(ackFile) && readFileSync(ackFile).length === 12);
}

async function recover(directory: string): Promise<readonly string[]> {
  const spool = open(directory, 'b');
  await spool.adopt();
  const records = await claimAll(spool);
  for (const { idempotencyKey, body } of records) {
    expect(Buffer.compare(body, spoolEntry(idempotencyKey, 4).body)).toBe(0);
  }
  await spool.close();
  return records.map(({ idempotencyKey }) => idempotencyKey);
}

const LEFT = ['one', 'three', 'four', 'five'];

/** The same keys in the same order, some of them missing. */
const partOfLeft = (keys: readonly string[]): readonly string[] =>
  LEFT.filter((key) => keys.includes(key));

let pristine: string;

beforeAll(async () => {
  pristine = mkdtempSync(join(tmpdir(), 'immutablelog-'));
  await leave(pristine);
});

afterAll(() => {
  rmSync(pristine, { recursive: true, force: true });
});

async function afterDamage(
  file: string,
  damage: (bytes: Buffer) => Buffer | number,
): Promise<readonly string[]> {
  const directory = join(temporaryFolder(), 'spool');
  cpSync(pristine, directory, { recursive: true });
  const path = join(directory, 'v1', 'a', file);
  const done = damage(readFileSync(path));
  if (typeof done === 'number') truncateSync(path, done);
  else writeFileSync(path, done);
  return recover(directory);
}

function sizeOf(file: string): number {
  return readFileSync(join(pristine, 'v1', 'a', file)).length;
}

describe('a spool with one damaged place', () => {
  it('is what it was where nothing is damaged', async () => {
    expect(await afterDamage('00000001.seg', (bytes) => bytes)).toEqual(LEFT);
  });

  it('loses at most one record to a flipped bit, wherever it is', async () => {
    for (let at = 0; at < sizeOf('00000001.seg'); at += 1) {
      const keys = await afterDamage('00000001.seg', (bytes) => {
        bytes[at] = (bytes[at] ?? 0) ^ (1 << (at % 8));
        return bytes;
      });
      expect(keys.length).toBeGreaterThanOrEqual(3);
      expect(keys).toEqual(partOfLeft(keys));
    }
  }, 60_000);

  it('loses at most the records in a zeroed stretch of 16 bytes', async () => {
    for (let at = 0; at < sizeOf('00000001.seg'); at += 1) {
      const keys = await afterDamage('00000001.seg', (bytes) =>
        bytes.fill(0, at, Math.min(at + 16, bytes.length)),
      );
      expect(keys.length).toBeGreaterThanOrEqual(2);
      expect(keys).toEqual(partOfLeft(keys));
    }
  }, 60_000);

  it('has a prefix of its records when it was cut off', async () => {
    for (let size = 0; size < sizeOf('00000001.seg'); size += 1) {
      const keys = await afterDamage('00000001.seg', () => size);
      expect(keys).toEqual(LEFT.slice(0, keys.length));
    }
  }, 60_000);

  it('offers a record again, and no other, when its acknowledgement is damaged', async () => {
    for (let at = 0; at < sizeOf('00000001.ack'); at += 1) {
      for (const damage of [
        (bytes: Buffer) => {
          bytes[at] = (bytes[at] ?? 0) ^ 0x55;
          return bytes;
        },
        () => at,
      ]) {
        expect(await afterDamage('00000001.ack', damage)).toEqual(KEYS);
      }
    }
  });
});
