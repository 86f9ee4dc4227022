import { VERSION } from '../version.ts';
import { parseCommandLine } from './arguments.ts';
import type { Command, CommandIo } from './command.ts';
import { digestCommand } from './commands/digest.ts';
import { doctorCommand } from './commands/doctor.ts';
import { emulatorCommand } from './commands/emulator.ts';
import { sendCommand } from './commands/send.ts';
import { spoolCommand } from './commands/spool.ts';
import { printable } from './terminal.ts';

/** Every command, in the order in which the help lists them. A new one is a file and a line here. */
export const COMMANDS: readonly Command[] = [
  emulatorCommand,
  spoolCommand,
  digestCommand,
  doctorCommand,
  sendCommand,
];

/**
 * Runs a command line to its end and resolves to the exit code: 0 when all is well, 1 when the
 * command failed, 2 when the command line makes no sense.
 */
export async function run(argv: readonly string[], io: CommandIo): Promise<number> {
  const request = parseCommandLine(argv, COMMANDS);
  if (request.kind === 'run') return request.run(io);
  if (request.kind === 'usage') {
    io.stderr.write(`immutablelog: ${printable(request.mistake)}\n\n${helpOf(request.command)}`);
    return 2;
  }
  io.stdout.write(request.kind === 'version' ? `${VERSION}\n` : helpOf(request.command));
  return 0;
}

function helpOf(command: Command | undefined): string {
  if (command !== undefined) return command.help;
  const width = Math.max(...COMMANDS.map(({ name }) => name.length));
  const lines = COMMANDS.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
  return `Usage: immutablelog <command> [options]

${lines.join('\n')}

  --help       this text, or the help of a command
  --version    the version of the package
`;
}
