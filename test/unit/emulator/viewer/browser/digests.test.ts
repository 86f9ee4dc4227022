import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { digestsOf } from '../../../../../src/emulator/viewer/browser/digests.ts';

const { subtle } = globalThis.crypto;
const half = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 32);

describe('the digests that a text is searched by', () => {
  it('are of the bytes as written, without spaces around them, and in lower case', async () => {
    expect(await digestsOf(' Ana@Example.com ', subtle)).toEqual([
      half(' Ana@Example.com '),
      half('Ana@Example.com'),
      half('ana@example.com'),
    ]);
  });

  it('are one where all spellings are the same', async () => {
    expect(await digestsOf('529.982.247-25', subtle)).toEqual([half('529.982.247-25')]);
  });

  it('are none of nothing, and none where the browser makes no digests', async () => {
    expect(await digestsOf('  ', subtle)).toEqual([]);
    expect(await digestsOf('ana@example.com', undefined)).toEqual([]);
  });
});
