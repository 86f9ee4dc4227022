import { describe, expect, it } from 'vitest';
import { parseCommandLine } from '../../../src/cli/args.ts';
import type { Command } from '../../../src/cli/command.ts';
import { createFakeIo } from './fake-io.ts';

const echo: Command = {
  name: 'echo',
  summary: 'Give the number of options as the exit code',
  help: 'Usage: echo',
  prepare: (args) =>
    args.includes('--wrong')
      ? { kind: 'usage', mistake: 'That is wrong.' }
      : { kind: 'ready', run: () => Promise.resolve(args.length) },
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

  it.each<readonly [string, string[], string, Command | undefined]>([
    ['nothing', [], 'Name a command.', undefined],
    ['an unknown command', ['foo'], 'Unknown command.', undefined],
    ['an unknown option', ['--foo'], 'Unknown option --foo.', undefined],
    ['an option with a value', ['--key=secret'], 'Unknown option --key.', undefined],
    ['a wrong option of a command', ['echo', '--wrong'], 'That is wrong.', echo],
  ])('with %s is a mistake in one sentence', (_title, argv, mistake, command) => {
    expect(parseCommandLine(argv, [echo])).toEqual({ kind: 'usage', mistake, command });
  });
});
