import type { CommandIo } from '../../../src/cli/command.ts';

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
  const written = { out: '', err: '' };
  return {
    stdout: {
      write(text) {
        written.out += text;
      },
    },
    stderr: {
      write(text) {
        written.err += text;
      },
    },
    stdin: {
      async *[Symbol.asyncIterator]() {},
    },
    env: {},
    signal: ending.signal,
    out: () => written.out,
    err: () => written.err,
    end() {
      ending.abort();
    },
  };
}
