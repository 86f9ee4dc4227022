import { systemClock } from '../../runtime/clock.ts';
import type { InspectedWriter } from '../../spool/inspect.ts';
import { inspectSpool } from '../../spool/inspect.ts';
import { nodeFiles } from '../../spool/node-files.ts';
import { createNodeLiveness } from '../../spool/node-liveness.ts';
import type { CommandIo } from '../command.ts';
import { formatTable } from '../table.ts';
import { ageText } from './age.ts';
import { eventNameOf } from './event-of-body.ts';
import { readQuarantine } from './read-quarantine.ts';

/** Reads the writers of a spool, one after the other. */
export function writersOf(directory: string): AsyncGenerator<InspectedWriter> {
  const liveness = createNodeLiveness(systemClock);
  return inspectSpool({ files: nodeFiles, liveness }, directory);
}

const age = (storedAtMs: number | undefined): string =>
  storedAtMs === undefined ? '-' : ageText(systemClock.wallTime() - storedAtMs);

const textOf = (body: Uint8Array): string => Buffer.from(body).toString('utf8');

/** Prints how much of what is there, and how old it is. */
export async function showStatus(directory: string, io: CommandIo): Promise<number> {
  const rows = [['WRITER', 'PROCESS', 'EVENTS', 'BYTES', 'OLDEST', 'DAMAGED']];
  let events = 0;
  for await (const writer of writersOf(directory)) {
    const { name, alive, bytes, damaged, records } = writer;
    events += records.length;
    rows.push([
      name,
      alive ? 'alive' : 'gone',
      String(records.length),
      String(bytes),
      age(records[0]?.storedAtMs),
      String(damaged),
    ]);
  }
  const { events: refused, damaged } = await readQuarantine(directory);
  io.stdout.write(formatTable(rows));
  io.stdout.write(
    `${events} waiting, ${refused.length} in quarantine, ${damaged.length} damaged parts kept\n`,
  );
  return 0;
}

/** Prints a line for each event that waits. */
export async function showList(directory: string, io: CommandIo): Promise<number> {
  io.stdout.write(formatTable([['AGE', 'EVENT', 'KEY', 'BYTES']]));
  for await (const { records } of writersOf(directory)) {
    if (io.signal.aborted) return 1;
    const rows = records.map(({ storedAtMs, idempotencyKey, body }) => [
      age(storedAtMs),
      eventNameOf(textOf(body)),
      idempotencyKey,
      String(body.byteLength),
    ]);
    if (rows.length > 0) io.stdout.write(formatTable(rows));
  }
  return 0;
}

/** Prints each waiting event as a line of JSON. */
export async function exportEvents(directory: string, io: CommandIo): Promise<number> {
  for await (const { name, records } of writersOf(directory)) {
    for (const { sequence, storedAtMs, idempotencyKey, requestId, body } of records) {
      if (io.signal.aborted) return 1;
      const line = {
        writer: name,
        sequence,
        stored_at_ms: storedAtMs,
        idempotency_key: idempotencyKey,
        request_id: requestId,
        body: textOf(body),
      };
      io.stdout.write(`${JSON.stringify(line)}\n`);
    }
  }
  return 0;
}

/** Prints each event that the ledger refused for good. */
export async function showQuarantine(directory: string, io: CommandIo): Promise<number> {
  const { events, damaged } = await readQuarantine(directory);
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
