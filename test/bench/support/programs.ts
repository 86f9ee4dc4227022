import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A process of its own that does what it is asked. */
export interface Program {
  /**
   * Sends a request and resolves with the answer.
   *
   * @throws Error with the program's own words when it failed or ended.
   */
  ask(request: object): Promise<Answer>;
  /** Ends the process. */
  stop(): Promise<void>;
}

/** What a program answers; the fields are its own. */
export type Answer = Readonly<Record<string, unknown>>;

/** Each program with the folder for its temporary files, which goes when the program is gone. */
const running = new Map<ChildProcess, string>();

function remove(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}

// Whatever way the benchmark ends, no process may stay behind; programs also end by themselves
// when the channel to the benchmark closes, should it be killed without a chance to clean up.
process.once('exit', () => {
  for (const [child, folder] of running) {
    // Not by force: a program has servers of its own to end.
    child.kill('SIGTERM');
    remove(folder);
  }
});
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  process.once(signal, () => process.exit(code));
}

/** Reads a number out of an answer. */
export function numberIn(answer: Answer, name: string): number {
  const value = answer[name];
  if (typeof value !== 'number') throw new Error(`no ${name} in the answer`);
  return value;
}

/** Starts a program of the folder `programs`. */
export function startProgram(name: string, args: readonly string[] = []): Program {
  const file = fileURLToPath(new URL(`../programs/${name}.js`, import.meta.url));
  const execArgv = ['--expose-gc', ...(process.env['BENCH_NODE_FLAGS'] ?? '').split(' ')];
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  const child = fork(file, [...args], {
    execArgv: execArgv.filter((flag) => flag !== ''),
    env: { ...process.env, TMPDIR: folder },
  });
  running.set(child, folder);
  const gone = once(child, 'exit').then(() => {
    running.delete(child);
    remove(folder);
    return { error: `${name} ${args[0] ?? ''} ended` };
  });
  return {
    async ask(request) {
      const answered = once(child, 'message').then(([message]) => message as Answer);
      if (child.connected) child.send(request);
      const answer: Answer = await Promise.race([answered, gone]);
      if (typeof answer['error'] === 'string') {
        throw new Error(`${name} ${args[0] ?? ''}: ${answer['error']}`);
      }
      return answer;
    },
    async stop() {
      if (child.connected) child.disconnect();
      else child.kill('SIGKILL');
      await gone;
    },
  };
}
