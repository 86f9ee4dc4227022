/// <reference lib="dom" />
import type { EntryStanding } from './chain-watch.ts';
import { type EventRow, createEventRow, rowId } from './event-row.ts';
import type { StoredEvent } from './event-store.ts';
import { scrollTopFor, visibleRange } from './visible-range.ts';

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
