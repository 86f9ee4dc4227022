import { describe, expect, it } from 'vitest';
import {
  errorCodeOf,
  isDiskFull,
  isPassing,
  readUpTo,
  stillStands,
  writeAll,
} from '../../../src/spool/files.ts';
import { simulatedFiles } from '../../support/simulated-files.ts';

describe('a write of all bytes', () => {
  it('goes on where the disk took only a part', async () => {
    const faults = { fail: () => undefined, shorten: (bytes: number) => Math.min(bytes, 4) };
    const file = await simulatedFiles({ faults }).createFile('/file');
    await writeAll(file, Buffer.from('0123456789'), 2);
    const read = await readUpTo(file, 100, 0);
    expect(read.toString('latin1')).toBe('\0\u00000123456789');
  });

  it('fails where the disk takes nothing and gives no error', async () => {
    const faults = { fail: () => undefined, shorten: () => 0 };
    const file = await simulatedFiles({ faults }).createFile('/file');
    const failure: unknown = await writeAll(file, Buffer.from('x'), 0).catch((error) => error);
    expect(errorCodeOf(failure)).toBe('ESHORTWRITE');
    expect(isDiskFull(failure)).toBe(true);
  });
});

describe('a read', () => {
  it('ends at the end of the file', async () => {
    const file = await simulatedFiles().createFile('/file');
    await writeAll(file, Buffer.from('0123456789'), 0);
    expect((await readUpTo(file, 4, 3)).toString()).toBe('3456');
    expect((await readUpTo(file, 4, 8)).toString()).toBe('89');
    expect(await readUpTo(file, 4, 20)).toHaveLength(0);
  });
});

describe('a file at its path', () => {
  it('is missed when it was removed, and when another one stands there', async () => {
    const files = simulatedFiles();
    const identity = await (await files.createFile('/file')).identity();
    expect(await stillStands(files, '/file', identity)).toBe(true);
    await files.unlink('/file');
    expect(await stillStands(files, '/file', identity)).toBe(false);
    await files.createFile('/file');
    expect(await stillStands(files, '/file', identity)).toBe(false);
  });
});

describe('the word for a system error', () => {
  it.each([
    [Object.assign(new Error('no space on /secret'), { code: 'ENOSPC' }), 'ENOSPC'],
    [Object.assign(new Error(), { code: '/secret/path' }), 'unknown error'],
    [Object.assign(new Error(), { code: 28 }), 'unknown error'],
    [new Error('secret'), 'unknown error'],
    ['ENOSPC', 'unknown error'],
    [null, 'unknown error'],
  ])('is its code and never anything else: %s', (error, word) => {
    expect(errorCodeOf(error)).toBe(word);
  });

  it.each([
    ['ENOSPC', true, false],
    ['EDQUOT', true, false],
    ['EMFILE', false, true],
    ['ENOMEM', false, true],
    ['EIO', false, false],
  ])('tells what passes by itself: %s', (code, full, passing) => {
    const error = Object.assign(new Error(), { code });
    expect([isDiskFull(error), isPassing(error)]).toEqual([full, passing]);
  });
});
