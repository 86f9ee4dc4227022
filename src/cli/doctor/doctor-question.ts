import { isExporterError } from '../../errors.ts';
import type { RedactOptions } from '../../redact/options.ts';
import { requireChoice } from '../../redact/require-option.ts';
import { parseOptions } from '../parse-options.ts';
import type { SetUpQuestion } from './check-set-up.ts';

/** What a command line of `doctor --redaction` asks for. */
export interface RedactionQuestion {
  readonly kind: 'redaction';
  /** The file of samples; `-` for standard input. */
  readonly file: string;
  readonly rulesFile: string | undefined;
  readonly redact: RedactOptions;
}

/** What a command line of `doctor` asks for. */
export type DoctorQuestion = RedactionQuestion | ({ readonly kind: 'set-up' } & SetUpQuestion);

/** The question, or the mistake in one sentence. */
export type ReadQuestion =
  | { readonly ok: true; readonly question: DoctorQuestion }
  | { readonly ok: false; readonly mistake: string };

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

/** Reads the arguments of `doctor`. */
export function readDoctorQuestion(args: readonly string[]): ReadQuestion {
  const parsed = parseOptions(args, OPTIONS);
  if (!parsed.ok) return parsed;
  const {
    redaction: file,
    rules,
    mode = 'deny',
    detect = 'text',
    naming = 'suffix',
  } = parsed.values;
  const given = Object.keys(parsed.values);
  if (file === undefined) {
    const other = given.find((name) => !SENDING.includes(name));
    if (other !== undefined)
      return { ok: false, mistake: `--${other} belongs to --redaction FILE.` };
    return { ok: true, question: { kind: 'set-up', send: given.length === 0 } };
  }
  if (file === '') return { ok: false, mistake: '--redaction needs a file.' };
  if (given.some((name) => SENDING.includes(name))) {
    return { ok: false, mistake: '--redaction sends nothing anyway.' };
  }
  try {
    const redact: RedactOptions = {
      mode: requireChoice('--mode', mode, MODES),
      detect: requireChoice('--detect', detect, PLACES),
      naming: requireChoice('--naming', naming, NAMINGS),
    };
    return { ok: true, question: { kind: 'redaction', file, rulesFile: rules, redact } };
  } catch (error) {
    if (!isExporterError(error)) throw error;
    return { ok: false, mistake: `${error.message}.` };
  }
}
