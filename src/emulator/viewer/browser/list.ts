/// <reference lib="dom" />
/// <reference lib="dom" />
import type { EntryStanding } from './chain.ts';
import { make, setText, visibleText } from './dom.ts';
import type { StoredEvent } from './events.ts';

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

/** A row of the list, used again for one event after the other. */
export interface EventRow {
  readonly element: HTMLElement;
  /** Shows an event. */
  show(event: StoredEvent, view: RowView): void;
}

/** How an event stands in the list. */
export interface RowView {
  /** Place in the list, from 0 on. */
  readonly row: number;
  readonly selected: boolean;
  readonly standing: EntryStanding;
}

const CELLS = ['time', 'type', 'name', 'service', 'env', 'trace', 'notes'] as const;

/** The id of the row of an event, by which the list names the one that is active. */
export function rowId(event: StoredEvent): string {
  return `event-${event.index}`;
}

/** Makes an empty row. */
export function createEventRow(): EventRow {
  const cells = CELLS.map((name, column) =>
    make('span', { role: 'gridcell', class: name, 'aria-colindex': String(column + 1) }, []),
  );
  const element = make('div', { role: 'row', class: 'row' }, cells);
  return {
    element,
    show(event, { row, selected, standing }) {
      element.id = rowId(event);
      element.setAttribute('aria-rowindex', String(row + 2));
      element.setAttribute('aria-selected', String(selected));
      element.dataset['index'] = String(event.index);
      element.dataset['type'] = event.entry.type;
      element.dataset['standing'] = standing;
      for (const [at, text] of textsOf(event, standing).entries()) {
        const cell = cells[at];
        if (cell === undefined) continue;
        setText(cell, text);
        if (cell.title !== text) cell.title = text;
      }
    },
  };
}

function textsOf({ entry, warnings }: StoredEvent, standing: EntryStanding): readonly string[] {
  const { receivedAt, type, eventName, service, env, traceId } = entry;
  const notes = [
    standing === 'broken' ? '✗ tampered' : '',
    standing === 'after-broken' ? 'unproven' : '',
    warnings.length > 0 ? `⚠ ${warnings.length}` : '',
  ].filter((note) => note !== '');
  return [
    receivedAt.slice(5, 23).replace('T', ' '),
    type,
    eventName,
    service,
    env,
    (traceId ?? '–').slice(0, 8),
    notes.join('  '),
  ].map(visibleText);
}

/** The table of events, newest first. However many there are, only those in sight are in the page. */
export interface EventList {
  /** Draws what is in sight. */
  render(events: readonly StoredEvent[]): void;
  /** Keeps what the person reads in its place when rows came in above. */
  keepPlace(addedRows: number): void;
  /** Goes to the top. */
  toTop(): void;
  /** Brings an event into sight; nothing when it is not in the list. */
  reveal(event: StoredEvent): void;
}

/** What the list asks of the page around it. */
export interface ListSurroundings {
  readonly grid: HTMLElement;
  readonly rows: HTMLElement;
  selected(): StoredEvent | undefined;
  standing(event: StoredEvent): EntryStanding;
  onSelect(event: StoredEvent): void;
  /** The person wants to read the selected event. */
  onOpen(): void;
  onScroll(): void;
}

/** Height of a row and of the heading, as the stylesheet has it, in CSS pixels. */
const ROW_PX = 34;

/** Makes the list over two elements of the page. */
export function createEventList(around: ListSurroundings): EventList {
  const { grid, rows } = around;
  const pool: EventRow[] = [];
  let events: readonly StoredEvent[] = [];

  const at = (row: number): StoredEvent | undefined => events[events.length - 1 - row];
  const rowOf = (event: StoredEvent): number => {
    const place = events.indexOf(event);
    return place === -1 ? -1 : events.length - 1 - place;
  };
  const height = (): number => grid.clientHeight - ROW_PX;

  function render(shown: readonly StoredEvent[]): void {
    events = shown;
    rows.style.height = `${events.length * ROW_PX}px`;
    grid.setAttribute('aria-rowcount', String(events.length + 1));
    const { scrollTop } = grid;
    const view = { scrollTop, height: height(), rowHeight: ROW_PX, rows: events.length };
    const { first, end } = visibleRange(view);
    const active = around.selected();
    for (let row = first; row < end; row += 1) {
      const event = at(row);
      if (event === undefined) continue;
      const line = (pool[row - first] ??= appendRow());
      line.element.hidden = false;
      line.element.style.transform = `translateY(${row * ROW_PX}px)`;
      line.show(event, { row, selected: event === active, standing: around.standing(event) });
    }
    for (const line of pool.slice(end - first)) {
      line.element.hidden = true;
      line.element.removeAttribute('id');
    }
    // Only a row that is in the page can be named.
    const id = active === undefined ? undefined : rowId(active);
    if (id !== undefined && document.getElementById(id) !== null) {
      grid.setAttribute('aria-activedescendant', id);
    } else grid.removeAttribute('aria-activedescendant');
  }

  function appendRow(): EventRow {
    const line = createEventRow();
    rows.append(line.element);
    return line;
  }

  function moveTo(row: number): void {
    const event = at(Math.max(0, Math.min(events.length - 1, row)));
    if (event === undefined) return;
    reveal(event);
    around.onSelect(event);
  }

  function reveal(event: StoredEvent): void {
    const row = rowOf(event);
    if (row === -1) return;
    grid.scrollTop = scrollTopFor(row, {
      scrollTop: grid.scrollTop,
      height: height(),
      rowHeight: ROW_PX,
    });
  }

  function targetOf(key: string): number | undefined {
    const active = around.selected();
    const row = active === undefined ? -1 : rowOf(active);
    const page = Math.max(1, Math.floor(height() / ROW_PX) - 1);
    const targets: Readonly<Record<string, number>> = {
      ArrowDown: row + 1,
      ArrowUp: row - 1,
      PageDown: row + page,
      PageUp: row - page,
      Home: 0,
      End: events.length - 1,
    };
    return Object.hasOwn(targets, key) ? targets[key] : undefined;
  }

  grid.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const target = targetOf(event.key);
    if (target !== undefined) moveTo(target);
    else if (event.key === 'Enter') around.onOpen();
    else return;
    event.preventDefault();
  });
  rows.addEventListener('click', (event) => {
    const line = event.target instanceof Element ? event.target.closest('[data-index]') : null;
    const clicked = events.find((item) => line?.id === rowId(item));
    if (clicked !== undefined) around.onSelect(clicked);
  });
  grid.addEventListener('scroll', () => {
    around.onScroll();
  });

  return {
    render,
    keepPlace(addedRows) {
      if (addedRows === 0 || grid.scrollTop === 0) return;
      // The browser would cut a place beyond the end of the list as it was.
      rows.style.height = `${rows.offsetHeight + addedRows * ROW_PX}px`;
      grid.scrollTop += addedRows * ROW_PX;
    },
    toTop() {
      grid.scrollTop = 0;
    },
    reveal,
  };
}
