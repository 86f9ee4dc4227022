import type { ContractViolation, LedgerEntry } from '../emulator/index.ts';
import { printable } from './printable.ts';

/** Widths of the columns time, type, event name, service, environment and trace; the key is last. */
const WIDTHS = [12, 7, 32, 16, 12, 8] as const;
const TRACE_CHARACTERS = 8;

/** The line above the events. */
export const EVENT_HEADING: string = row('TIME', 'TYPE', [
  'EVENT',
  'SERVICE',
  'ENV',
  'TRACE',
  'IDEMPOTENCY KEY',
]);

/** One event as one line of aligned columns, safe for a terminal. */
export function eventLine(entry: LedgerEntry): string {
  return row(timeOfDay(entry.receivedAt), entry.type, [
    entry.eventName,
    entry.service,
    entry.env,
    (entry.traceId ?? '-').slice(0, TRACE_CHARACTERS),
    entry.idempotencyKey,
  ]);
}

/** One refused request as one line in the same columns. */
export function violationLine(violation: ContractViolation): string {
  return row('', 'REFUSED', [`${violation.status} ${violation.reason}`]);
}

function row(time: string, type: string, rest: readonly string[]): string {
  const cells = [time, type, ...rest].map(printable);
  return cells.map((cell, column) => fit(cell, column, cells.length)).join('  ');
}

/** Cuts and fills a cell; the last one of a row has all the room there is. */
function fit(cell: string, column: number, columns: number): string {
  const width = WIDTHS[column];
  if (width === undefined || column === columns - 1) return cell;
  const characters = Array.from(cell);
  const shown =
    characters.length > width ? `${characters.slice(0, width - 1).join('')}…` : characters.join('');
  return shown + ' '.repeat(width - Math.min(width, characters.length));
}

/** `HH:MM:SS.mmm` of an ISO 8601 time in UTC. */
function timeOfDay(iso: string): string {
  return iso.slice(11, 23);
}
