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

/** A command with its options read: ready to run, or the mistake in one clear sentence. */
export type Prepared =
  | { readonly kind: 'ready'; run(io: CommandIo): Promise<number> }
  | { readonly kind: 'usage'; readonly mistake: string };

/** One command of `immutablelog`. */
export interface Command {
  /** The word on the command line. */
  readonly name: string;
  /** What it does, for the list of commands; one line. */
  readonly summary: string;
  /** The help of this command. */
  readonly help: string;
  /** Reads what stands behind the name; does nothing yet. `run` resolves to the exit code. */
  prepare(args: readonly string[]): Prepared;
}
