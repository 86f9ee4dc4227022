import { describe, expect, it } from 'vitest';
import { createDamageLog } from '../../../src/spool/read.ts';

describe('the log of damage', () => {
  it('puts together what windows have cut, and keeps apart what is apart', () => {
    const log = createDamageLog();
    log.add(0, Buffer.from('..abc'), { from: 2, to: 5, torn: false });
    log.add(5, Buffer.from('def..g'), { from: 0, to: 3, torn: false });
    log.add(5, Buffer.from('def..g'), { from: 5, to: 6, torn: true });
    expect(log.all()).toEqual([
      { from: 2, bytes: Buffer.from('abcdef'), torn: false },
      { from: 10, bytes: Buffer.from('g'), torn: true },
    ]);
  });

  it.each([
    [[0, 0, 0, 0], true],
    [[0, 0, 1, 0], false],
  ])('tells whether zeros at the end, with %j in front, were cut off', (bytes, torn) => {
    const log = createDamageLog();
    log.add(0, Buffer.from(bytes), { from: 0, to: 4, torn: false });
    log.add(4, Buffer.alloc(2), { from: 0, to: 2, torn: true });
    expect(log.all()).toMatchObject([{ from: 0, torn }]);
  });
});
