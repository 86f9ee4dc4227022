import { parseArgs } from 'node:util';
import type { ParseArgsConfig } from 'node:util';

/** Arguments of a command, its options apart from the words between and behind them. */
export interface SplitArguments {
  readonly options: readonly string[];
  readonly words: readonly string[];
}

/**
 * Takes the words out of the arguments of a command, so that what is left is options only. What
 * stands behind `--` is words. Refuses nothing.
 */
export function splitWords(
  args: readonly string[],
  options: NonNullable<ParseArgsConfig['options']>,
): SplitArguments {
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
