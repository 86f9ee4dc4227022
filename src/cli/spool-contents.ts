import { codeOf } from '../errors.ts';
import { systemClock } from '../runtime/clock.ts';
import { spoolPaths } from '../spool/directory.ts';
import type { InspectedWriter } from '../spool/inspect.ts';
import { inspectSpool } from '../spool/inspect.ts';
import { nodeFiles } from '../spool/node-files.ts';
import { createNodeLiveness } from '../spool/node-liveness.ts';
import type { Frame } from '../spool/segment-format.ts';
import type { CommandIo } from './command.ts';
import { formatTable, isObject, parseObject, printable } from './terminal.ts';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Of which spool, and in which form. */
export interface SpoolQuery {
  readonly directory: string;
  /** Whole lines of JSON instead of a table; of the quarantine only. */
  readonly json: boolean;
}

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

/** Finds the writers of a spool, one after the other. */
export function writersOf(directory: string): AsyncGenerator<InspectedWriter> {
  const liveness = createNodeLiveness(systemClock);
  return inspectSpool({ files: nodeFiles, liveness, clock: systemClock }, directory);
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

function age(storedAtMs: number | undefined): string {
  return storedAtMs === undefined ? '-' : durationText(systemClock.wallTime() - storedAtMs);
}

const UNITS: readonly (readonly [letter: string, ms: number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
];

/** For a person: `3d`, `2h`, `5m`, `12s`. */
function durationText(ms: number): string {
  for (const [letter, unit] of UNITS) if (ms >= unit) return `${Math.floor(ms / unit)}${letter}`;
  return `${Math.max(0, Math.floor(ms / 1_000))}s`;
}

function textOf(body: Uint8Array): string {
  return Buffer.from(body).toString('utf8');
}

/** Name of the event in a request body; empty where there is none to be read. */
function eventNameOf(body: string): string {
  const meta = parseObject(body)?.['meta'];
  const name = isObject(meta) ? meta['event_name'] : undefined;
  return typeof name === 'string' ? name : '';
}

/** A refused event as its line says. */
export interface RefusedEvent {
  readonly line: string;
  readonly time: string;
  readonly status: string;
  readonly reason: string;
  readonly idempotencyKey: string;
  readonly body: string;
}

/** What is in the quarantine of a spool. */
interface QuarantineContent {
  readonly events: readonly RefusedEvent[];
  /** Files with damaged stretches of segments. */
  readonly damaged: readonly string[];
}

/**
 * Reads the quarantine of a spool; an empty one where there is no file.
 *
 * @throws Error with the code of the system where there is no spool or it cannot be read
 */
async function readQuarantine(directory: string): Promise<QuarantineContent> {
  const { quarantine } = spoolPaths(directory);
  const names = await namesInQuarantine(directory);
  // One that was kept right before a kill or an error of the disk may have been kept again.
  const events = new Map<string, RefusedEvent>();
  for (const name of names.filter((each) => each.endsWith('.jsonl'))) {
    const text = await readFile(join(quarantine, name), 'utf8');
    for (const line of text.split('\n')) {
      // The last line of a process that was killed may be cut off; its event is still in the spool.
      const event = refusedEvent(line);
      if (event !== undefined) events.set(event.idempotencyKey, event);
    }
  }
  return { events: [...events.values()], damaged: names.filter((name) => name.endsWith('.bin')) };
}

/** A spool without a quarantine has refused events of none; where there is no spool, nothing is known. */
async function noneInSpool(error: unknown, root: string): Promise<readonly string[]> {
  if (codeOf(error) !== 'ENOENT') throw error;
  await readdir(root);
  return [];
}

async function namesInQuarantine(directory: string): Promise<readonly string[]> {
  const { root, quarantine } = spoolPaths(directory);
  const found = await readdir(quarantine).catch((error: unknown) => noneInSpool(error, root));
  return [...found].sort((a, b) => (a < b ? -1 : 1));
}

/**
 * Names of the files with refused events.
 *
 * @throws Error with the code of the system where there is no spool or it cannot be read
 */
export async function quarantineFiles(directory: string): Promise<readonly string[]> {
  return (await namesInQuarantine(directory)).filter((name) => name.endsWith('.jsonl'));
}

/** The event of a line; `undefined` where it is none. */
export function refusedEvent(line: string): RefusedEvent | undefined {
  const members = parseObject(line);
  if (members === undefined) return undefined;
  const text = (name: string): string => {
    const member = members[name];
    return typeof member === 'string' || typeof member === 'number' ? String(member) : '';
  };
  return {
    line,
    time: text('time'),
    status: text('status'),
    reason: text('reason'),
    idempotencyKey: text('idempotency_key'),
    body: text('body'),
  };
}
