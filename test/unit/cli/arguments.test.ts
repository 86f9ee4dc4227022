import { describe, expect, it } from 'vitest';
import { parseCommandLine, parseOptions } from '../../../src/cli/arguments.ts';
import type { Command } from '../../../src/cli/command.ts';
import { createFakeIo } from '../../support/fake-io.ts';

const echo: Command = {
  name: 'echo',
  summary: 'Give the number of options as the exit code',
  help: 'Usage: echo',
  prepare: (args) =>
    args.includes('--wrong')
      ? { ok: false, mistake: 'That is wrong.' }
      : { ok: true, value: () => Promise.resolve(args.length) },
};

describe('a command line', () => {
  it('runs its command with the options behind it', async () => {
    const request = parseCommandLine(['echo', '--a', '--b'], [echo]);
    expect(request.kind).toBe('run');
    await expect(request.kind === 'run' && request.run(createFakeIo())).resolves.toBe(2);
  });

  it.each([['--version'], ['-v']])('asks for the version by %s', (option) => {
    expect(parseCommandLine([option], [echo])).toEqual({ kind: 'version' });
  });

  it.each([['--help'], ['-h']])('asks for help by %s, alone or behind a command', (option) => {
    expect(parseCommandLine([option], [echo])).toEqual({ kind: 'help', command: undefined });
    expect(parseCommandLine(['echo', '--wrong', option], [echo])).toEqual({
      kind: 'help',
      command: echo,
    });
  });

  it.each<readonly [string, string[], { mistake: string; command: Command | undefined }]>([
    ['nothing', [], { mistake: 'Name a command.', command: undefined }],
    ['an unknown command', ['foo'], { mistake: 'Unknown command.', command: undefined }],
    ['an unknown option', ['--foo'], { mistake: 'Unknown option --foo.', command: undefined }],
    [
      'an option with a value',
      ['--key=secret'],
      { mistake: 'Unknown option --key.', command: undefined },
    ],
    [
      'a wrong option of a command',
      ['echo', '--wrong'],
      { mistake: 'That is wrong.', command: echo },
    ],
  ])('with %s is a mistake in one sentence', (_title, argv, expected) => {
    expect(parseCommandLine(argv, [echo])).toEqual({ kind: 'usage', ...expected });
  });
});

const OPTIONS = { port: { type: 'string' }, quiet: { type: 'boolean' } } as const;

describe('the options of a command', () => {
  it('come out under their names', () => {
    const parsed = parseOptions(['--port', '1', '--quiet'], OPTIONS);
    expect(parsed).toMatchObject({ ok: true, value: { port: '1', quiet: true } });
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
