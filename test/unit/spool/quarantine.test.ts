import { describe, expect, it } from 'vitest';
import { Quarantine } from '../../../src/spool/quarantine.ts';
import type { QuarantinedEvent } from '../../../src/spool/spool.ts';
import { manualClock } from '../../support/manual-clock.ts';
import type { Faults, SimulatedFiles } from '../../support/simulated-files.ts';
import { simulatedFiles } from '../../support/simulated-files.ts';

const DIRECTORY = '/quarantine';
const PLACE = { directory: DIRECTORY, mostBytes: 1_000 };
const FILE = `${DIRECTORY}/writer.jsonl`;

function refused(key: string): QuarantinedEvent {
  const record = {
    ref: { writer: 'w', sequence: 1 },
    idempotencyKey: key,
    requestId: key,
    body: Buffer.from(`{"payload":"${key}"}`),
    storedAtMs: 1_764_000_000_000,
  };
  return { record, status: 422, reason: 'unknown trail' };
}

interface Bench {
  readonly files: SimulatedFiles;
  readonly quarantine: Quarantine;
  /** The next operation of this name fails with this code. */
  fails: readonly [operation: string, code: string] | undefined;
  readonly keys: (path?: string) => Promise<readonly string[]>;
}

function bench(): Bench {
  const faults: Faults = {
    fail(operation) {
      if (self.fails?.[0] !== operation) return undefined;
      const [, code] = self.fails;
      self.fails = undefined;
      return code;
    },
    shorten: (bytes) => bytes,
  };
  const files = simulatedFiles({ faults });
  const quarantine = new Quarantine(files, manualClock(), { ...PLACE, name: () => 'writer' });
  const self: Bench = {
    files,
    quarantine,
    fails: undefined,
    async keys(path = FILE) {
      const text = await textOf(files, path);
      const lines = text.split('\n').filter((line) => line !== '');
      return lines.map(
        (line) => (JSON.parse(line) as Record<string, string>)['idempotency_key'] ?? '',
      );
    },
  };
  return self;
}

async function textOf(files: SimulatedFiles, path: string): Promise<string> {
  const file = await files.openFile(path);
  const { size } = await file.identity();
  const buffer = Buffer.alloc(size);
  await file.read(buffer, 0);
  return buffer.toString();
}

describe('the quarantine', () => {
  it('keeps an event as one line of JSON with everything there is about it', async () => {
    const { files, quarantine } = bench();
    expect(await quarantine.keep(refused('one'))).toBe(true);
    expect(JSON.parse(await textOf(files, FILE))).toEqual({
      time: '2025-11-24T16:00:00.000Z',
      stored_at: '2025-11-24T16:00:00.000Z',
      idempotency_key: 'one',
      status: 422,
      reason: 'unknown trail',
      body: '{"payload":"one"}',
    });
  });

  it('writes nothing before it has to', () => {
    expect(bench().files.effects).toEqual([]);
  });

  it('has synced the line, the entry of its file and its directory when it says so', async () => {
    const { files, quarantine } = bench();
    await quarantine.keep(refused('one'));
    const kinds = files.effects.map(({ kind }) => kind);
    expect(kinds).toEqual(['mkdir', 'syncdir', 'create', 'syncdir', 'write', 'sync']);
  });

  it('keeps those that come at once, in order', async () => {
    const { quarantine, keys } = bench();
    const all = ['one', 'two', 'three'];
    const kept = await Promise.all(all.map((key) => quarantine.keep(refused(key))));
    expect(kept).toEqual([true, true, true]);
    expect(await keys()).toEqual(all);
  });

  it.each([
    ['mkdir', 'ENOSPC'],
    ['create', 'EMFILE'],
    ['syncdir', 'EIO'],
    ['write', 'ENOSPC'],
    ['sync', 'EIO'],
  ])(
    'says that it did not keep an event when %s fails, and keeps it the next time',
    async (...fails) => {
      const self = bench();
      self.fails = fails;
      expect(await self.quarantine.keep(refused('one'))).toBe(false);
      expect(await self.quarantine.keep(refused('one'))).toBe(true);
      const names = await self.files.list(DIRECTORY);
      const texts = await Promise.all(
        names.map((name) => textOf(self.files, `${DIRECTORY}/${name}`)),
      );
      expect(texts.join('').match(/"idempotency_key":"one"/g)).toHaveLength(1);
    },
  );

  it('never syncs a file again whose sync failed', async () => {
    const self = bench();
    await self.quarantine.keep(refused('one'));
    self.fails = ['sync', 'EIO'];
    expect(await self.quarantine.keep(refused('two'))).toBe(false);
    expect(await self.quarantine.keep(refused('three'))).toBe(true);
    expect(await self.keys(`${DIRECTORY}/writer-2.jsonl`)).toEqual(['three']);
  });

  it('keeps an event once whose line was written before the sync failed', async () => {
    const self = bench();
    await self.quarantine.keep(refused('one'));
    self.fails = ['sync', 'EIO'];
    expect(await self.quarantine.keep(refused('two'))).toBe(false);
    expect(await self.quarantine.keep(refused('two'))).toBe(true);
    expect(self.quarantine.errors).toBe(1);
    expect(await self.keys()).toEqual(['one']);
    expect(await self.keys(`${DIRECTORY}/writer-2.jsonl`)).toEqual(['two']);
  });

  it('takes no more than its bound, with what earlier processes kept, and goes on when there is room', async () => {
    const { files, quarantine } = bench();
    for (const key of ['one', 'two', 'three']) {
      expect(await quarantine.keep(refused(key))).toBe(true);
    }
    const next = new Quarantine(files, manualClock(), { ...PLACE, name: () => 'next' });
    expect(await next.keep(refused('four'))).toBe(true);
    const over = [await next.keep(refused('five')), await next.keep(refused('six'))];
    expect(over).toContain(false);
    expect(next.errors).toBeGreaterThan(0);
    await files.unlink(FILE);
    expect(await next.keep(refused('seven'))).toBe(true);
  });

  it('writes over a part of a line that a full disk left', async () => {
    const self = bench();
    await self.quarantine.keep(refused('one'));
    self.fails = ['write', 'ENOSPC'];
    expect(await self.quarantine.keep(refused('two'))).toBe(false);
    expect(await self.quarantine.keep(refused('three'))).toBe(true);
    expect(await self.keys()).toEqual(['one', 'three']);
  });

  it('keeps an event in a new file when a person has removed the old one', async () => {
    const { files, quarantine, keys } = bench();
    await quarantine.keep(refused('one'));
    await files.unlink(FILE);
    expect(await quarantine.keep(refused('two'))).toBe(true);
    expect(await keys(`${DIRECTORY}/writer-2.jsonl`)).toEqual(['two']);
  });

  it('keeps an event in a new directory when a person has removed the old one', async () => {
    const { files, quarantine, keys } = bench();
    await quarantine.keep(refused('one'));
    await files.unlink(FILE);
    await files.removeDirectory(DIRECTORY);
    expect(await quarantine.keep(refused('two'))).toBe(true);
    expect(await keys(`${DIRECTORY}/writer-2.jsonl`)).toEqual(['two']);
  });
});

describe('damaged bytes', () => {
  it('are kept, synced, in a file of their own', async () => {
    const { files, quarantine } = bench();
    expect(await quarantine.keepDamaged('w-1-60', Buffer.from('bytes'))).toBe(true);
    expect(await textOf(files, `${DIRECTORY}/w-1-60.bin`)).toBe('bytes');
    const kinds = files.effects.map(({ kind }) => kind);
    expect(kinds).toEqual(['mkdir', 'syncdir', 'create', 'syncdir', 'write', 'sync']);
  });

  it('are not written twice, and written again when they are not whole', async () => {
    const { files, quarantine } = bench();
    await quarantine.keepDamaged('w-1-60', Buffer.from('bytes'));
    const { length } = files.effects;
    expect(await quarantine.keepDamaged('w-1-60', Buffer.from('bytes'))).toBe(true);
    expect(files.effects).toHaveLength(length);
    expect(await quarantine.keepDamaged('w-1-60', Buffer.from('more bytes'))).toBe(true);
    expect(await textOf(files, `${DIRECTORY}/w-1-60.bin`)).toBe('more bytes');
  });

  it.each(['create', 'syncdir', 'write', 'sync'])(
    'are said not to be kept when %s fails, and leave no file',
    async (operation) => {
      const self = bench();
      await self.files.makeDirectory(DIRECTORY);
      self.fails = [operation, 'ENOSPC'];
      expect(await self.quarantine.keepDamaged('w-1-60', Buffer.from('bytes'))).toBe(false);
      expect(await self.files.list(DIRECTORY)).toEqual([]);
    },
  );

  it('are kept up to 16 MiB in all, those of earlier processes included', async () => {
    const { files, quarantine } = bench();
    const most = Buffer.alloc(16 * 1024 * 1024 - 4);
    await quarantine.keepDamaged('w-1-60', most);
    const clock = manualClock();
    const next = new Quarantine(files, clock, { ...PLACE, name: () => 'next' });
    expect(await next.keepDamaged('w-2-60', Buffer.alloc(5))).toBe(true);
    expect(await next.keepDamaged('w-3-60', Buffer.alloc(4))).toBe(true);
    expect([...(await files.list(DIRECTORY))].sort()).toEqual(['w-1-60.bin', 'w-3-60.bin']);
  });
});
