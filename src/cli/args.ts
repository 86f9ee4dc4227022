import type { Command, CommandIo } from './command.ts';

/** What a command line asks for. */
export type Request =
  | { readonly kind: 'version' }
  /** The help of one command, or of all of them. */
  | { readonly kind: 'help'; readonly command: Command | undefined }
  | { readonly kind: 'run'; run(io: CommandIo): Promise<number> }
  /** It makes no sense: the mistake in one clear sentence, and the command it is about. */
  | { readonly kind: 'usage'; readonly mistake: string; readonly command: Command | undefined };

/** Reads a command line, without the node binary and the script in front. */
export function parseCommandLine(argv: readonly string[], commands: readonly Command[]): Request {
  const [first, ...rest] = argv;
  if (first === undefined) return usage('Name a command.');
  if (isHelp(first)) return { kind: 'help', command: undefined };
  if (first === '--version' || first === '-v') return { kind: 'version' };
  const command = commands.find(({ name }) => name === first);
  if (command === undefined) {
    return usage(first.startsWith('-') ? `Unknown option ${nameOf(first)}.` : 'Unknown command.');
  }
  if (rest.some(isHelp)) return { kind: 'help', command };
  const prepared = command.prepare(rest);
  if (prepared.kind === 'usage') return usage(prepared.mistake, command);
  return { kind: 'run', run: (io) => prepared.run(io) };
}

function isHelp(argument: string): boolean {
  return argument === '--help' || argument === '-h';
}

/** An option without its value, which may be a secret. */
function nameOf(option: string): string {
  return option.split('=', 1)[0] ?? option;
}

function usage(mistake: string, command?: Command): Request {
  return { kind: 'usage', mistake, command };
}
