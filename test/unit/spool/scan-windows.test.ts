import { describe, expect, it } from 'vitest';
import { encodeFrames } from '../../../src/spool/segment-format.ts';
import { WINDOW_BYTES, scanWindows } from '../../../src/spool/read.ts';
import { simulatedFiles } from '../../support/simulated-files.ts';
import { spoolEntry } from '../../support/simulated-spool.ts';

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

describe('a scan in windows', () => {
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
