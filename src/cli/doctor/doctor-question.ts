import { isExporterError } from '../../errors.ts';
import type { RedactOptions } from '../../redact/options.ts';
import { requireChoice } from '../../redact/require-option.ts';
import { parseOptions } from '../parse-options.ts';

/** What a command line of `doctor` asks for. */
export interface DoctorQuestion {
  /** The file of samples; `-` for standard input. */
  readonly file: string;
  readonly rulesFile: string | undefined;
  readonly redact: RedactOptions;
}

/** The question, or the mistake in one sentence. */
export type ReadQuestion =
  | { readonly ok: true; readonly question: DoctorQuestion }
  | { readonly ok: false; readonly mistake: string };

const OPTIONS = {
  redaction: { type: 'string' },
  rules: { type: 'string' },
  mode: { type: 'string', default: 'deny' },
  detect: { type: 'string', default: 'text' },
  naming: { type: 'string', default: 'suffix' },
} as const;

const MODES = ['deny', 'allow'] as const;
const PLACES = ['text', 'all', 'off'] as const;
const NAMINGS = ['suffix', 'in-place'] as const;

/** Reads the arguments of `doctor`. */
export function readDoctorQuestion(args: readonly string[]): ReadQuestion {
  const parsed = parseOptions(args, OPTIONS);
  if (!parsed.ok) return parsed;
  const { redaction: file, rules, mode, detect, naming } = parsed.values;
  if (file === undefined || file === '') {
    return { ok: false, mistake: '--redaction FILE is the only check there is for now.' };
  }
  try {
    const redact: RedactOptions = {
      mode: requireChoice('--mode', mode, MODES),
      detect: requireChoice('--detect', detect, PLACES),
      naming: requireChoice('--naming', naming, NAMINGS),
    };
    return { ok: true, question: { file, rulesFile: rules, redact } };
  } catch (error) {
    if (!isExporterError(error)) throw error;
    return { ok: false, mistake: `${error.message}.` };
  }
}
