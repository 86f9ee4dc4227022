import { describe, expect, it } from 'vitest';
import { createDiskLedger } from '../../../src/worker/disk-ledger.ts';

const stored = (): boolean => false;
const handedOver = (): boolean => true;

describe('createDiskLedger', () => {
  it('takes what leaves the disk for what its source stored', () => {
    const disk = createDiskLedger();
    disk.stored(3);
    expect(disk.left(3, 'a', stored)).toEqual({ sourceId: 3, unannounced: false });
  });

  it('takes what is found at the start for that of an earlier process', () => {
    const disk = createDiskLedger();
    expect(disk.found(7)).toBe(7);
    expect(disk.left(0, 'a', stored)).toEqual({ sourceId: 0, unannounced: false });
  });

  it('does not count again what a dead thread had stored', () => {
    const disk = createDiskLedger();
    for (let index = 0; index < 5; index += 1) disk.stored(0);
    disk.left(0, 'a', stored);
    disk.died([]);
    expect(disk.found(4)).toBe(0);
    expect(disk.found(2)).toBe(2);
  });

  it('does not count again what a dead thread may have stored without a word', () => {
    const disk = createDiskLedger();
    disk.stored(0);
    disk.died(['b', 'c']);
    expect(disk.found(3)).toBe(0);
  });

  it('counts the delivery of an event that is on disk twice once', () => {
    const disk = createDiskLedger();
    disk.died(['a']);
    disk.stored(2);
    expect(disk.left(0, 'a', stored)?.sourceId).toBe(0);
    expect(disk.left(2, 'a', stored)).toBeUndefined();
    expect(disk.left(2, 'a', stored)).toBeUndefined();
  });

  it('counts the delivery of the second copy, where the first left before it was stored', () => {
    const disk = createDiskLedger();
    disk.died(['a']);
    expect(disk.left(0, 'a', handedOver)).toBeUndefined();
    disk.stored(2);
    expect(disk.left(2, 'a', stored)).toEqual({ sourceId: 2, unannounced: false });
  });

  it('gives the found events back to the accounts they were on', () => {
    const disk = createDiskLedger();
    for (const sourceId of [1, 2, 2]) disk.stored(sourceId);
    disk.died([]);
    const sources = ['a', 'b', 'c', 'd'].map((key) => disk.left(0, key, stored)?.sourceId);
    expect(sources).toEqual([1, 2, 2, 0]);
  });

  it('announces an event that could not be told from one of its own', () => {
    const disk = createDiskLedger();
    disk.died(['a']);
    expect(disk.found(1)).toBe(0);
    expect(disk.left(0, 'b', stored)).toEqual({ sourceId: 0, unannounced: true });
  });

  it('knows no copies any more once the disk is empty', () => {
    const disk = createDiskLedger();
    disk.died(['a']);
    disk.emptied();
    disk.stored(1);
    expect(disk.left(1, 'a', handedOver)?.sourceId).toBe(1);
  });
});
