import type { EventReport } from '../redaction-report.ts';
import { formatTable } from '../table.ts';

/** How many line numbers are shown for one place. */
const LINES_SHOWN = 5;

/** Adds up what happened to many events. */
export interface Tally {
  add(line: number, report: EventReport): void;
  /** Events so far. */
  events(): number;
  /** Places where something personal seems to be left. */
  places(): number;
  /** The tables to show; they hold no value. */
  format(): string;
}

interface Row {
  readonly cells: readonly string[];
  count: number;
  readonly lines: number[];
}

interface Rows {
  add(line: number, cells: readonly string[]): void;
  size(): number;
  format(heading: readonly string[], last: (row: Row) => string): string;
}

function createRows(): Rows {
  const rows = new Map<string, Row>();
  return {
    add(line, cells) {
      const id = JSON.stringify(cells);
      const row = rows.get(id) ?? { cells, count: 0, lines: [] };
      rows.set(id, row);
      row.count += 1;
      if (row.lines.length <= LINES_SHOWN && row.lines.at(-1) !== line) row.lines.push(line);
    },
    size: () => rows.size,
    format(heading, last) {
      const sorted = [...rows].toSorted(([one], [other]) => (one < other ? -1 : 1));
      return formatTable([heading, ...sorted.map(([, row]) => [...row.cells, last(row)])]);
    },
  };
}

function lineNumbers({ lines }: Row): string {
  const shown = lines.slice(0, LINES_SHOWN).join(', ');
  return lines.length > LINES_SHOWN ? `${shown} and more` : shown;
}

/** A {@link Tally} of no events. */
export function createTally(): Tally {
  const changed = createRows();
  const left = createRows();
  let events = 0;
  return {
    add(line, { changes, leftovers }) {
      events += 1;
      for (const { path, action, class: kind } of changes) changed.add(line, [path, action, kind]);
      for (const { path, class: kind } of leftovers) left.add(line, [path, kind]);
    },
    events: () => events,
    places: () => left.size(),
    format() {
      const done =
        changed.size() === 0
          ? 'Nothing was redacted.\n'
          : changed.format(['PATH', 'ACTION', 'CLASS', 'COUNT'], ({ count }) => String(count));
      if (left.size() === 0) return `${done}\nNothing that looks personal is left.\n`;
      return `${done}\nSTILL LOOKS PERSONAL\n${left.format(['PATH', 'CLASS', 'LINES'], lineNumbers)}`;
    },
  };
}
