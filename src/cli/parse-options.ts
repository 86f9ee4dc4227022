import { type ParseArgsConfig, parseArgs } from 'node:util';

type OptionsConfig = NonNullable<ParseArgsConfig['options']>;

/** Options of one command as they were given, or the mistake in one clear sentence. */
export type ParsedOptions<T extends OptionsConfig> =
  | { readonly ok: true; readonly values: OptionValues<T> }
  | { readonly ok: false; readonly mistake: string };

/** The values `parseArgs` gives for a set of options. */
export type OptionValues<T extends OptionsConfig> = ReturnType<
  typeof parseArgs<{ args: string[]; options: T; strict: true; allowPositionals: false }>
>['values'];

/** Reads the options of a command that takes options only. Never repeats a value: it may be a key. */
export function parseOptions<T extends OptionsConfig>(
  args: readonly string[],
  options: T,
): ParsedOptions<T> {
  try {
    const { values } = parseArgs({
      args: [...args],
      options,
      strict: true,
      allowPositionals: false,
    });
    return { ok: true, values };
  } catch (error) {
    return { ok: false, mistake: describeMistake(error) };
  }
}

const NAMES_OPTIONS_ONLY = /^[A-Z][a-z ]*'-{1,2}[a-z][a-z-]*[ ,<>a-z-]*'[^'@]*$/;

/** The first sentence of Node's own message, where that holds no more than names of options. */
function describeMistake(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL') return 'This command takes options only.';
  if (!(error instanceof Error)) return 'The options cannot be read.';
  const [sentence = ''] = error.message.split(/[.\n]/, 1);
  // What looks like no option is a value that was typed in its place.
  return NAMES_OPTIONS_ONLY.test(sentence) ? `${sentence}.` : 'Unknown option.';
}
