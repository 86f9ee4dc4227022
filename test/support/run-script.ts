import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** How a child process ended, and what it wrote. */
export interface ScriptResult {
  /** Exit code, or the name of the signal that ended it. */
  readonly exit: number | string;
  readonly out: string;
  readonly err: string;
}

/** How to run a script. */
export interface ScriptOptions {
  readonly args?: readonly string[];
  /** Added to the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** After so many ms the child is killed and `exit` is `'SIGKILL'`. @defaultValue 50,000 */
  readonly timeoutMs?: number;
  /** What to run it with. @defaultValue this Node */
  readonly command?: string;
  /** Called with everything written to standard output so far, whenever there is more. */
  readonly onOutput?: (out: string, kill: (signal: NodeJS.Signals) => void) => void;
}

/** The folder of the repository. */
export const REPOSITORY: string = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Runs a script in a process of its own and collects what it writes.
 *
 * @param script - path or, with `command`, the first argument
 */
export function runScript(script: string, options: ScriptOptions = {}): Promise<ScriptResult> {
  const { args = [], env = {}, cwd = REPOSITORY, timeoutMs = 50_000, onOutput } = options;
  const child = spawn(options.command ?? process.execPath, [script, ...args], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString();
    onOutput?.(out, (signal) => child.kill(signal));
  });
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ exit: code ?? String(signal), out, err });
    });
  });
}
