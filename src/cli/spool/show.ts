import { systemClock } from '../../runtime/clock.ts';
import type { Frame } from '../../spool/frame.ts';
import type { InspectedWriter } from '../../spool/inspect.ts';
import { inspectSpool } from '../../spool/inspect.ts';
import { nodeFiles } from '../../spool/node-files.ts';
import { createNodeLiveness } from '../../spool/node-liveness.ts';
import type { CommandIo } from '../command.ts';
import { printable } from '../printable.ts';
import { formatTable } from '../table.ts';
import { ageText } from './age.ts';
import { eventNameOf } from './event-of-body.ts';
import { readQuarantine } from './read-quarantine.ts';
import type { SpoolQuery } from './spool-question.ts';

/** Finds the writers of a spool, one after the other. */
export function writersOf(directory: string): AsyncGenerator<InspectedWriter> {
  const liveness = createNodeLiveness(systemClock);
  return inspectSpool({ files: nodeFiles, liveness }, directory);
}

const age = (storedAtMs: number | undefined): string =>
  storedAtMs === undefined ? '-' : ageText(systemClock.wallTime() - storedAtMs);

const textOf = (body: Uint8Array): string => Buffer.from(body).toString('utf8');

/** Prints how much of what is there, and how old it is. */
export async function showStatus({ directory }: SpoolQuery, io: CommandIo): Promise<number> {
  const rows = [['WRITER', 'PROCESS', 'EVENTS', 'BYTES', 'OLDEST', 'DAMAGED']];
  let waiting = 0;
  for await (const { name, alive, read } of writersOf(directory)) {
    const { events, bytes, damaged, oldestAtMs } = await read({ signal: io.signal });
    if (io.signal.aborted) return 1;
    waiting += events;
    const state = alive ? 'alive' : 'gone';
    rows.push([name, state, String(events), String(bytes), age(oldestAtMs), String(damaged)]);
  }
  const { events: refused, damaged } = await readQuarantine(directory);
  io.stdout.write(formatTable(rows));
  io.stdout.write(
    `${waiting} waiting, ${refused.length} in quarantine, ${damaged.length} damaged parts kept\n`,
  );
  return 0;
}

/** Tells of each record that waits; resolves to the exit code, which says whether that was all. */
async function eachRecord(
  directory: string,
  io: CommandIo,
  show: (record: Frame, writer: string) => void,
): Promise<number> {
  let missing = 0;
  for await (const { name, read } of writersOf(directory)) {
    const onRecord = (record: Frame): void => {
      show(record, name);
    };
    missing += (await read({ onRecord, signal: io.signal })).damaged;
    if (io.signal.aborted) return 1;
  }
  if (missing === 0) return 0;
  const parts = missing === 1 ? '1 part of the spool is' : `${missing} parts of the spool are`;
  io.stderr.write(`immutablelog: ${parts} damaged and not shown.\n`);
  return 1;
}

/** Prints a line for each event that waits. */
export function showList({ directory }: SpoolQuery, io: CommandIo): Promise<number> {
  io.stdout.write('AGE   EVENT  KEY  BYTES\n');
  return eachRecord(directory, io, ({ storedAtMs, idempotencyKey, body }) => {
    const name = printable(eventNameOf(textOf(body)));
    const columns = [age(storedAtMs).padEnd(4), name, printable(idempotencyKey), body.byteLength];
    io.stdout.write(`${columns.join('  ')}\n`);
  });
}

/** Prints each waiting event as a line of JSON. */
export function exportEvents({ directory }: SpoolQuery, io: CommandIo): Promise<number> {
  return eachRecord(directory, io, (record, writer) => {
    const { sequence, storedAtMs, idempotencyKey, requestId, body } = record;
    const line = {
      writer,
      sequence,
      stored_at_ms: storedAtMs,
      idempotency_key: idempotencyKey,
      request_id: requestId,
      body: textOf(body),
    };
    io.stdout.write(`${JSON.stringify(line)}\n`);
  });
}

/** Prints each event that the ledger refused for good, as a row or with all there is about it. */
export async function showQuarantine(
  { directory, json }: SpoolQuery,
  io: CommandIo,
): Promise<number> {
  const { events, damaged } = await readQuarantine(directory);
  if (json) {
    for (const { line } of events) io.stdout.write(`${line}\n`);
    return 0;
  }
  const rows = events.map(({ time, status, idempotencyKey, reason, body }) => [
    time,
    status,
    eventNameOf(body),
    idempotencyKey,
    reason,
  ]);
  io.stdout.write(formatTable([['TIME', 'STATUS', 'EVENT', 'KEY', 'REASON'], ...rows]));
  for (const name of damaged) io.stdout.write(`damaged part kept in ${name}\n`);
  return 0;
}
