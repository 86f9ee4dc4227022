import type { CommandIo } from '../../src/cli/command.ts';
import { run } from '../../src/cli/run.ts';

/** An io that remembers what was written, with an empty stdin and environment. */
export interface FakeIo extends CommandIo {
  /** All of stdout so far. */
  out(): string;
  /** All of stderr so far. */
  err(): string;
  /** Does what SIGTERM does. */
  end(): void;
}

export function createFakeIo(): FakeIo {
  const ending = new AbortController();
  let out = '';
  let err = '';
  return {
    stdout: { write: (text) => (out += text) },
    stderr: { write: (text) => (err += text) },
    stdin: chunks([]),
    env: {},
    signal: ending.signal,
    out: () => out,
    err: () => err,
    end() {
      ending.abort();
    },
  };
}

/** How a command ended, and what it wrote. */
export interface Ended {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command line in this process, with these chunks as its standard input. */
export async function runCommand(
  argv: readonly string[],
  env: CommandIo['env'] = {},
  stdin: readonly (string | Uint8Array)[] = [],
): Promise<Ended> {
  const io = createFakeIo();
  const exitCode = await run(argv, { ...io, env, stdin: chunks(stdin) });
  return { exitCode, out: io.out(), err: io.err() };
}

function chunks(all: readonly (string | Uint8Array)[]): CommandIo['stdin'] {
  return {
    async *[Symbol.asyncIterator]() {
      yield* all;
    },
  };
}
