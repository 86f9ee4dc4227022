import { describe, expect, it } from 'vitest';
import { COMMANDS, run } from '../../../src/cli/run.ts';
import { VERSION } from '../../../src/version.ts';
import { createFakeIo } from './fake-io.ts';

describe('immutablelog', () => {
  it('prints its version', async () => {
    const io = createFakeIo();
    await expect(run(['--version'], io)).resolves.toBe(0);
    expect([io.out(), io.err()]).toEqual([`${VERSION}\n`, '']);
  });

  it('lists every command in its help', async () => {
    const io = createFakeIo();
    await expect(run(['--help'], io)).resolves.toBe(0);
    for (const { name, summary } of COMMANDS)
      expect(io.out()).toMatch(new RegExp(`  ${name} +${summary}`));
  });

  it.each(COMMANDS.map((command) => [command.name, command.help]))(
    'prints the help of %s',
    async (name, help) => {
      const io = createFakeIo();
      await expect(run([name, '--help'], io)).resolves.toBe(0);
      expect(io.out()).toBe(help);
      expect(help).toContain(`immutablelog ${name}`);
    },
  );

  it('answers a mistake with one sentence, the help and exit code 2, on stderr only', async () => {
    const io = createFakeIo();
    await expect(run(['emulator', '--prot\u001b[2J'], io)).resolves.toBe(2);
    expect(io.err()).toMatch(/^immutablelog: Unknown option\.\n\nUsage: immutablelog emulator/);
    expect(io.out()).toBe('');
  });

  it('asks for a command when there is none', async () => {
    const io = createFakeIo();
    await expect(run([], io)).resolves.toBe(2);
    expect(io.err()).toMatch(/^immutablelog: Name a command\.\n\nUsage: immutablelog <command>/);
  });
});
