import { ImmutableLogClient } from '../client.ts';
import type { ClientStats } from '../core.ts';
import { isExporterError } from '../errors.ts';
import { systemClock } from '../runtime/clock.ts';
import { requireSafeNow, spoolPaths } from '../spool/directory.ts';
import { nodeFiles } from '../spool/node-files.ts';
import type { CommandIo } from './command.ts';
import type { SpoolQuery } from './spool-contents.ts';
import { writersOf } from './spool-contents.ts';
import { errorCode } from './terminal.ts';
import { access, constants } from 'node:fs/promises';

const LOOK_EVERY_MS = 200;
const BAR_WIDTH = 30;

/** What waits, and which writer holds the directory, if one does. */
async function survey(directory: string): Promise<{ waiting: number; holder: string | undefined }> {
  let waiting = 0;
  let holder: string | undefined;
  for await (const { name, alive, read } of writersOf(directory)) {
    waiting += (await read()).events;
    if (alive) holder ??= name;
  }
  return { waiting, holder };
}

/** One line that says how far it is: a bar, the counts and the rate. */
export function progressLine(done: number, total: number, seconds: number): string {
  const part = total === 0 ? 1 : done / total;
  const filled = Math.round(part * BAR_WIDTH);
  const bar = '#'.repeat(filled) + '.'.repeat(BAR_WIDTH - filled);
  const rate = seconds > 0 ? Math.round(done / seconds) : 0;
  return `[${bar}] ${done}/${total}  ${rate}/s`;
}

const HALTED: Readonly<Record<'quota' | 'misconfigured', string>> = {
  quota: 'The quota of the ledger is used up; what is left stays in the spool.',
  misconfigured: 'The ledger refuses the key or the URL; what is left stays in the spool.',
};

function pause(): Promise<void> {
  return new Promise((resolve) => {
    systemClock.after({ ms: LOOK_EVERY_MS, hold: 'process', run: resolve });
  });
}

async function watch(
  client: ImmutableLogClient,
  io: CommandIo,
  total: number,
): Promise<ClientStats> {
  const startedAt = systemClock.now();
  for (;;) {
    const stats = client.stats();
    const done = stats.accepted + stats.quarantined;
    const seconds = (systemClock.now() - startedAt) / 1_000;
    io.stderr.write(`\r${progressLine(done, total, seconds)}`);
    if (done >= total || stats.halted !== undefined || io.signal.aborted) return stats;
    // What could not be taken over, or not be read, is not waited for.
    if (stats.recovered > 0 && stats.spool?.events === 0) return stats;
    await pause();
  }
}

/** Why a client would refuse the directory; `undefined` when it would not. */
async function refusal(directory: string): Promise<string | undefined> {
  const paths = spoolPaths(directory);
  try {
    requireSafeNow(nodeFiles, paths);
    await access(paths.writers, constants.W_OK);
    return undefined;
  } catch (error) {
    return errorCode(error);
  }
}

/** Sends everything that waits; what the ledger does not take stays where it is. */
export async function replay({ directory }: SpoolQuery, io: CommandIo): Promise<number> {
  const { waiting, holder } = await survey(directory);
  if (holder !== undefined) {
    io.stderr.write(
      `immutablelog: A running process (${holder}) holds this spool and sends it itself.\n`,
    );
    return 1;
  }
  if (waiting === 0) {
    io.stdout.write('Nothing is waiting.\n');
    return 0;
  }
  const code = await refusal(directory);
  if (code !== undefined) {
    io.stderr.write(`immutablelog: This spool cannot be taken over${code}; export reads it.\n`);
    return 1;
  }
  const client = openClient(directory, io);
  if (client === undefined) return 1;
  await watch(client, io, waiting);
  await client.close();
  const { accepted, quarantined, duplicates, halted } = client.stats();
  io.stderr.write('\n');
  if (halted !== undefined) io.stderr.write(`immutablelog: ${HALTED[halted]}\n`);
  io.stdout.write(
    `${accepted} sent (${duplicates} were there already), ${quarantined} into quarantine, ` +
      `${Math.max(0, waiting - accepted - quarantined)} left\n`,
  );
  return accepted + quarantined >= waiting ? 0 : 1;
}

function openClient(directory: string, io: CommandIo): ImmutableLogClient | undefined {
  try {
    return new ImmutableLogClient({ spool: { directory } });
  } catch (error) {
    const why = isExporterError(error) ? error.message : 'The client cannot be made';
    io.stderr.write(`immutablelog: ${why}.\n`);
    return undefined;
  }
}
