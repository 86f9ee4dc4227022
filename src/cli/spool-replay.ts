import { ImmutableLogClient } from '../client.ts';
import { isExporterError } from '../errors.ts';
import { systemClock } from '../runtime/clock.ts';
import { detailOf, requireSafeNow, spoolPaths } from '../spool/directory.ts';
import { nodeFiles } from '../spool/node-files.ts';
import type { CommandIo } from './command.ts';
import { fail } from './command.ts';
import type { SpoolQuery } from './spool-contents.ts';
import { writersOf } from './spool-contents.ts';
import { access, constants } from 'node:fs/promises';

const HALTED: Readonly<Record<'quota' | 'misconfigured', string>> = {
  quota: 'The quota of the ledger is used up; what is left stays in the spool.',
  misconfigured: 'The ledger refuses the key or the URL; what is left stays in the spool.',
};

/** Sends everything that waits; what the ledger does not take stays where it is. */
export async function replay({ directory }: SpoolQuery, io: CommandIo): Promise<number> {
  const { waiting, holder } = await findWaiting(directory);
  if (holder !== undefined) {
    return fail(io, `A running process (${holder}) holds this spool and sends it itself.`);
  }
  if (waiting === 0) {
    io.stdout.write('Nothing is waiting.\n');
    return 0;
  }
  const refusal = await findRefusal(directory);
  if (refusal !== undefined) return fail(io, refusal);
  const client = openClient(directory, io);
  if (client === undefined) return 1;
  await showProgress(client, io, waiting);
  await client.close();
  const { accepted, quarantined, duplicates, halted } = client.stats();
  io.stderr.write('\n');
  if (halted !== undefined) fail(io, HALTED[halted]);
  io.stdout.write(
    `${accepted} sent (${duplicates} were there already), ${quarantined} into quarantine, ` +
      `${Math.max(0, waiting - accepted - quarantined)} left\n`,
  );
  return accepted + quarantined >= waiting ? 0 : 1;
}

/** What waits, and which writer holds the directory, if one does. */
async function findWaiting(
  directory: string,
): Promise<{ readonly waiting: number; readonly holder: string | undefined }> {
  let waiting = 0;
  let holder: string | undefined;
  for await (const { name, alive, read } of writersOf(directory)) {
    waiting += (await read()).events;
    if (alive) holder ??= name;
  }
  return { waiting, holder };
}

/** Why a client would refuse the directory, in one sentence; `undefined` when it would not. */
async function findRefusal(directory: string): Promise<string | undefined> {
  const paths = spoolPaths(directory);
  try {
    requireSafeNow(nodeFiles, paths);
    await access(paths.writers, constants.W_OK);
    return undefined;
  } catch (error) {
    return `This spool cannot be taken over (${detailOf(error)}); export reads it.`;
  }
}

function openClient(directory: string, io: CommandIo): ImmutableLogClient | undefined {
  try {
    return new ImmutableLogClient({ spool: { directory } });
  } catch (error) {
    fail(io, `${isExporterError(error) ? error.message : 'The client cannot be made'}.`);
    return undefined;
  }
}

const LOOK_EVERY_MS = 200;
/** Patience in ms with a disk that gives errors or no answer, since it last gave something. */
const PATIENCE_MS = 20_000;

/** Shows how far a client is, until it has sent what waited or can send no more. */
async function showProgress(
  client: ImmutableLogClient,
  io: CommandIo,
  total: number,
): Promise<void> {
  const startedAt = systemClock.now();
  let last = { at: startedAt, done: 0 };
  const takeOver = { ended: false };
  // Ends when everything that could be taken over was, and was tried.
  void client.flush().then(() => {
    takeOver.ended = true;
  });
  for (;;) {
    const { accepted, quarantined, halted, spool } = client.stats();
    const done = accepted + quarantined;
    const now = systemClock.now();
    if (done > last.done) last = { at: now, done };
    io.stderr.write(`\r${progressLine(done, total, (now - startedAt) / 1_000)}`);
    if (halted !== undefined || io.signal.aborted) return;
    const { events = 0, unreadable = 0 } = spool ?? {};
    const diskFails = unreadable > 0 || !takeOver.ended;
    // An outage of the ledger is waited for; a disk that gives nothing any more is not.
    if (diskFails ? now - last.at >= PATIENCE_MS : events === 0) return;
    await new Promise<void>((resolve) => {
      systemClock.after({ ms: LOOK_EVERY_MS, hold: 'process', run: resolve });
    });
  }
}

const BAR_WIDTH = 30;

/** How far it is: a bar, the counts and the rate. */
function progressLine(done: number, total: number, seconds: number): string {
  const filled = Math.round((done / total) * BAR_WIDTH);
  const bar = '#'.repeat(filled) + '.'.repeat(BAR_WIDTH - filled);
  const rate = seconds > 0 ? Math.round(done / seconds) : 0;
  return `[${bar}] ${done}/${total}  ${rate}/s`;
}
