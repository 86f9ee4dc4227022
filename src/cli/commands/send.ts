import { isExporterError } from '../../errors.ts';
import type { Command, CommandIo, Prepared } from '../command.ts';
import { openClient } from '../environment-client.ts';
import { readPayload } from '../read-payload.ts';
import { formatReceipt } from '../receipt-table.ts';
import { readSendQuestion, type SendQuestion } from '../send-question.ts';

/** `immutablelog send`: one event from a shell, a cron job or a pipeline. */
export const sendCommand: Command = {
  name: 'send',
  summary: 'Send one event and print its receipt',
  help: `Usage: immutablelog send --event-name NAME --payload @FILE|-|JSON [options]

Sends one event as the direct client does, redacted like all others, and prints what the ledger
confirmed. A payload on the command line ends up in the history of the shell and in the list of
processes; a file or standard input (-) avoids that.

  --event-name NAME      what happened, such as user.created
  --payload @FILE|-|JSON the evidence, one JSON value
  --type TYPE            success, info (default), error or warning
  --idempotency-key KEY  under the same key the ledger keeps one event (default: a random one)
  --request-id ID        correlates the events of one request
  --trail TRAIL          groups events over services and requests
  --json                 print the receipt as JSON

IMTBL_API_KEY and the other IMTBL_ variables hold as for programs. Exits with 0 when the ledger
took the event, with 1 and the reason when it did not.
`,
  prepare,
};

function prepare(args: readonly string[]): Prepared {
  const read = readSendQuestion(args);
  if (!read.ok) return { kind: 'usage', mistake: read.mistake };
  return { kind: 'ready', run: (io) => send(read.question, io) };
}

async function send({ event, payload, json }: SendQuestion, io: CommandIo): Promise<number> {
  const read = await readPayload(payload, io);
  if (!read.ok) return fail(io, read.mistake);
  const opened = openClient(io.env);
  if (!opened.ok) return fail(io, opened.mistake);
  const { client } = opened;
  try {
    const receipt = await client.send({ ...event, payload: read.payload }, { signal: io.signal });
    io.stdout.write(json ? `${JSON.stringify(receipt)}\n` : formatReceipt(receipt));
    return 0;
  } catch (error) {
    if (!isExporterError(error)) throw error;
    return fail(io, `Not recorded, ${error.code}: ${error.message}.`);
  } finally {
    await client.close();
  }
}

function fail(io: CommandIo, mistake: string): number {
  io.stderr.write(`immutablelog: ${mistake}\n`);
  return 1;
}
