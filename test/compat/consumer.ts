import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { REPOSITORY, runScript } from '../support/run-script.ts';
import type { ScriptOptions, ScriptResult } from '../support/run-script.ts';

/** A project in which the packed package is installed from its tarball. */
export interface Consumer {
  readonly folder: string;
  /** The tarball, in the folder. */
  readonly tarball: string;
  /** The Node of its line of the SDK. */
  readonly node: string;
  /** Runs a script of the project with that Node. */
  run(script: string, options?: ScriptOptions): Promise<ScriptResult>;
  remove(): void;
}

const HERE = join(REPOSITORY, 'test/compat');
const INSTALL_MS = 300_000;

async function npm(args: readonly string[], cwd: string): Promise<void> {
  const [first = '', ...rest] = args;
  const result = await runScript(first, { command: 'npm', args: rest, cwd, timeoutMs: INSTALL_MS });
  if (result.exit !== 0) throw new Error(`npm ${first} failed: ${result.err || result.out}`);
}

/**
 * Packs what was built and installs it from the registry, with the packages of a line of the SDK or
 * with the tools that read it.
 */
export async function installConsumer(line: 2 | 3 | '2-first' | 'tools'): Promise<Consumer> {
  const folder = mkdtempSync(join(tmpdir(), `compat-${line}-`));
  const project = line === 'tools' ? line : `line-${line}`;
  cpSync(join(HERE, project, 'package.json'), join(folder, 'package.json'));
  cpSync(join(HERE, line === 'tools' ? 'consumer/tools' : 'consumer'), folder, { recursive: true });
  await npm(['pack', '--ignore-scripts', '--pack-destination', folder], REPOSITORY);
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? 'no tarball';
  // The engines of line 3 exclude the Node that npm runs on; its own Node comes with it.
  await npm(
    [
      'install',
      `./${tarball}`,
      '--no-audit',
      '--no-fund',
      '--loglevel=error',
      '--no-engine-strict',
    ],
    folder,
  );
  const node = line === 3 ? join(folder, 'node_modules/.bin/node') : process.execPath;
  return {
    folder,
    tarball,
    node,
    run: (script, options) =>
      runScript(script, { command: node, cwd: folder, timeoutMs: 60_000, ...options }),
    remove: () => {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
