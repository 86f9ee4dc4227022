import { existsSync, readdirSync, statSync } from 'node:fs';
import process from 'node:process';
import { describe } from 'vitest';
import type { ScriptOptions, ScriptResult } from './run-script.ts';
import { REPOSITORY, runScript } from './run-script.ts';

/** A program that runs JavaScript outside of a browser. */
export interface Runtime {
  readonly name: string;
  /** `undefined` where it is not installed. */
  readonly command: string | undefined;
  /** What stands before the script. */
  readonly args: readonly string[];
}

/** Where all must be there, a missing one is a failure of its tests. */
const areRequired = process.env['CI'] === 'true' || process.env['RUNTIMES'] === 'required';

/** What a package leaves in the place of its program where its install script may not run is small. */
const LEAST_BYTES = 2 ** 20;

const MODULES = `${REPOSITORY}node_modules`;

/** The program of a package from npm, or of one of its packages for this platform. */
function installed(place: string, scope: string, path: string): string | undefined {
  const folder = `${MODULES}/${scope}`;
  const platforms = existsSync(folder) ? readdirSync(folder) : [];
  const places = [place, ...platforms.map((platform) => `${scope}/${platform}/${path}`)];
  return places
    .map((each) => `${MODULES}/${each}`)
    .find((each) => (statSync(each, { throwIfNoEntry: false })?.size ?? 0) > LEAST_BYTES);
}

const NODE: Runtime = { name: 'Node', command: process.execPath, args: [] };

/** Bun, which has `fetch` in the place of undici. */
export const BUN: Runtime = {
  name: 'Bun',
  command: installed('bun/bin/bun.exe', '@oven', 'bin/bun'),
  args: [],
};

/** Deno, with all permissions. */
export const DENO: Runtime = {
  name: 'Deno',
  command: installed('deno/deno', '@deno', 'deno'),
  args: ['run', '--allow-all'],
};

/** Those that run the client. */
export const CLIENT_RUNTIMES: readonly Runtime[] = [NODE, BUN, DENO];
/** Those that run the client, the worker, the spool and the emulator. */
export const FULL_RUNTIMES: readonly Runtime[] = [NODE, DENO];

/** Runs a script in a process of its own, as {@link runScript} does. */
export type RunOn = (script: string, options?: ScriptOptions) => Promise<ScriptResult>;

/** Tests that hold on several runtimes; they are skipped by its name where one is not installed. */
export function describeOn(
  runtimes: readonly Runtime[],
  title: string,
  body: (run: RunOn) => void,
): void {
  for (const { name, command, args } of runtimes) {
    const isMissing = command === undefined && !areRequired;
    describe.skipIf(isMissing)(`${title} on ${name}`, () => {
      body((script, options = {}) => {
        if (command === undefined) throw new Error(`${name} is not installed`);
        const [first = script, ...rest] = [...args, script, ...(options.args ?? [])];
        const env = { NO_COLOR: '1', DENO_NO_UPDATE_CHECK: '1', ...options.env };
        return runScript(first, { ...options, command, args: rest, env });
      });
    });
  }
}
