import type { Command, CommandIo, Prepared } from '../command.ts';
import type { SpoolAction, SpoolQuery } from '../spool-contents.ts';
import {
  exportEvents,
  readSpoolQuestion,
  showList,
  showQuarantine,
  showStatus,
} from '../spool-contents.ts';
import { replay } from '../spool-replay.ts';
import { errorCode } from '../terminal.ts';

/** `immutablelog spool`: what is on disk and not in the ledger. */
export const spoolCommand: Command = {
  name: 'spool',
  summary: 'See what waits on disk for the ledger, and send it',
  help: `Usage: immutablelog spool <action> --dir DIR [--json]

Looks into the spool of a service, also into a copy of one from another machine.

  status      events, bytes and age by writer, and whether its process is alive
  list        a line for each event that waits: age, name, key; no payloads
  quarantine  events that the ledger refused for good, with its reason; with --json
              as lines of JSON, with their whole bodies
  export      each event that waits as a line of JSON, with its whole body
  replay      send what waits, with IMTBL_API_KEY and IMTBL_URL; refused while a
              running process holds the spool, since that one sends it itself

All but replay change nothing.
`,
  prepare,
};

const ACTIONS: Readonly<
  Record<SpoolAction, (query: SpoolQuery, io: CommandIo) => Promise<number>>
> = {
  status: showStatus,
  list: showList,
  quarantine: showQuarantine,
  export: exportEvents,
  replay,
};

function prepare(args: readonly string[]): Prepared {
  const question = readSpoolQuestion(args);
  if (!question.ok) return { kind: 'usage', mistake: question.mistake };
  const { action, query } = question;
  return {
    kind: 'ready',
    async run(io) {
      try {
        return await ACTIONS[action](query, io);
      } catch (error) {
        if (errorCode(error) === '') throw error;
        io.stderr.write(`immutablelog: There is no spool to be read here${errorCode(error)}.\n`);
        return 1;
      }
    },
  };
}
