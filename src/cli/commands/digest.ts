import { canonicalForm } from '../../redact/canonical.ts';
import type { RedactKey } from '../../redact/options.ts';
import type { Command, CommandIo, Prepared } from '../command.ts';
import { createDigestLine } from '../digest-line.ts';
import { DIGEST_CLASSES, type DigestQuestion, readDigestQuestion } from '../digest-question.ts';
import { errorCode } from '../error-code.ts';
import { readLines } from '../read-lines.ts';
import { loadRedactKey } from '../redact-key.ts';

/** `immutablelog digest`: what the ledger holds in place of a value. */
export const digestCommand: Command = {
  name: 'digest',
  summary: 'Show what is stored for a value, to find the events about a person',
  help: `Usage: immutablelog digest [--class CLASS] [--in-place | --text] [--key-id ID] [VALUE...]

Prints one line for each value: what stands in an attribute such as user.email_hash and, with a
class, what stands in free text. Without values, or with - in their place, each line of standard
input is a value. Values on the command line end up in the history of the shell and in the list
of processes; standard input avoids that. No value is ever printed.

  --class CLASS  ${DIGEST_CLASSES.join(', ')}: hash the canonical form of the class
                 (default: the exact bytes)
  --in-place     the attribute as redact.naming 'in-place' stores it: sha256:<hex>
  --text         only what stands in free text, such as [email sha256:<hex>]
  --key-id ID    make sure that this is the key that is used

IMTBL_REDACT_KEY=<id>:<base64> holds the key that the events were sent with; without it the
digests are plain SHA-256. The digest of a key differs from class to class. A class that shows as
a marker alone, such as [cpf], cannot be searched for in free text.
`,
  prepare,
};

function prepare(args: readonly string[]): Prepared {
  const read = readDigestQuestion(args);
  if (!read.ok) return { kind: 'usage', mistake: read.mistake };
  return { kind: 'ready', run: (io) => answer(read.question, io) };
}

async function answer(question: DigestQuestion, io: CommandIo): Promise<number> {
  const { view, keyId, values } = question;
  const loaded = loadRedactKey(io.env);
  if (!loaded.ok) return fail(io, loaded.mistake);
  const { key } = loaded;
  if (keyId !== undefined && keyId !== key?.id) return fail(io, otherKey(key));
  const lineOf = createDigestLine({ ...view, key });
  let respelled = 0;
  const print = (value: string): void => {
    if (canonicalForm(value, view.dataClass) !== value) respelled += 1;
    io.stdout.write(`${lineOf(value)}\n`);
  };
  if (values === undefined) {
    const mistake = await printLines(io, print);
    if (mistake !== undefined) return fail(io, mistake);
  } else values.forEach(print);
  if (key !== undefined && !question.hasClass) io.stderr.write(CLASS_MATTERS);
  if (key === undefined && view.columns.includes('attribute')) io.stderr.write(hint(respelled));
  return 0;
}

function otherKey(key: RedactKey | undefined): string {
  const holds = key === undefined ? 'is not set' : `holds the key ${key.id}`;
  return `There is no key with the id of --key-id: IMTBL_REDACT_KEY ${holds}.`;
}

/** Prints for each line of standard input; what went wrong, if something did. */
async function printLines(
  io: CommandIo,
  print: (value: string) => void,
): Promise<string | undefined> {
  try {
    for await (const { number, text } of readLines(io.stdin, io.signal)) {
      if (text === undefined) return `Line ${number} of standard input is not UTF-8.`;
      print(text);
    }
  } catch (error) {
    if (errorCode(error) === '') throw error;
    return `Standard input cannot be read${errorCode(error)}.`;
  }
  return io.signal.aborted ? 'Ended before the end of standard input.' : undefined;
}

const CLASS_MATTERS =
  'note: The digest of a key differs from class to class; without --class this is the one of ' +
  'class text.\n';

/** Without a key the attributes of redaction hold digests of values as they were written. */
function hint(respelled: number): string {
  if (respelled === 0) return '';
  return (
    `note: ${respelled} of the values are not in canonical form. Without a key an attribute holds ` +
    'the digest of the value as it was written: run without --class for that one.\n'
  );
}

function fail(io: CommandIo, mistake: string): number {
  io.stderr.write(`immutablelog: ${mistake}\n`);
  return 1;
}
