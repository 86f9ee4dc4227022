import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Damage, Scan } from '../../../src/spool/read.ts';
import { WINDOW_BYTES, scanFrames, scanSegment, scanWindows } from '../../../src/spool/read.ts';
import type { FilePort, OpenFile } from '../../../src/spool/files.ts';
import { encodeFrames, encodeHeader } from '../../../src/spool/segment-format.ts';
import type { Spool, SpoolEntry } from '../../../src/spool/spool.ts';
import { fakeLiveness } from '../../support/fake-liveness.ts';
import type { FaultyFiles } from '../../support/faulty-files.ts';
import { faultyFiles } from '../../support/faulty-files.ts';
import type { ManualClock } from '../../support/manual-clock.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { bodyOf } from '../../support/requests.ts';
import { simulatedFiles } from '../../support/simulated-files.ts';
import { claimAll, simulatedSpool, spoolEntry } from '../../support/simulated-spool.ts';

let files: FaultyFiles;
let clock: ManualClock;

beforeEach(() => {
  files = faultyFiles();
  clock = manualClock();
});

const open = (segmentBytes?: number): Spool => simulatedSpool({ files, clock, segmentBytes });

const KEYS = ['one', 'two', 'three'];

async function filled(segmentBytes?: number): Promise<Spool> {
  const spool = open(segmentBytes);
  for (const key of KEYS) await spool.store(spoolEntry(key));
  return spool;
}

async function keysOf(spool: Spool): Promise<readonly string[]> {
  return (await claimAll(spool)).map(({ idempotencyKey }) => idempotencyKey);
}

/** A file system with one file of which 4 KiB from a place on can never be read. */
function withBadSector(port: FilePort, pathEnd: string, from: number): FilePort {
  const opened = (file: OpenFile): OpenFile => ({
    ...file,
    read: (into, position) =>
      position < from + 4_096 && position + into.byteLength > from
        ? Promise.reject(Object.assign(new Error('bad sector'), { code: 'EIO' }))
        : file.read(into, position),
  });
  return {
    ...port,
    openFile: async (path) => {
      const file = await port.openFile(path);
      return path.endsWith(pathEnd) ? opened(file) : file;
    },
  };
}

const filesLeft = (): Promise<readonly string[]> => files.list('/spool/v1/w001');

describe('reading', () => {
  it('gives records that are larger than what is read at once', async () => {
    const spool = open();
    const bodies = [700_000, 10, 300_000].map((size) => 'x'.repeat(size));
    const entries = bodies.map((body, index): SpoolEntry => ({
      ...spoolEntry(`k${index}`),
      ...bodyOf(body),
    }));
    for (const entry of entries) await spool.store(entry);
    const records = await claimAll(spool);
    expect(records.map(({ body }) => body.byteLength)).toEqual([700_000, 10, 300_000]);
  });

  it.each(['EMFILE', 'ENFILE', 'ENOMEM'])(
    'waits where the process lacks something just now (%s), and loses nothing',
    async (code) => {
      const spool = await filled();
      files.failNext({ operation: 'open', code, pathEnd: '.seg' });
      expect(await spool.claim(10)).toEqual([]);
      expect(await keysOf(spool)).toEqual(KEYS);
      expect(spool.stats().corruptRanges).toBe(0);
    },
  );

  it('gives nothing where nothing is asked for, and everything later', async () => {
    const spool = simulatedSpool({ files: simulatedFiles() });
    await spool.store(spoolEntry('one'));
    expect(await spool.claim(0)).toEqual([]);
    expect(await claimAll(spool)).toHaveLength(1);
  });

  it.each(['read', 'open'])(
    'passes over a file that fails at %s, reads it again after a while, and calls it no damage',
    async (operation) => {
      const spool = await filled(1);
      files.failNext({ operation, code: 'EIO', pathEnd: '00000002.seg' });
      expect(await keysOf(spool)).toEqual(['one', 'three']);
      expect(await keysOf(spool)).toEqual([]);
      expect(spool.stats()).toMatchObject({ corruptRanges: 0, readErrors: 1, unreadable: 1 });
      await clock.advance(500);
      expect(await keysOf(spool)).toEqual(['two']);
      expect(spool.stats()).toMatchObject({ corruptRanges: 0, readErrors: 1, unreadable: 0 });
    },
  );

  it('never deletes a file that cannot be read', async () => {
    const spool = await filled(1);
    files.failNext({ operation: 'read', code: 'EIO', pathEnd: '00000002.seg', times: Infinity });
    for (const { ref } of await claimAll(spool)) spool.acknowledge(ref);
    await spool.close();
    expect(await filesLeft()).toEqual(['00000002.seg']);
  });

  it.each([
    ['the writer itself', 0],
    ['who takes over', 1],
  ])(
    'gives all that is around a sector that can never be read, whose file stays (%s)',
    async (_, took) => {
      const liveness = fakeLiveness();
      const bad = withBadSector(files, '00000001.seg', 8_192);
      const entries = Array.from({ length: 40 }, (__, index) => spoolEntry(`k${index}`, 900));
      const writer = simulatedSpool({ files: bad, clock, liveness, writer: 'a' });
      for (const entry of entries)
        expect(await writer.store(entry)).toMatchObject({ kind: 'stored' });
      if (took === 1) liveness.killAll();
      const reader =
        took === 0 ? writer : simulatedSpool({ files: bad, clock, liveness, writer: 'b' });
      const given: string[] = [];
      for (let second = 0; second < 60; second += 1) {
        await reader.adopt();
        for (const { ref, idempotencyKey } of await claimAll(reader)) {
          given.push(idempotencyKey);
          reader.acknowledge(ref);
        }
        await clock.advance(1_000);
      }
      expect(given.length).toBeGreaterThanOrEqual(34);
      expect(new Set(given).size).toBe(given.length);
      expect(given).toContain('k39');
      expect(reader.stats()).toMatchObject({ unreadable: 1, corruptRanges: 0 });
      await reader.close();
      const [folder = ''] = await files.list('/spool/v1');
      expect(await files.list(`/spool/v1/${folder}`)).toContain('00000001.seg');
    },
  );

  it('goes on in the middle of a file where it could not go on before', async () => {
    const spool = await filled();
    expect(await spool.claim(1)).toHaveLength(1);
    files.failNext({ operation: 'read', code: 'EIO', pathEnd: '.seg' });
    expect(await spool.claim(10)).toEqual([]);
    await clock.advance(500);
    expect(await keysOf(spool)).toEqual(['two', 'three']);
  });

  it('says when another try is worth it, after waits that double up to a minute', async () => {
    const spool = await filled();
    const due: number[] = [];
    // The last five times its one sector is tried by itself too.
    files.failNext({ operation: 'read', code: 'EIO', pathEnd: '.seg', times: 15 });
    spool.onRetryDue(() => {
      due.push(clock.now());
      void spool.claim(10);
    });
    await spool.claim(10);
    await clock.advance(600_000);
    const waits = due.map((at, index) => at - (due[index - 1] ?? 0));
    expect(waits).toEqual([
      500, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000,
    ]);
    expect(spool.stats()).toMatchObject({ readErrors: 10, unreadable: 0 });
    await spool.close();
    expect(clock.pending()).toBe(0);
  });

  it('tells of the first error, and again when there is another one after all was well', async () => {
    const told: string[] = [];
    const spool = simulatedSpool({ files, clock, onReadError: (code) => told.push(code) });
    for (const key of KEYS) await spool.store(spoolEntry(key));
    for (let episode = 1; episode <= 2; episode += 1) {
      files.failNext({ operation: 'read', code: 'EIO', pathEnd: '.seg', times: 2 });
      await spool.claim(1);
      await clock.advance(500);
      await spool.claim(1);
      await clock.advance(1_000);
      expect(await spool.claim(1)).toHaveLength(1);
      expect(told).toHaveLength(episode);
    }
    expect(told).toEqual(['EIO', 'EIO']);
  });

  it('counts a file that somebody deleted', async () => {
    const spool = await filled(1);
    await files.unlink('/spool/v1/w001/00000002.seg');
    expect(await keysOf(spool)).toEqual(['one', 'three']);
    expect(spool.stats().corruptRanges).toBe(1);
  });

  it.each([
    ['in the middle', 200],
    ['in the last length', -60],
  ])('keeps a file of its own with damage %s for the next process', async (_, at) => {
    const spool = await filled();
    const segment = await files.openFile('/spool/v1/w001/00000001.seg');
    const { size } = await segment.identity();
    const last = at < 0 ? size - Math.ceil((size - 60) / 3) + 6 : at;
    await segment.write(Buffer.from([0x7f]), last);
    const records = await claimAll(spool);
    expect(records).toHaveLength(2);
    for (const { ref } of records) spool.acknowledge(ref);
    expect(spool.stats().corruptRanges).toBe(1);
    await spool.close();
    expect(await filesLeft()).toContain('00000001.seg');
  });

  it('gives what is left of a file of its own that somebody cut', async () => {
    const spool = await filled();
    const segment = await files.openFile('/spool/v1/w001/00000001.seg');
    await segment.truncate((await segment.identity()).size - 5);
    expect(await keysOf(spool)).toEqual(['one', 'two']);
    expect(spool.stats().corruptRanges).toBe(1);
    expect(await spool.claim(1)).toEqual([]);
  });
});

describe('a scan', () => {
  const KEYS = ['one', 'two', 'three', 'four'];
  const FRAMES = KEYS.map((key, index) => encodeFrames([spoolEntry(key, 9)], index + 1, 0));
  const ALL = Buffer.concat(FRAMES);
  const startOf = (index: number): number =>
    FRAMES.slice(0, index).reduce((total, { length }) => total + length, 0);

  const END = { atEnd: true, limit: Infinity };
  const MIDDLE = { atEnd: false, limit: Infinity };

  const keysOf = ({ frames }: Scan): readonly string[] =>
    frames.map(({ idempotencyKey }) => idempotencyKey);

  it('finds all frames and consumes all bytes', () => {
    const scan = scanFrames(ALL, END);
    expect(keysOf(scan)).toEqual(KEYS);
    expect(scan).toMatchObject({ damaged: [], consumed: ALL.length });
  });

  it('ends at its limit, right behind the last frame', () => {
    const scan = scanFrames(ALL, { atEnd: true, limit: 2 });
    expect(keysOf(scan)).toEqual(['one', 'two']);
    expect(scan.consumed).toBe(startOf(2));
  });

  it('asks for more where a frame goes on behind the buffer', () => {
    const scan = scanFrames(ALL.subarray(0, startOf(2) + 20), MIDDLE);
    expect(keysOf(scan)).toEqual(['one', 'two']);
    expect(scan).toMatchObject({ damaged: [], consumed: startOf(2) });
  });

  it('takes an end that simply stops for a write that was cut off', () => {
    for (let size = startOf(3) + 1; size < ALL.length; size += 1) {
      const scan = scanFrames(ALL.subarray(0, size), END);
      expect(keysOf(scan)).toEqual(['one', 'two', 'three']);
      expect(scan.damaged).toEqual([{ from: startOf(3), to: size, torn: true }]);
    }
  });

  it('takes zeros at the end for a write that was cut off', () => {
    const scan = scanFrames(Buffer.concat([ALL, Buffer.alloc(50)]), END);
    expect(scan.damaged).toEqual([{ from: ALL.length, to: ALL.length + 50, torn: true }]);
  });

  it('takes other bytes at the end for damage', () => {
    const scan = scanFrames(Buffer.concat([ALL, Buffer.alloc(50, 1)]), END);
    expect(scan.damaged).toMatchObject([{ from: ALL.length, torn: false }]);
  });

  it('loses the frame that is damaged and no other', () => {
    for (const index of KEYS.keys()) {
      for (let at = startOf(index); at < startOf(index + 1); at += 1) {
        const buffer = Buffer.from(ALL);
        buffer[at] = (buffer[at] ?? 0) ^ 0x10;
        const { length } = keysOf(scanFrames(buffer, END));
        expect(length).toBe(3);
        expect(keysOf(scanFrames(buffer, END))).not.toContain(KEYS[index]);
      }
    }
  });

  it('is not led astray by a body that holds the beginning of a frame', () => {
    const body = bodyOf(`ILF1${'\u0000'.repeat(3)}\u0020${'x'.repeat(60)}`);
    const bait = { idempotencyKey: 'bait', requestId: 'bait', ...body };
    const buffer = Buffer.concat([encodeFrames([bait, spoolEntry('next')], 1, 0)]);
    buffer[8] = (buffer[8] ?? 0) ^ 1;
    expect(keysOf(scanFrames(buffer, END))).toEqual(['next']);
  });

  it('finds the same frames in windows of any size as in one piece, also behind damage', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: ALL.length - 1 }), { maxLength: 3 }),
        fc.integer({ min: 1, max: 40 }),
        (hits, step) => {
          const buffer = Buffer.from(ALL);
          for (const at of hits) buffer[at] = (buffer[at] ?? 0) ^ 0xff;
          expect(inWindows(buffer, step)).toEqual(keysOf(scanFrames(buffer, END)));
        },
      ),
    );
  });

  it('never throws, whatever the bytes are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (bytes, atEnd) => {
        const buffer = Buffer.concat([Buffer.from('ILF1'), bytes]);
        const { consumed } = scanFrames(buffer, { atEnd, limit: Infinity });
        expect(consumed).toBeLessThanOrEqual(buffer.length);
        expect(!atEnd || consumed === buffer.length).toBe(true);
      }),
    );
  });

  /** Scans as a reader does: a window that grows while it holds no whole frame. */
  function inWindows(buffer: Buffer, step: number): readonly string[] {
    const found: string[] = [];
    let offset = 0;
    for (let size = step; offset < buffer.length; size += step) {
      const window = buffer.subarray(offset, offset + size);
      const scan = scanFrames(window, { atEnd: offset + size >= buffer.length, limit: Infinity });
      found.push(...keysOf(scan));
      if (scan.consumed > 0) size = 0;
      offset += scan.consumed;
    }
    return found;
  }
});

describe('a scan in windows', () => {
  async function scan(content: Buffer, from = 0, to = content.length) {
    const file = await simulatedFiles().createFile('/file');
    await file.write(content, 0);
    const keys: string[] = [];
    const sizes: number[] = [];
    const damaged: number[] = [];
    for await (const { at, buffer, scan: found } of scanWindows(file, from, to)) {
      keys.push(...found.frames.map(({ idempotencyKey }) => idempotencyKey));
      damaged.push(...found.damaged.map((range) => at + range.from));
      sizes.push(buffer.length);
    }
    return { keys, sizes, damaged };
  }

  const KEYS = Array.from({ length: 2_000 }, (_, index) => `key-${index}`);
  const FRAMES = encodeFrames(
    KEYS.map((key) => spoolEntry(key, 400)),
    1,
    0,
  );

  it('finds every frame once, with no window larger than it has to be', async () => {
    const { keys, sizes } = await scan(FRAMES);
    expect(keys).toEqual(KEYS);
    expect(Math.max(...sizes)).toBe(WINDOW_BYTES);
  });

  it('takes a larger window for a frame that is larger', async () => {
    const large = encodeFrames([spoolEntry('large', 900_000)], 1, 0);
    const { keys, sizes } = await scan(Buffer.concat([FRAMES, large, FRAMES]));
    expect(keys).toEqual([...KEYS, 'large', ...KEYS]);
    expect(Math.max(...sizes)).toBe(WINDOW_BYTES * 4);
  });

  it('stays within its bounds', async () => {
    const one = encodeFrames([spoolEntry('one')], 1, 0);
    const content = Buffer.concat([Buffer.from('head'), one, one, one]);
    expect((await scan(content, 4, 4 + one.length * 2)).keys).toEqual(['one', 'one']);
    expect((await scan(content, 4, 4)).keys).toEqual([]);
  });

  it('ends where a file is shorter than it should be', async () => {
    expect((await scan(FRAMES, 0, FRAMES.length + 1_000_000)).keys).toEqual(KEYS);
  });

  it('loses what is damaged and no more, over many windows', async () => {
    const noise = Buffer.alloc(WINDOW_BYTES * 3, 0x55);
    const { keys, damaged } = await scan(Buffer.concat([FRAMES, noise, FRAMES]));
    expect(keys).toEqual([...KEYS, ...KEYS]);
    expect(damaged[0]).toBe(FRAMES.length);
  });
});

describe('a scan of a whole segment', () => {
  const head = encodeHeader('w');
  const frame = encodeFrames([spoolEntry('one')], 1, 0);
  const start = head.length + frame.length;

  async function damageIn(...behind: readonly Buffer[]): Promise<readonly Damage[]> {
    const content = Buffer.concat([head, frame, ...behind]);
    const file = await simulatedFiles().createFile('/file');
    await file.write(content, 0);
    const options = { writer: 'w', size: content.length, onFrame: () => {} };
    return (await scanSegment(file, options)).damage;
  }

  it('puts together what windows have cut, and keeps apart what is apart', async () => {
    const noise = Buffer.alloc(WINDOW_BYTES * 3, 0x55);
    const [first, second, ...others] = await damageIn(
      noise,
      frame,
      Buffer.from('more than the head of a frame'),
    );
    expect(first).toMatchObject({ from: start, torn: false });
    expect(first?.bytes.equals(noise)).toBe(true);
    const from = start + noise.length + frame.length;
    expect(second).toEqual({
      from,
      bytes: Buffer.from('more than the head of a frame'),
      torn: false,
    });
    expect(others).toEqual([]);
  });

  it.each([
    [0, true],
    [1, false],
  ])('tells whether zeros at the end, with a %d in front, were cut off', async (byte, torn) => {
    const zeros = Buffer.alloc(WINDOW_BYTES * 2);
    expect(await damageIn(Buffer.from([byte]), zeros)).toMatchObject([{ from: start, torn }]);
  });

  it('ends where its signal says so', async () => {
    const content = Buffer.concat([head, frame]);
    const file = await simulatedFiles().createFile('/file');
    await file.write(content, 0);
    const keys: string[] = [];
    await scanSegment(file, {
      writer: 'w',
      size: content.length,
      onFrame: ({ idempotencyKey }) => keys.push(idempotencyKey),
      signal: AbortSignal.abort(),
    });
    expect(keys).toEqual([]);
  });
});
