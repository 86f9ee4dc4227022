/// <reference lib="dom" />
import type { EntryStanding } from './chain.ts';
import { make, setText, visibleText } from './dom.ts';
import type { StoredEvent } from './events.ts';

/** What the list is made over, and whom it asks and tells. */
export interface ListOptions {
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

/** The table of events, newest first. However many there are, only those in sight are in the page. */
export class EventList {
  readonly #options: ListOptions;
  readonly #pool: EventRow[] = [];
  #events: readonly StoredEvent[] = [];

  constructor(options: ListOptions) {
    this.#options = options;
    const { grid, rows } = options;
    grid.addEventListener('keydown', (event) => {
      this.#onKey(event);
    });
    rows.addEventListener('click', ({ target }) => {
      const line = target instanceof Element ? target.closest('[data-index]') : null;
      const clicked = this.#events.find((item) => line?.id === rowId(item));
      if (clicked !== undefined) options.onSelect(clicked);
    });
    grid.addEventListener('scroll', () => {
      options.onScroll();
    });
  }

  /** Draws what is in sight. */
  render(events: readonly StoredEvent[]): void {
    this.#events = events;
    const { grid, rows } = this.#options;
    rows.style.height = `${events.length * ROW_PX}px`;
    grid.setAttribute('aria-rowcount', String(events.length + 1));
    const { first, end } = visibleRange({ ...this.#view(), rows: events.length });
    const selected = this.#options.selected();
    for (let row = first; row < end; row += 1) {
      const event = this.#at(row);
      if (event === undefined) continue;
      const line = (this.#pool[row - first] ??= this.#appendRow());
      line.element.style.transform = `translateY(${row * ROW_PX}px)`;
      const standing = this.#options.standing(event);
      line.show(event, { row, selected: event === selected, standing });
    }
    for (const line of this.#pool.slice(end - first)) line.hide();
    // Only a row that is in the page can be named.
    const id = selected === undefined ? undefined : rowId(selected);
    if (id !== undefined && document.getElementById(id) !== null) {
      grid.setAttribute('aria-activedescendant', id);
    } else grid.removeAttribute('aria-activedescendant');
  }

  /** Keeps what the person reads in its place when rows came in above. */
  keepPlace(addedRows: number): void {
    const { grid, rows } = this.#options;
    if (addedRows === 0 || grid.scrollTop === 0) return;
    // The browser would cut a place beyond the end of the list as it was.
    rows.style.height = `${rows.offsetHeight + addedRows * ROW_PX}px`;
    grid.scrollTop += addedRows * ROW_PX;
  }

  /** Goes to the top. */
  toTop(): void {
    this.#options.grid.scrollTop = 0;
  }

  /** Brings an event into sight; nothing when it is not in the list. */
  reveal(event: StoredEvent): void {
    const row = this.#rowOf(event);
    if (row !== -1) this.#options.grid.scrollTop = scrollTopFor(row, this.#view());
  }

  #at(row: number): StoredEvent | undefined {
    return this.#events[this.#events.length - 1 - row];
  }

  #rowOf(event: StoredEvent): number {
    const place = this.#events.indexOf(event);
    return place === -1 ? -1 : this.#events.length - 1 - place;
  }

  #view(): ListView {
    const { scrollTop, clientHeight } = this.#options.grid;
    return { scrollTop, height: clientHeight - ROW_PX, rowHeight: ROW_PX };
  }

  #appendRow(): EventRow {
    const line = new EventRow();
    this.#options.rows.append(line.element);
    return line;
  }

  #onKey(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const target = this.#targetOf(event.key);
    if (target !== undefined) this.#moveTo(target);
    else if (event.key === 'Enter') this.#options.onOpen();
    else return;
    event.preventDefault();
  }

  #targetOf(key: string): number | undefined {
    const selected = this.#options.selected();
    const row = selected === undefined ? -1 : this.#rowOf(selected);
    const page = Math.max(1, Math.floor(this.#view().height / ROW_PX) - 1);
    const targets: Readonly<Record<string, number>> = {
      ArrowDown: row + 1,
      ArrowUp: row - 1,
      PageDown: row + page,
      PageUp: row - page,
      Home: 0,
      End: this.#events.length - 1,
    };
    return Object.hasOwn(targets, key) ? targets[key] : undefined;
  }

  #moveTo(row: number): void {
    const event = this.#at(Math.max(0, Math.min(this.#events.length - 1, row)));
    if (event === undefined) return;
    this.reveal(event);
    this.#options.onSelect(event);
  }
}

/** The place of the scroll bar; all lengths in CSS pixels. */
export interface ListView {
  readonly scrollTop: number;
  readonly height: number;
  readonly rowHeight: number;
}

/** Rows above and below what is seen, so that quick scrolling shows no gap. */
const SPARE_ROWS = 8;

/** Which rows have to be in the page: `first` and those up to, but not, `end`. */
export function visibleRange({
  scrollTop,
  height,
  rowHeight,
  rows,
}: ListView & { readonly rows: number }): { readonly first: number; readonly end: number } {
  const first = Math.max(0, Math.floor(scrollTop / rowHeight) - SPARE_ROWS);
  const end = Math.ceil((scrollTop + height) / rowHeight) + SPARE_ROWS;
  return { first: Math.min(first, rows), end: Math.min(end, rows) };
}

/** Where a list has to be scrolled so that a row is whole in sight; as it is when it is already. */
export function scrollTopFor(row: number, { scrollTop, height, rowHeight }: ListView): number {
  const top = row * rowHeight;
  return top < scrollTop ? top : Math.max(scrollTop, top + rowHeight - height);
}

/** The id of the row of an event, by which the list names the one that is selected. */
function rowId(event: StoredEvent): string {
  return `event-${event.index}`;
}

const CELLS = ['time', 'type', 'name', 'service', 'env', 'trace', 'notes'] as const;

/** A row of the list, used again for one event after the other. */
class EventRow {
  readonly element: HTMLElement;
  readonly #cells: readonly HTMLElement[];

  constructor() {
    this.#cells = CELLS.map((name, column) =>
      make('span', { role: 'gridcell', class: name, 'aria-colindex': String(column + 1) }, []),
    );
    this.element = make('div', { role: 'row', class: 'row' }, this.#cells);
  }

  show(
    event: StoredEvent,
    look: { readonly row: number; readonly selected: boolean; readonly standing: EntryStanding },
  ): void {
    const { element } = this;
    element.hidden = false;
    element.id = rowId(event);
    element.setAttribute('aria-rowindex', String(look.row + 2));
    element.setAttribute('aria-selected', String(look.selected));
    element.dataset['index'] = String(event.index);
    element.dataset['type'] = event.entry.type;
    element.dataset['standing'] = look.standing;
    const texts = cellTexts(event, look.standing);
    for (const [at, cell] of this.#cells.entries()) {
      const text = texts[at] ?? '';
      setText(cell, text);
      if (cell.title !== text) cell.title = text;
    }
  }

  hide(): void {
    this.element.hidden = true;
    this.element.removeAttribute('id');
  }
}

/** The texts of a row, in the order of its cells. */
function cellTexts({ entry, warnings }: StoredEvent, standing: EntryStanding): readonly string[] {
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
