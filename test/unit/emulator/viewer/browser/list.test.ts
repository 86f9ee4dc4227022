import { describe, expect, it } from 'vitest';
import { scrollTopFor, visibleRange } from '../../../../../src/emulator/viewer/browser/list.ts';

describe('the rows in the page', () => {
  it('are those in sight and a few around, however many there are', () => {
    const view = { height: 340, rowHeight: 34, rows: 10_000 };
    expect(visibleRange({ ...view, scrollTop: 0 })).toEqual({ first: 0, end: 18 });
    expect(visibleRange({ ...view, scrollTop: 34_000 })).toEqual({ first: 992, end: 1_018 });
    expect(visibleRange({ ...view, scrollTop: 340_000 })).toEqual({ first: 9_992, end: 10_000 });
    expect(visibleRange({ ...view, scrollTop: 500, rows: 0 })).toEqual({ first: 0, end: 0 });
  });

  it('are scrolled no further than it takes to see one whole', () => {
    const view = { height: 340, rowHeight: 34, scrollTop: 340 };
    expect([10, 9, 19, 20].map((row) => scrollTopFor(row, view))).toEqual([340, 306, 340, 374]);
  });
});
