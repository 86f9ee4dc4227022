import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../../src/cli/run.ts';
import { VERSION } from '../../../src/version.ts';
import { runCommand } from '../../support/fake-io.ts';

describe('immutablelog', () => {
  it('prints its version', async () => {
    const expected = { exitCode: 0, out: `${VERSION}\n`, err: '' };
    expect(await runCommand(['--version'])).toEqual(expected);
  });

  it('lists every command in its help', async () => {
    const { exitCode, out } = await runCommand(['--help']);
    expect(exitCode).toBe(0);
    for (const { name, summary } of COMMANDS) {
      expect(out).toMatch(new RegExp(`  ${name} +${summary}`));
    }
  });

  it.each(COMMANDS.map((command) => [command.name, command.help]))(
    'prints the help of %s',
    async (name, help) => {
      expect(await runCommand([name, '--help'])).toEqual({ exitCode: 0, out: help, err: '' });
      expect(help).toContain(`immutablelog ${name}`);
    },
  );

  it('answers a mistake with one sentence, the help and exit code 2, on stderr only', async () => {
    const { exitCode, out, err } = await runCommand(['emulator', '--prot\u001b[2J']);
    expect([exitCode, out]).toEqual([2, '']);
    expect(err).toMatch(/^immutablelog: Unknown option\.\n\nUsage: immutablelog emulator/);
  });

  it('asks for a command when there is none', async () => {
    const { exitCode, err } = await runCommand([]);
    expect(exitCode).toBe(2);
    expect(err).toMatch(/^immutablelog: Name a command\.\n\nUsage: immutablelog <command>/);
  });
});
