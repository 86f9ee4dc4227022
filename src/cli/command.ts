/** Where a command reads, writes and learns that it has to end; the process in `bin`, fakes in tests. */
export interface CommandIo {
  readonly stdout: TextSink;
  readonly stderr: TextSink;
  readonly stdin: AsyncIterable<string | Uint8Array>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborted on SIGINT and SIGTERM: come to an end in order. */
  readonly signal: AbortSignal;
}

/** The part of a stream a command writes to. */
export interface TextSink {
  write(text: string): unknown;
}

/** What was read from outside, or the mistake in it: one clear sentence that repeats no value. */
export type Checked<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly mistake: string };

/** A command with its options read; resolves to the exit code. */
export type PreparedCommand = (io: CommandIo) => Promise<number>;

/** One command of `immutablelog`. */
export interface Command {
  /** The word on the command line. */
  readonly name: string;
  /** What it does, for the list of commands; one line. */
  readonly summary: string;
  /** The help of this command. */
  readonly help: string;
  /** Reads what stands behind the name; does nothing yet. */
  prepare(args: readonly string[]): Checked<PreparedCommand>;
}

/** Says in one sentence why a command failed; its exit code. */
export function fail({ stderr }: CommandIo, sentence: string): number {
  stderr.write(`immutablelog: ${sentence}\n`);
  return 1;
}
