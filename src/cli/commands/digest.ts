import { codeOf } from '../../errors.ts';
import { createRedactionCounters } from '../../redact/accounting.ts';
import type { DataClass } from '../../redact/detectors/detector.ts';
import type { Digester } from '../../redact/digest.ts';
import { canonicalForm, createDigester } from '../../redact/digest.ts';
import type { RedactKey } from '../../redact/options.ts';
import { resolveKey } from '../../redact/resolve.ts';
import { createMark, isMask } from '../../redact/text.ts';
import { parseOptions, splitWords } from '../arguments.ts';
import { loadRedactKeys } from '../client.ts';
import type { Checked, Command, CommandIo, PreparedCommand } from '../command.ts';
import { fail } from '../command.ts';
import { formatTable, readLines, withCode } from '../terminal.ts';

/** The classes whose digests a person may ask for; the other classes are never hashed. */
const CLASSES: readonly DataClass[] = ['email', 'ip', 'cpf', 'cnpj', 'card', 'phone', 'text'];

/** `immutablelog digest`: what the ledger holds in place of a value. */
export const digestCommand: Command = {
  name: 'digest',
  summary: 'Show what is stored for a value, to find the events about a person',
  help: `Usage: immutablelog digest [--class CLASS] [--in-place | --text | --quiet] [--key-id ID]
                           [VALUE...]

Prints what is stored in place of each value. Without --class that is one line: the digest of the
exact bytes, as sha256sum prints it. With --class each line says where it is found: in an attribute
such as user.email_hash or in free text. Without a key an attribute holds the digest of the bytes
as they were written, so 529.982.247-25 and 52998224725 have two; free text holds the first 32 hex
digits of the digest of the canonical form. An empty line stands between two values.

Without values, or with - in their place, each line of standard input is a value. Values on the
command line end up in the history of the shell and in the list of processes; standard input avoids
that. No value is ever printed.

  --class CLASS  ${CLASSES.join(', ')}: what the value is
                 (default: the exact bytes of a text)
  --in-place     the attribute as redact.naming 'in-place' stores it: sha256:<hex>
  --text         only what stands in free text, such as [email sha256:<hex>]
  --quiet        for scripts: only what can be searched for, one on each line and each once, so
                 that grep -F -f - finds the events
  --key-id ID    only what is stored under this key

IMTBL_REDACT_KEY=<id>:<base64>,<id>:<base64> holds the keys that the events were sent with, the
active one first; without it the digests are plain SHA-256. Each key has lines of its own. A digest
under a key is the one of the canonical form everywhere, and differs from class to class. A class
that shows as a marker alone, such as [cpf], cannot be searched for in free text.
`,
  prepare,
};

function prepare(args: readonly string[]): Checked<PreparedCommand> {
  const read = readQuestion(args);
  return read.ok ? { ok: true, value: (io) => answer(read.value, io) } : read;
}

/** What a command line of `digest` asks for; the keys are in the environment. */
interface DigestQuestion {
  readonly view: DigestView;
  /** Whether a class was given. */
  readonly hasClass: boolean;
  readonly output: 'told apart' | 'bare' | 'quiet';
  /** The id of the one key that is asked about. */
  readonly keyId: string | undefined;
  /** `undefined`: the lines of standard input. */
  readonly values: readonly string[] | undefined;
}

/** What is asked about values. */
interface DigestView {
  readonly dataClass: DataClass;
  /** What stands in an attribute, what stands in free text, or both, in this order. */
  readonly places: readonly ('attribute' | 'text')[];
  /** The option `redact.naming` of the events. */
  readonly naming: 'suffix' | 'in-place';
}

const OPTIONS = {
  class: { type: 'string' },
  'key-id': { type: 'string' },
  'in-place': { type: 'boolean' },
  text: { type: 'boolean' },
  quiet: { type: 'boolean' },
} as const;

function readQuestion(args: readonly string[]): Checked<DigestQuestion> {
  const { options, words } = splitWords(args, OPTIONS);
  const parsed = parseOptions(options, OPTIONS);
  if (!parsed.ok) return parsed;
  const { class: name, text = false, 'in-place': inPlace = false } = parsed.value;
  const dataClass = CLASSES.find((known) => known === (name ?? 'text'));
  if (dataClass === undefined) {
    return { ok: false, mistake: `The class must be one of ${CLASSES.join(', ')}.` };
  }
  const wishes: Wishes = { text, inPlace, words, isFound: dataClass !== 'text' };
  const mistake = findConflict(wishes);
  if (mistake !== undefined) return { ok: false, mistake };
  const places = placesOf(wishes);
  const question: DigestQuestion = {
    view: { dataClass, places, naming: inPlace ? 'in-place' : 'suffix' },
    hasClass: name !== undefined,
    output: outputOf(parsed.value.quiet, places),
    keyId: parsed.value['key-id'],
    values: words.length === 0 || words[0] === '-' ? undefined : words,
  };
  return { ok: true, value: question };
}

function outputOf(
  quiet: boolean | undefined,
  places: DigestView['places'],
): DigestQuestion['output'] {
  if (quiet === true) return 'quiet';
  return places.length > 1 ? 'told apart' : 'bare';
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

function placesOf({ text, isFound }: Wishes): DigestView['places'] {
  if (text) return ['text'];
  return isFound ? ['attribute', 'text'] : ['attribute'];
}

async function answer(question: DigestQuestion, io: CommandIo): Promise<number> {
  const { view, keyId, values } = question;
  const loaded = loadRedactKeys(io.env);
  if (!loaded.ok) return fail(io, loaded.mistake);
  const all = loaded.value;
  const keys = keyId === undefined ? all : all.filter(({ id }) => id === keyId);
  if (keyId !== undefined && keys.length === 0) return fail(io, otherKey(all));
  const find = createFinder(view, keys, all[0]?.id);
  const format = FORMATS[question.output]();
  const print = (value: string): void => {
    io.stdout.write(format(find(value)));
  };
  if (values === undefined) {
    const mistake = await printLines(io, print);
    if (mistake !== undefined) return fail(io, mistake);
  } else values.forEach(print);
  if (keys.length > 0 && !question.hasClass) io.stderr.write(CLASS_MATTERS);
  return 0;
}

function otherKey(keys: readonly RedactKey[]): string {
  const ids = keys.map(({ id }) => id).join(', ');
  const holds =
    keys.length === 0 ? 'is not set' : `holds the ${keys.length === 1 ? 'key' : 'keys'} ${ids}`;
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

/** What is stored in one place in place of a value. */
interface Stored {
  readonly shown: string;
  /** The part of it that stands wherever it does; `undefined` when it tells nobody apart. */
  readonly pattern: string | undefined;
  /** Where it is found. */
  readonly where: string;
}

/**
 * Says what is stored for a value. It is made of the parts that redaction itself is made of, and
 * never shows the value.
 *
 * @throws ExporterError `config_invalid` for a bad key.
 */
function createFinder(
  view: DigestView,
  keys: readonly RedactKey[],
  activeId: string | undefined,
): (value: string) => readonly Stored[] {
  const finders =
    keys.length === 0
      ? [createFinderFor(view, createDigester(undefined), '')]
      : keys.map((key) => {
          const label = `, under the ${key.id === activeId ? 'active' : 'older'} key ${key.id}`;
          return createFinderFor(view, createDigester(resolveKey(key)), label);
        });
  return (value) => finders.flatMap((find) => find(value));
}

function createFinderFor(
  { dataClass, places, naming }: DigestView,
  digester: Digester,
  label: string,
): (value: string) => readonly Stored[] {
  const prefix = digester.keyed || naming === 'suffix' ? '' : 'sha256:';
  const attribute = (value: string, where: string): Stored => {
    const digest = prefix + digester.ofValue(value, dataClass);
    return { shown: digest, pattern: digest, where: `attribute${where}` };
  };
  const mark = createMark(digester, createRedactionCounters());
  const forms = {
    attribute(value: string): readonly Stored[] {
      if (digester.keyed || dataClass === 'text') return [attribute(value, label)];
      const canonical = canonicalForm(value, dataClass);
      if (canonical === value) return [attribute(value, SAME)];
      return [attribute(value, WRITTEN), attribute(canonical, CANONICAL)];
    },
    text(value: string): readonly Stored[] {
      const shown = mark(value, dataClass);
      if (isMask(shown)) return [{ shown, pattern: undefined, where: `free text${ALONE}` }];
      const where = `free text${digester.keyed ? label : SHORTENED}`;
      return [{ shown, pattern: digester.inText(value, dataClass), where }];
    },
  };
  return (value) => places.flatMap((place) => forms[place](value));
}

const WRITTEN = ': the bytes as written';
const CANONICAL = ': the canonical form, where it was written so';
const SAME = ': the bytes as written, which are the canonical form';
const SHORTENED = ': the canonical form, shortened';
const ALONE = ': a marker alone, which cannot be searched for';

type Format = (found: readonly Stored[]) => string;

const FORMATS: Readonly<Record<DigestQuestion['output'], () => Format>> = {
  'told apart': () => {
    let gap = '';
    return (found) => {
      const text = gap + formatTable(found.map(({ shown, where }) => [shown, where]));
      gap = '\n';
      return text;
    };
  },
  bare: () => (found) => found.map(({ shown }) => `${shown}\n`).join(''),
  quiet: () => {
    const known = new Set<string | undefined>([undefined]);
    return (found) => {
      const fresh = found.flatMap(({ pattern }) => {
        if (pattern === undefined || known.has(pattern)) return [];
        known.add(pattern);
        return `${pattern}\n`;
      });
      return fresh.join('');
    };
  },
};
