import type { Command } from '../command.ts';
import { digestCommand } from './digest.ts';
import { doctorCommand } from './doctor.ts';
import { emulatorCommand } from './emulator.ts';
import { sendCommand } from './send.ts';
import { spoolCommand } from './spool.ts';

/** Every command, in the order in which the help lists them. A new one is a file and a line here. */
export const COMMANDS: readonly Command[] = [
  emulatorCommand,
  spoolCommand,
  digestCommand,
  doctorCommand,
  sendCommand,
];
