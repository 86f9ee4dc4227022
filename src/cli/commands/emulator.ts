import { createEmulator } from '../../emulator/index.ts';
import type { Emulator, EmulatorOptions } from '../../emulator/index.ts';
import type { Command, CommandIo, Prepared } from '../command.ts';
import { EVENT_HEADING, eventLine, violationLine } from '../event-line.ts';
import { parseOptions } from '../parse-options.ts';
import { untilAborted } from '../until-aborted.ts';

const DEFAULT_PORT = 4390;
const MAX_PORT = 65_535;

/** `immutablelog emulator`: the ledger on this machine. */
export const emulatorCommand: Command = {
  name: 'emulator',
  summary: 'Run a ledger on this machine and watch the events come in',
  help: `Usage: immutablelog emulator [--port N] [--api-key KEY] [--directory DIR]

Listens on 127.0.0.1, prints each event as it is sealed, and verifies the chain at the end.
Its URL, opened in a browser, is a page that shows the events and verifies the chain by itself.

  --port N         TCP port, 0 for any free one (default ${DEFAULT_PORT})
  --api-key KEY    let in this key only (default: any bearer token)
  --directory DIR  keep the ledger there and go on with it next time (default: in memory)
`,
  prepare,
};

function prepare(args: readonly string[]): Prepared {
  const parsed = parseOptions(args, {
    port: { type: 'string' },
    'api-key': { type: 'string' },
    directory: { type: 'string' },
  });
  if (!parsed.ok) return { kind: 'usage', mistake: parsed.mistake };
  const { port = String(DEFAULT_PORT), 'api-key': apiKey, directory } = parsed.values;
  if (!/^\d{1,5}$/.test(port) || Number(port) > MAX_PORT) {
    return { kind: 'usage', mistake: 'The port must be a whole number from 0 to 65535.' };
  }
  const options: EmulatorOptions = {
    port: Number(port),
    ...(apiKey === undefined ? {} : { apiKey }),
    ...(directory === undefined ? {} : { directory }),
  };
  return { kind: 'ready', run: (io) => serve(options, io) };
}

async function serve(options: EmulatorOptions, io: CommandIo): Promise<number> {
  let refused = 0;
  const started = await start({
    ...options,
    onEvent: (entry) => io.stdout.write(`${eventLine(entry)}\n`),
    onViolation(violation) {
      refused += 1;
      io.stdout.write(`${violationLine(violation)}\n`);
    },
  });
  if ('mistake' in started) {
    io.stderr.write(`immutablelog: ${started.mistake}\n`);
    return 1;
  }
  const { emulator } = started;
  io.stdout.write(
    `ImmutableLog emulator at ${emulator.url} (page: ${emulator.url}/)\n${EVENT_HEADING}\n`,
  );
  await untilAborted(io.signal);
  await emulator.close();
  io.stdout.write(`${summarize(emulator, refused)}\n`);
  return emulator.verify().ok ? 0 : 1;
}

async function start(
  options: EmulatorOptions,
): Promise<{ readonly emulator: Emulator } | { readonly mistake: string }> {
  try {
    return { emulator: await createEmulator(options) };
  } catch (error) {
    return { mistake: describe(error, options) };
  }
}

function describe(error: unknown, { port = 0 }: EmulatorOptions): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE') {
    return `Port ${port} is in use; choose another with --port, or --port 0 for any free one.`;
  }
  if (typeof code === 'string') return `The emulator cannot start (${code}).`;
  return error instanceof Error ? `${error.message}.` : 'The emulator cannot start.';
}

function summarize(emulator: Emulator, refused: number): string {
  const verdict = emulator.verify();
  const repeats = emulator.receipts().filter(({ duplicate }) => duplicate).length;
  const counts = `${emulator.events().length} events, ${repeats} repeats, ${refused} refused`;
  return verdict.ok
    ? `${counts}; chain verified, head ${verdict.head}`
    : `${counts}; CHAIN BROKEN at event ${verdict.sequence}: ${verdict.reason}`;
}
