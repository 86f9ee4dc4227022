/// <reference lib="dom" />
import type { EntryStanding } from './chain-watch.ts';
import { make, setText, visibleText } from './dom.ts';
import type { StoredEvent } from './event-store.ts';

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
