import { coreOf } from '../client.ts';
import type { ClientCore } from '../core.ts';
import type { Outcome } from '../outcome.ts';
import { systemClock } from '../runtime/clock.ts';
import { spoolPaths } from '../spool/directory.ts';
import { nodeFiles } from '../spool/node-files.ts';
import { openClient } from './client.ts';
import type { CommandIo } from './command.ts';
import { fail } from './command.ts';
import type { RefusedEvent, SpoolQuery } from './spool-contents.ts';
import { quarantineFiles, refusedEvent } from './spool-contents.ts';
import { isObject, parseObject } from './terminal.ts';
import { createReadStream } from 'node:fs';
import { open, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** How a file is called while its events are sent again, and what was left of it. */
const TAKEN = 'replay-';
const LEFT = 'left-';
/** Lines that are in memory at once. */
const BATCH = 256;
/** Time in ms for one event, while somebody waits. */
const PATIENCE_MS = 10_000;

/**
 * Sends again what the ledger refused, under the same keys and with the same bytes; for when the
 * cause is gone. What the ledger takes leaves the quarantine, all else stays.
 */
export async function replayQuarantine({ directory }: SpoolQuery, io: CommandIo): Promise<number> {
  const names = await quarantineFiles(directory);
  if (names.length === 0) {
    io.stdout.write('Nothing is in quarantine.\n');
    return 0;
  }
  const opened = openClient(io.env);
  if (!opened.ok) return fail(io, opened.mistake);
  const client = opened.value;
  const replay = new QuarantineReplay(spoolPaths(directory).quarantine, coreOf(client), io.signal);
  try {
    for (const name of names) await replay.file(name);
  } finally {
    await client.close();
  }
  const { sent, duplicates, refused, left, stopped } = replay;
  if (stopped !== undefined) fail(io, `Nothing more was sent: ${stopped}.`);
  io.stdout.write(
    `${sent} sent (${duplicates} were there already), ${refused} refused again, ${left} left\n`,
  );
  return refused + left === 0 ? 0 : 1;
}

/**
 * Goes through files of a quarantine.
 *
 * - A file is taken by renaming it. A running process that writes into it sees that it is gone, and
 *   keeps elsewhere what it had not confirmed.
 * - What stays is on disk in another file before the taken one goes. A kill in between leaves both;
 *   events that are there twice have one key.
 */
class QuarantineReplay {
  sent = 0;
  duplicates = 0;
  refused = 0;
  left = 0;
  /** Why nothing more is sent. */
  stopped: string | undefined;
  readonly #folder: string;
  readonly #core: ClientCore;
  readonly #signal: AbortSignal;

  constructor(folder: string, core: ClientCore, signal: AbortSignal) {
    this.#folder = folder;
    this.#core = core;
    this.#signal = signal;
  }

  async file(name: string): Promise<void> {
    const plain = name.replace(/^(?:replay-)?(?:left-\d+-)?/, '');
    const taken = join(this.#folder, name.startsWith(TAKEN) ? name : TAKEN + name);
    const left = join(this.#folder, `${LEFT}${systemClock.wallTime()}-${plain}`);
    await rename(join(this.#folder, name), taken);
    const file = await open(left, 'wx', 0o600);
    let kept = 0;
    try {
      for await (const lines of batchesOf(taken)) {
        const rest = await this.#linesLeft(lines);
        kept += rest.length;
        await file.appendFile(rest.map((line) => `${line}\n`).join(''));
      }
      await file.datasync();
    } finally {
      await file.close();
    }
    if (kept === 0) await unlink(left);
    await nodeFiles.syncDirectory(this.#folder);
    await unlink(taken);
  }

  /** Sends what is an event; a line that is none, such as one that was cut off, stays for a person. */
  async #linesLeft(lines: readonly string[]): Promise<readonly string[]> {
    const stays = await Promise.all(
      lines.map(async (line) => {
        const event = refusedEvent(line);
        return event === undefined || !(await this.#leaves(event));
      }),
    );
    return lines.filter((_, index) => stays[index]);
  }

  async #leaves(event: RefusedEvent): Promise<boolean> {
    if (this.#signal.aborted) this.stopped ??= 'it was ended';
    if (this.stopped !== undefined) {
      this.left += 1;
      return false;
    }
    const outcome = await this.#send(event);
    if (outcome.kind === 'accepted') {
      this.sent += 1;
      if (outcome.receipt.duplicate) this.duplicates += 1;
      return true;
    }
    if (outcome.kind === 'dropped' && outcome.reason === 'rejected') {
      this.refused += 1;
      return false;
    }
    this.left += 1;
    if (outcome.kind === 'dropped') {
      this.stopped ??= `${outcome.reason} (${outcome.failure.detail})`;
    }
    return false;
  }

  #send({ idempotencyKey, body: text }: RefusedEvent): Promise<Outcome> {
    const core = this.#core;
    const { clock, config, scope } = core;
    const body = Buffer.from(text);
    const meta = parseObject(text)?.['meta'];
    const named = isObject(meta) ? meta['request_id'] : undefined;
    const requestId = typeof named === 'string' ? named : idempotencyKey;
    const request = { idempotencyKey, requestId, body, bytes: body.byteLength };
    const deadline = clock.now() + Math.min(config.deadlineMs, PATIENCE_MS);
    const context = core.context({ sourceId: 0, scope, awaited: true, deadline });
    core.counters.emitted();
    return new Promise((resolve) => {
      core.submit({ request, summary: { idempotencyKey, meta: {} } }, context, resolve);
    });
  }
}

/** The lines of a file, some at a time: it may be as large as the spool. */
async function* batchesOf(path: string): AsyncGenerator<readonly string[]> {
  let batch: string[] = [];
  for await (const line of createInterface({
    input: createReadStream(path),
    crlfDelay: Infinity,
  })) {
    if (line === '') continue;
    batch.push(line);
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
