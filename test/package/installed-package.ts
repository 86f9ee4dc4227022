import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { REPOSITORY, runScript } from '../support/run-script.ts';

const NAME = 'opentelemetry-exporter-immutablelog';

/** A project in a temporary folder in which the packed package is installed. */
export interface InstalledPackage {
  readonly folder: string;
  /** Paths of the files in the tarball. */
  readonly files: readonly string[];
  readonly unpackedBytes: number;
  /** Writes a file of the project and returns its path. */
  write(name: string, text: string): string;
  remove(): void;
}

async function run(command: string, args: readonly [string, ...string[]]): Promise<string> {
  const [first, ...rest] = args;
  const { exit, out, err } = await runScript(first, { command, args: rest });
  if (exit !== 0) throw new Error(`${command} ${first} failed: ${err}`);
  return out;
}

interface PackReport {
  readonly files: readonly { readonly path: string }[];
  readonly unpackedSize: number;
}

function readReport(text: string): PackReport {
  const [packed]: PackReport[] = JSON.parse(text);
  if (packed === undefined) throw new Error('npm packed nothing');
  return packed;
}

/**
 * Packs what was built, unpacks it into a new project and links its dependencies from here:
 * what an installation does, without a network.
 */
export async function installPackage(): Promise<InstalledPackage> {
  const folder = mkdtempSync(join(tmpdir(), 'installed-'));
  const modules = join(folder, 'node_modules');
  const installed = join(modules, NAME);
  mkdirSync(installed, { recursive: true });
  const packing = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder] as const;
  const { files, unpackedSize } = readReport(await run('npm', packing));
  const tarball = join(folder, `${NAME}-${await versionOf()}.tgz`);
  await run('tar', ['-xzf', tarball, '-C', installed, '--strip-components=1']);
  for (const name of ['undici', '@opentelemetry', '@types']) {
    symlinkSync(join(REPOSITORY, 'node_modules', name), join(modules, name));
  }
  mkdirSync(join(modules, '.bin'));
  symlinkSync(join(installed, 'dist/cli/bin.js'), join(modules, '.bin/immutablelog'));
  writeFileSync(join(folder, 'package.json'), '{"private":true,"type":"module"}');
  return {
    folder,
    files: files.map(({ path }) => path),
    unpackedBytes: unpackedSize,
    write(name, text) {
      const path = join(folder, name);
      writeFileSync(path, text);
      return path;
    },
    remove: () => {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The version in package.json. */
export async function versionOf(): Promise<string> {
  return (await run(process.execPath, ['-p', "require('./package.json').version"])).trim();
}
