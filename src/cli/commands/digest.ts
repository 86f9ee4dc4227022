import { codeOf } from '../../errors.ts';
import { createRedactionCounters } from '../../redact/accounting.ts';
import type { DataClass } from '../../redact/detectors/detector.ts';
import { canonicalForm, createDigester } from '../../redact/digest.ts';
import type { RedactKey } from '../../redact/options.ts';
import { resolveKey } from '../../redact/resolve.ts';
import { createMark } from '../../redact/text.ts';
import { parseOptions, splitWords } from '../arguments.ts';
import { loadRedactKey } from '../client.ts';
import type { Checked, Command, CommandIo, PreparedCommand } from '../command.ts';
import { fail } from '../command.ts';
import { readLines, withCode } from '../terminal.ts';

/** The classes whose digests a person may ask for; the other classes are never hashed. */
const CLASSES: readonly DataClass[] = ['email', 'ip', 'cpf', 'cnpj', 'card', 'phone', 'text'];

/** `immutablelog digest`: what the ledger holds in place of a value. */
export const digestCommand: Command = {
  name: 'digest',
  summary: 'Show what is stored for a value, to find the events about a person',
  help: `Usage: immutablelog digest [--class CLASS] [--in-place | --text] [--key-id ID] [VALUE...]

Prints one line for each value: what stands in an attribute such as user.email_hash and, with a
class, what stands in free text. Without values, or with - in their place, each line of standard
input is a value. Values on the command line end up in the history of the shell and in the list
of processes; standard input avoids that. No value is ever printed.

  --class CLASS  ${CLASSES.join(', ')}: hash the canonical form of the class
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

function prepare(args: readonly string[]): Checked<PreparedCommand> {
  const read = readQuestion(args);
  return read.ok ? { ok: true, value: (io) => answer(read.value, io) } : read;
}

/** What a command line of `digest` asks for; the key is in the environment. */
interface DigestQuestion {
  readonly view: Omit<DigestView, 'key'>;
  readonly hasClass: boolean;
  /** The id the key must have. */
  readonly keyId: string | undefined;
  /** `undefined`: the lines of standard input. */
  readonly values: readonly string[] | undefined;
}

/** What is asked about values. */
interface DigestView {
  readonly dataClass: DataClass;
  /** The key that events are sent with. */
  readonly key: RedactKey | undefined;
  /** What stands in an attribute, what stands in free text, or both, in this order. */
  readonly columns: readonly ('attribute' | 'text')[];
  /** The option `redact.naming` of the events. */
  readonly naming: 'suffix' | 'in-place';
}

const OPTIONS = {
  class: { type: 'string' },
  'key-id': { type: 'string' },
  'in-place': { type: 'boolean' },
  text: { type: 'boolean' },
} as const;

function readQuestion(args: readonly string[]): Checked<DigestQuestion> {
  const { options, words } = splitWords(args, OPTIONS);
  const parsed = parseOptions(options, OPTIONS);
  if (!parsed.ok) return parsed;
  const { class: name, text = false, 'in-place': inPlace = false } = parsed.value;
  const dataClass = CLASSES.find((known) => known === name);
  if (name !== undefined && dataClass === undefined) {
    return { ok: false, mistake: `The class must be one of ${CLASSES.join(', ')}.` };
  }
  const isFound = dataClass !== undefined && dataClass !== 'text';
  const wishes: Wishes = { text, inPlace, words, isFound };
  const mistake = findConflict(wishes);
  if (mistake !== undefined) return { ok: false, mistake };
  const question: DigestQuestion = {
    view: {
      dataClass: dataClass ?? 'text',
      columns: columnsOf(wishes),
      naming: inPlace ? 'in-place' : 'suffix',
    },
    hasClass: dataClass !== undefined,
    keyId: parsed.value['key-id'],
    values: words.length === 0 || words[0] === '-' ? undefined : words,
  };
  return { ok: true, value: question };
}

interface Wishes {
  readonly text: boolean;
  readonly inPlace: boolean;
  readonly words: readonly string[];
  /** Whether free text is searched for the class. */
  readonly isFound: boolean;
}

function findConflict({ text, inPlace, words, isFound }: Wishes): string | undefined {
  if (text && inPlace) return 'Give --text or --in-place, not both.';
  if (text && !isFound) return 'With --text give a --class other than text.';
  if (words.includes('-') && words.length > 1) {
    return 'Give values, or - for standard input, not both.';
  }
  return undefined;
}

function columnsOf({ text, isFound }: Wishes): DigestView['columns'] {
  if (text) return ['text'];
  return isFound ? ['attribute', 'text'] : ['attribute'];
}

async function answer(question: DigestQuestion, io: CommandIo): Promise<number> {
  const { view, keyId, values } = question;
  const loaded = loadRedactKey(io.env);
  if (!loaded.ok) return fail(io, loaded.mistake);
  const key = loaded.value;
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
    if (codeOf(error) === undefined) throw error;
    return withCode('Standard input cannot be read', error);
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

/**
 * Shows what is stored for a value, one line without line break. It is made of the parts that
 * redaction itself is made of, and never shows the value.
 *
 * @throws ExporterError `config_invalid` for a bad key.
 */
function createDigestLine(view: DigestView): (value: string) => string {
  const { dataClass, key, columns, naming } = view;
  const digester = createDigester(key === undefined ? undefined : resolveKey(key));
  const prefix = digester.keyed || naming === 'suffix' ? '' : 'sha256:';
  const forms = {
    attribute: (value: string) =>
      prefix + digester.ofValue(canonicalForm(value, dataClass), dataClass),
    text: createMark(digester, createRedactionCounters()),
  };
  return (value) => columns.map((column) => forms[column](value, dataClass)).join('  ');
}
