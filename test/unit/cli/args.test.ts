import { describe, expect, it } from 'vitest';
import { parseCommandLine } from '../../../src/cli/arguments.ts';
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
