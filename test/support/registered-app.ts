import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import type { Emulator } from '../../src/emulator/index.ts';
import { createEmulator } from '../../src/emulator/index.ts';
import { eventually } from './eventually.ts';
import { REPOSITORY, runScript } from './run-script.ts';
import type { ScriptResult } from './run-script.ts';

/** The flag that is all an application needs. */
export const REGISTER = 'opentelemetry-exporter-immutablelog/register';
/** Where the applications are. */
export const APPS = 'test/process/fixtures/register';

/** How to run an application under the flag. */
export interface AppOptions {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly timeoutMs?: number;
  /** Called once it listens, with its URL; what it returns is sent to the process. */
  readonly whileUp?: (url: string) => Promise<NodeJS.Signals>;
  /** Sent after that, as soon as the condition holds. */
  readonly second?: { readonly signal: NodeJS.Signals; readonly when: () => boolean };
}

/** Runs an application under the flag, with nothing but the key and the URL of a ledger set. */
export function runApp(
  ledger: Emulator,
  script: string,
  options: AppOptions = {},
): Promise<ScriptResult> {
  const { args = [], env = {}, whileUp, second, ...rest } = options;
  let up = false;
  return runScript('--import', {
    args: [REGISTER, script, ...args],
    env: {
      IMTBL_URL: ledger.url,
      IMTBL_API_KEY: 'local',
      IMTBL_REDACT_KEY: `k1:${Buffer.alloc(32, 7).toString('base64')}`,
      ...env,
    },
    onOutput: (out, kill) => {
      const port = /port (\d+)/.exec(out)?.[1];
      if (port === undefined || up) return;
      up = true;
      void whileUp?.(`http://127.0.0.1:${port}`).then(async (signal) => {
        kill(signal);
        if (second === undefined) return;
        await eventually(second.when);
        kill(second.signal);
      });
    },
    ...rest,
  });
}

/**
 * Makes a project with the applications in which the package is installed with its required peers
 * and the given packages: without the auto-instrumentations a process starts in two thirds of the
 * time.
 */
export function createProject(
  packages: readonly string[] = ['@opentelemetry/sdk-node', '@opentelemetry/api-logs'],
): string {
  const folder = mkdtempSync(join(tmpdir(), 'register-'));
  const modules = join(folder, 'node_modules');
  const own = join(modules, 'opentelemetry-exporter-immutablelog');
  mkdirSync(join(modules, '@opentelemetry'), { recursive: true });
  cpSync(join(REPOSITORY, 'dist'), join(own, 'dist'), { recursive: true });
  cpSync(join(REPOSITORY, 'package.json'), join(own, 'package.json'));
  for (const name of ['undici', '@opentelemetry/api', '@opentelemetry/core', ...packages]) {
    symlinkSync(join(REPOSITORY, 'node_modules', name), join(modules, name));
  }
  cpSync(join(REPOSITORY, APPS), folder, { recursive: true });
  return folder;
}

/** Sends so many requests to the users of an application, all at once. */
export async function visit(url: string, count: number): Promise<void> {
  await Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const answer = await fetch(`${url}/users/${index}`);
      await answer.text();
    }),
  );
}

/** How often each event name is in the ledger. */
export function namesIn(ledger: Emulator): Readonly<Record<string, number>> {
  const names: Record<string, number> = {};
  for (const { eventName } of ledger.events()) names[eventName] = (names[eventName] ?? 0) + 1;
  return names;
}

/** Applications in a project of their own, with a ledger for each test. */
export interface RegisteredProject {
  readonly ledger: () => Emulator;
  /** Its folder. */
  readonly folder: () => string;
  /** Writes a file into the project; its path. */
  readonly write: (name: string, text: string) => string;
  /** Runs a script of the project under the flag. */
  readonly run: (script: string, options?: AppOptions) => Promise<ScriptResult>;
}

/** Makes one for the tests of a file, and takes it away after them. */
export function registeredProject(): RegisteredProject {
  let ledger: Emulator;
  let folder: string;
  beforeAll(() => {
    folder = createProject();
  });
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  beforeEach(async () => {
    ledger = await createEmulator({ apiKey: 'local' });
  });
  afterEach(() => ledger.close());
  return {
    ledger: () => ledger,
    folder: () => folder,
    write(name, text) {
      const path = join(folder, name);
      writeFileSync(path, text);
      return path;
    },
    run: (script, options = {}) => runApp(ledger, script, { cwd: folder, ...options }),
  };
}
