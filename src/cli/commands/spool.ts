import { codeOf } from '../../errors.ts';
import { parseOptions } from '../arguments.ts';
import type { Checked, Command, CommandIo, PreparedCommand } from '../command.ts';
import { fail } from '../command.ts';
import type { SpoolQuery } from '../spool-contents.ts';
import { exportEvents, showList, showQuarantine, showStatus } from '../spool-contents.ts';
import { replayQuarantine } from '../quarantine-replay.ts';
import { replay } from '../spool-replay.ts';
import { withCode } from '../terminal.ts';

/** `immutablelog spool`: what is on disk and not in the ledger. */
export const spoolCommand: Command = {
  name: 'spool',
  summary: 'See what waits on disk for the ledger, and send it',
  help: `Usage: immutablelog spool <action> --dir DIR [--json | --replay]

Looks into the spool of a service, also into a copy of one from another machine.

  status      events, bytes and age by writer, and whether its process is alive
  list        a line for each event that waits: age, name, key; no payloads
  quarantine  events that the ledger refused for good, with its reason; with --json
              as lines of JSON, with their whole bodies; with --replay they are sent
              again, and what the ledger takes leaves the quarantine
  export      each event that waits as a line of JSON, with its whole body
  replay      send what waits, with IMTBL_API_KEY and IMTBL_URL; refused while a
              running process holds the spool, since that one sends it itself

All but replay and --replay change nothing.
`,
  prepare,
};

const ACTIONS: ReadonlyMap<string, (query: SpoolQuery, io: CommandIo) => Promise<number>> = new Map(
  [
    ['status', showStatus],
    ['list', showList],
    ['replay', replay],
    ['quarantine', showQuarantine],
    ['export', exportEvents],
  ],
);

interface SpoolOptions {
  readonly dir?: string | undefined;
  readonly json?: boolean | undefined;
  readonly replay?: boolean | undefined;
}

/** What cannot be meant, in one sentence. */
function mistakeIn(
  name: string,
  { dir = '', json, replay: again }: SpoolOptions,
): string | undefined {
  if (again === true && (json === true || name !== 'quarantine')) {
    return 'Give --replay with quarantine only, and without --json.';
  }
  if (json === true && name !== 'quarantine') {
    return 'Give --json with quarantine only; export is JSON by itself.';
  }
  return dir === '' ? 'Name the directory of the spool with --dir.' : undefined;
}

function prepare([name = '', ...rest]: readonly string[]): Checked<PreparedCommand> {
  const action = ACTIONS.get(name);
  if (action === undefined) {
    return { ok: false, mistake: `Name what to do: ${[...ACTIONS.keys()].join(', ')}.` };
  }
  const parsed = parseOptions(rest, {
    dir: { type: 'string' },
    json: { type: 'boolean' },
    replay: { type: 'boolean' },
  });
  if (!parsed.ok) return parsed;
  const mistake = mistakeIn(name, parsed.value);
  if (mistake !== undefined) return { ok: false, mistake };
  const { dir: directory = '', json = false, replay: again = false } = parsed.value;
  const act = again ? replayQuarantine : action;
  return {
    ok: true,
    async value(io) {
      try {
        return await act({ directory, json }, io);
      } catch (error) {
        if (codeOf(error) === undefined) throw error;
        return fail(io, withCode('There is no spool to be read here', error));
      }
    },
  };
}
