/** Which rows have to be in the page: `first` and those up to, but not, `end`. */
export interface VisibleRange {
  readonly first: number;
  readonly end: number;
}

/** Rows above and below what is seen, so that quick scrolling shows no gap. */
const SPARE_ROWS = 8;

/** Works out the rows for a place of the scroll bar; all lengths in CSS pixels. */
export function visibleRange(view: {
  readonly scrollTop: number;
  readonly height: number;
  readonly rowHeight: number;
  readonly rows: number;
}): VisibleRange {
  const first = Math.max(0, Math.floor(view.scrollTop / view.rowHeight) - SPARE_ROWS);
  const end = Math.ceil((view.scrollTop + view.height) / view.rowHeight) + SPARE_ROWS;
  return { first: Math.min(first, view.rows), end: Math.min(end, view.rows) };
}

/** Where a list has to be scrolled so that a row is whole in sight; as it is when it is already. */
export function scrollTopFor(
  row: number,
  view: { readonly scrollTop: number; readonly height: number; readonly rowHeight: number },
): number {
  const top = row * view.rowHeight;
  if (top < view.scrollTop) return top;
  return Math.max(view.scrollTop, top + view.rowHeight - view.height);
}
