import { codeOf } from '../errors.ts';
import type { Checked, Command, PreparedCommand } from './command.ts';
import type { ParseArgsConfig } from 'node:util';
import { parseArgs } from 'node:util';

/** What a command line asks for. */
export type Request =
  | { readonly kind: 'version' }
  /** The help of one command, or of all of them. */
  | { readonly kind: 'help'; readonly command: Command | undefined }
  | { readonly kind: 'run'; readonly run: PreparedCommand }
  /** It makes no sense: the mistake in one clear sentence, and the command it is about. */
  | { readonly kind: 'usage'; readonly mistake: string; readonly command: Command | undefined };

/** Reads a command line, without the node binary and the script in front. */
export function parseCommandLine(argv: readonly string[], commands: readonly Command[]): Request {
  const [first, ...rest] = argv;
  if (first === undefined) return usage('Name a command.');
  if (isHelp(first)) return { kind: 'help', command: undefined };
  if (first === '--version' || first === '-v') return { kind: 'version' };
  const command = commands.find(({ name }) => name === first);
  if (command === undefined) {
    return usage(first.startsWith('-') ? `Unknown option ${nameOf(first)}.` : 'Unknown command.');
  }
  if (rest.some(isHelp)) return { kind: 'help', command };
  const prepared = command.prepare(rest);
  return prepared.ok ? { kind: 'run', run: prepared.value } : usage(prepared.mistake, command);
}

function isHelp(argument: string): boolean {
  return argument === '--help' || argument === '-h';
}

/** An option without its value, which may be a secret. */
function nameOf(option: string): string {
  return option.split('=', 1)[0] ?? option;
}

function usage(mistake: string, command?: Command): Request {
  return { kind: 'usage', mistake, command };
}

type OptionsConfig = NonNullable<ParseArgsConfig['options']>;

/** The values `parseArgs` gives for a set of options. */
type OptionValues<T extends OptionsConfig> = ReturnType<
  typeof parseArgs<{ args: string[]; options: T; strict: true; allowPositionals: false }>
>['values'];

/** Reads the options of a command that takes options only. Never repeats a value: it may be a key. */
export function parseOptions<T extends OptionsConfig>(
  args: readonly string[],
  options: T,
): Checked<OptionValues<T>> {
  try {
    const parsed = parseArgs({ args: [...args], options, strict: true, allowPositionals: false });
    return { ok: true, value: parsed.values };
  } catch (error) {
    return { ok: false, mistake: describeMistake(error) };
  }
}

const NAMES_OPTIONS_ONLY = /^[A-Z][a-z ]*'-{1,2}[a-z][a-z-]*[ ,<>a-z-]*'[^'@]*$/;

/** The first sentence of Node's own message, where that holds no more than names of options. */
function describeMistake(error: unknown): string {
  if (codeOf(error) === 'ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL') {
    return 'This command takes options only.';
  }
  if (!(error instanceof Error)) return 'The options cannot be read.';
  const [sentence = ''] = error.message.split(/[.\n]/, 1);
  // What looks like no option is a value that was typed in its place.
  return NAMES_OPTIONS_ONLY.test(sentence) ? `${sentence}.` : 'Unknown option.';
}

/** Arguments of a command, its options apart from the words between and behind them. */
export interface SplitArguments {
  readonly options: readonly string[];
  readonly words: readonly string[];
}

/**
 * Takes the words out of the arguments of a command, so that what is left is options only. What
 * stands behind `--` is words. Refuses nothing.
 */
export function splitWords(args: readonly string[], options: OptionsConfig): SplitArguments {
  const { tokens } = parseArgs({
    args: [...args],
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const words = tokens.filter((token) => token.kind === 'positional');
  const taken = new Set(tokens.filter(({ kind }) => kind !== 'option').map(({ index }) => index));
  return {
    options: args.filter((_argument, index) => !taken.has(index)),
    words: words.map(({ value }) => value),
  };
}
