import { readRulesFile } from '../../config/rules-file.ts';
import { codeOf, isExporterError } from '../../errors.ts';
import type { AuditEvent } from '../../record/event.ts';
import { createRedactionCounters } from '../../redact/accounting.ts';
import type { RedactOptions } from '../../redact/options.ts';
import { createRedaction } from '../../redact/redactor.ts';
import type { ResolvedRedaction } from '../../redact/resolve.ts';
import { keylessWarning, requireChoice, resolveRedactOptions } from '../../redact/resolve.ts';
import { parseOptions } from '../arguments.ts';
import { loadRedaction } from '../client.ts';
import type { Checked, Command, CommandIo, PreparedCommand } from '../command.ts';
import { fail } from '../command.ts';
import { Tally, createRedactionReport, parseSampleEvent } from '../redaction-report.ts';
import type { SetUpQuestion } from '../set-up-report.ts';
import { checkSetUp } from '../set-up-report.ts';
import { readLines, withCode } from '../terminal.ts';
import { createReadStream } from 'node:fs';

/** `immutablelog doctor`: looks at the set-up, or tries redaction on samples. */
export const doctorCommand: Command = {
  name: 'doctor',
  summary: 'Check the set-up with one test event, or try redaction on sample events',
  help: `Usage: immutablelog doctor [--no-send]
       immutablelog doctor --redaction FILE.jsonl [options]

Shows Node, the OpenTelemetry packages that an application in this folder finds, which logs API
has a provider, and the configuration, secrets hidden; then sends one test event and prints its
receipt or the exact reason why there is none. The event stays in the ledger like any other.

  --no-send      send no test event (also --dry-run)

Exits with 0 when there is no problem, else with 1.

With --redaction:

Redacts the events of a file, sends nothing, and shows which paths were redacted and where
something still looks personal. No value is ever printed. Each line of the file (- for standard
input) is a JSON object: the payload of a span or log record with its "signal", the body of a
request {"payload":"...","meta":{...}}, or the payload of an event of your own.

  --rules FILE.json  the option redact.rules; a match like "/.../i" is a regular expression
  --mode MODE        deny (default) or allow
  --detect WHERE     text (default), all or off
  --naming NAMING    suffix (default) or in-place

IMTBL_REDACT_KEY, IMTBL_REDACT_RULES, IMTBL_REDACT_MODE and IMTBL_REDACT_DETECT are used as they are
by the exporters; an option goes before its variable. Exits with 0 when nothing that looks personal
is left, with 1 when something is or when a line cannot be read.
`,
  prepare,
};

function prepare(args: readonly string[]): Checked<PreparedCommand> {
  const read = readQuestion(args);
  if (!read.ok) return read;
  const question = read.value;
  return {
    ok: true,
    value: (io) => (question.kind === 'set-up' ? checkSetUp(io, question) : examine(question, io)),
  };
}

/** What a command line of `doctor --redaction` asks for. */
interface RedactionQuestion {
  readonly kind: 'redaction';
  /** The file of samples; `-` for standard input. */
  readonly file: string;
  readonly rulesFile: string | undefined;
  readonly redact: RedactOptions;
}

/** What a command line of `doctor` asks for. */
type DoctorQuestion = RedactionQuestion | ({ readonly kind: 'set-up' } & SetUpQuestion);

const OPTIONS = {
  redaction: { type: 'string' },
  rules: { type: 'string' },
  mode: { type: 'string' },
  detect: { type: 'string' },
  naming: { type: 'string' },
  'no-send': { type: 'boolean' },
  'dry-run': { type: 'boolean' },
} as const;

const SENDING = ['no-send', 'dry-run'];

const MODES = ['deny', 'allow'] as const;
const PLACES = ['text', 'all', 'off'] as const;
const NAMINGS = ['suffix', 'in-place'] as const;

function readQuestion(args: readonly string[]): Checked<DoctorQuestion> {
  const parsed = parseOptions(args, OPTIONS);
  if (!parsed.ok) return parsed;
  const { redaction: file, rules, mode, detect, naming = 'suffix' } = parsed.value;
  const given = Object.keys(parsed.value);
  if (file === undefined) {
    const other = given.find((name) => !SENDING.includes(name));
    if (other !== undefined)
      return { ok: false, mistake: `--${other} belongs to --redaction FILE.` };
    return { ok: true, value: { kind: 'set-up', send: given.length === 0 } };
  }
  if (file === '') return { ok: false, mistake: '--redaction needs a file.' };
  if (given.some((name) => SENDING.includes(name))) {
    return { ok: false, mistake: '--redaction sends nothing anyway.' };
  }
  try {
    const redact: RedactOptions = {
      mode: mode === undefined ? undefined : requireChoice('--mode', mode, MODES),
      detect: detect === undefined ? undefined : requireChoice('--detect', detect, PLACES),
      naming: requireChoice('--naming', naming, NAMINGS),
    };
    return { ok: true, value: { kind: 'redaction', file, rulesFile: rules, redact } };
  } catch (error) {
    if (!isExporterError(error)) throw error;
    return { ok: false, mistake: `${error.message}.` };
  }
}

async function examine(question: RedactionQuestion, io: CommandIo): Promise<number> {
  const configured = configure(question, io.env);
  if (!configured.ok) return fail(io, configured.mistake);
  const warning = keylessWarning(configured.value);
  if (warning !== undefined) io.stderr.write(`note: ${warning}\n`);
  return tryOut(question.file, configured.value, io);
}

function configure(
  { rulesFile, redact }: RedactionQuestion,
  env: CommandIo['env'],
): Checked<ResolvedRedaction> {
  try {
    const rules = rulesFile === undefined ? undefined : readRulesFile(rulesFile);
    const loaded = loadRedaction(env, { ...redact, rules });
    return loaded.ok ? { ok: true, value: resolveRedactOptions(loaded.value) } : loaded;
  } catch (error) {
    if (!isExporterError(error)) throw error;
    return { ok: false, mistake: `${error.message}.` };
  }
}

async function tryOut(file: string, resolved: ResolvedRedaction, io: CommandIo): Promise<number> {
  const counters = createRedactionCounters();
  const redaction = createRedaction(resolved, counters);
  const report = createRedactionReport(resolved);
  const tally = new Tally();
  let unreadable = 0;
  try {
    for await (const { line, sample } of readSamples(file, io)) {
      if (sample.ok) tally.add(line, report(sample.value, redaction.event(sample.value)));
      else {
        unreadable += 1;
        fail(io, `line ${line}: ${sample.mistake}`);
      }
    }
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
    return fail(io, withCode('The file of --redaction cannot be read', error));
  }
  if (io.signal.aborted) return fail(io, 'Ended before the end of the samples.');
  if (tally.events === 0) return fail(io, 'There is no event in the file of --redaction.');
  io.stdout.write(tally.format());
  const { errors } = counters.snapshot();
  if (errors > 0) fail(io, `${errors} values could not be redacted.`);
  return tally.places + unreadable + errors === 0 ? 0 : 1;
}

/** The samples of a file, or of standard input, without its empty lines. */
async function* readSamples(
  file: string,
  io: CommandIo,
): AsyncGenerator<{ readonly line: number; readonly sample: Checked<AuditEvent> }> {
  const input = file === '-' ? io.stdin : createReadStream(file);
  for await (const { number: line, text } of readLines(input, io.signal)) {
    if (text === undefined) yield { line, sample: { ok: false, mistake: 'not UTF-8' } };
    else if (text.trim() !== '') yield { line, sample: parseSampleEvent(text) };
  }
}
