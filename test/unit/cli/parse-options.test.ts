import { describe, expect, it } from 'vitest';
import { parseOptions } from '../../../src/cli/arguments.ts';

const OPTIONS = { port: { type: 'string' }, quiet: { type: 'boolean' } } as const;

describe('the options of a command', () => {
  it('come out under their names', () => {
    const parsed = parseOptions(['--port', '1', '--quiet'], OPTIONS);
    expect(parsed).toMatchObject({ ok: true, values: { port: '1', quiet: true } });
  });

  it.each([
    ['an unknown option', ['--prot', '1'], "Unknown option '--prot'."],
    ['a value in place of an option', ['--ana@example.com'], 'Unknown option.'],
    ['a missing value', ['--port'], "Option '--port <value>' argument missing."],
    [
      'a value that looks like an option',
      ['--port', '--quiet'],
      "Option '--port' argument is ambiguous.",
    ],
    [
      'a value where none belongs',
      ['--quiet=iml_live_1'],
      "Option '--quiet' does not take an argument.",
    ],
    ['a word that is no option', ['iml_live_1'], 'This command takes options only.'],
  ])('with %s are a mistake in one sentence, without any value', (_title, args, mistake) => {
    expect(parseOptions(args, OPTIONS)).toEqual({ ok: false, mistake });
  });
});
