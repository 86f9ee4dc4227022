import { codeOf } from '../../errors.ts';
import type {
  ContractViolation,
  Emulator,
  EmulatorOptions,
  LedgerEntry,
} from '../../emulator/index.ts';
import { createEmulator } from '../../emulator/index.ts';
import { parseOptions } from '../arguments.ts';
import type { Checked, Command, CommandIo, PreparedCommand } from '../command.ts';
import { fail } from '../command.ts';
import { printable, untilAborted, withCode } from '../terminal.ts';

const DEFAULT_PORT = 4390;
const DEFAULT_HOST = '127.0.0.1';

/** `immutablelog emulator`: the ledger on this machine. */
export const emulatorCommand: Command = {
  name: 'emulator',
  summary: 'Run a ledger on this machine and watch the events come in',
  help: `Usage: immutablelog emulator [--port N] [--host ADDRESS] [--allow-host NAME]
                             [--api-key KEY] [--directory DIR]

Listens on 127.0.0.1, prints each event as it is sealed, and verifies the chain at the end.
Its URL, opened in a browser, is a page that shows the events and verifies the chain by itself.

  --port N           TCP port, 0 for any free one (default ${DEFAULT_PORT})
  --host ADDRESS     listen there, such as 0.0.0.0 in a container: everybody who reaches it can
                     send events and read them (default ${DEFAULT_HOST})
  --allow-host NAME  answer also under this name, such as emulator; several with commas, or the
                     option again. Under other names it takes nothing and shows nothing
  --api-key KEY      let in this key only (default: any bearer token)
  --directory DIR    keep the ledger there and go on with it next time (default: in memory)
`,
  prepare,
};

function prepare(args: readonly string[]): Checked<PreparedCommand> {
  const parsed = parseOptions(args, {
    port: { type: 'string' },
    host: { type: 'string' },
    'allow-host': { type: 'string', multiple: true },
    'api-key': { type: 'string' },
    directory: { type: 'string' },
  });
  if (!parsed.ok) return parsed;
  const { port = String(DEFAULT_PORT), host = DEFAULT_HOST, directory } = parsed.value;
  const { 'api-key': apiKey, 'allow-host': allowed = [] } = parsed.value;
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) {
    return { ok: false, mistake: 'The port must be a whole number from 0 to 65535.' };
  }
  const options: EmulatorOptions = {
    port: Number(port),
    host,
    allowHosts: allowed.flatMap((names) => names.split(/[,\s]+/)).filter((name) => name !== ''),
    ...(apiKey === undefined ? {} : { apiKey }),
    ...(directory === undefined ? {} : { directory }),
  };
  return { ok: true, value: (io) => serve(options, io) };
}

const LOOPBACK = /^(?:localhost|::1|127(?:\.\d{1,3}){3})$/;

function warnOfStrangers({ host = DEFAULT_HOST, apiKey }: EmulatorOptions, io: CommandIo): void {
  if (LOOPBACK.test(host)) return;
  const senders = apiKey === undefined ? 'send events and read all there are' : 'read all events';
  io.stderr.write(
    `immutablelog: listening beyond this machine, on ${host}: everybody who reaches it can ` +
      `${senders}; keep personal data out of it.\n`,
  );
}

async function serve(options: EmulatorOptions, io: CommandIo): Promise<number> {
  let refused = 0;
  let emulator: Emulator;
  try {
    emulator = await createEmulator({
      ...options,
      onEvent: (entry) => io.stdout.write(`${eventLine(entry)}\n`),
      onViolation(violation) {
        refused += 1;
        io.stdout.write(`${violationLine(violation)}\n`);
      },
    });
  } catch (error) {
    return fail(io, whyNotStarted(error, options));
  }
  warnOfStrangers(options, io);
  io.stdout.write(
    `ImmutableLog emulator at ${emulator.url} (page: ${emulator.url}/)\n${EVENT_HEADING}\n`,
  );
  await untilAborted(io.signal);
  await emulator.close();
  io.stdout.write(`${summarize(emulator, refused)}\n`);
  return emulator.verify().ok ? 0 : 1;
}

function whyNotStarted(error: unknown, { port = 0 }: EmulatorOptions): string {
  const code = codeOf(error);
  if (code === 'EADDRINUSE') {
    return `Port ${port} is in use; choose another with --port, or --port 0 for any free one.`;
  }
  if (code === undefined && error instanceof Error) return `${error.message}.`;
  return withCode('The emulator cannot start', error);
}

function summarize(emulator: Emulator, refused: number): string {
  const verdict = emulator.verify();
  const repeats = emulator.receipts().filter(({ duplicate }) => duplicate).length;
  const counts = `${emulator.events().length} events, ${repeats} repeats, ${refused} refused`;
  return verdict.ok
    ? `${counts}; chain verified, head ${verdict.head}`
    : `${counts}; CHAIN BROKEN at event ${verdict.sequence}: ${verdict.reason}`;
}

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
