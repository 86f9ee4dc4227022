import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';

/** A module that was found, and where others are looked for from there. */
export interface FoundModule {
  /** What it exports. */
  readonly exports: Readonly<Record<string, unknown>>;
  /** Its file. */
  readonly path: string;
}

/**
 * Loads optional packages, synchronously: the module graph of the entry has no top-level await,
 * so that everything is set up before the first module of the application runs.
 */
export interface ModuleLoader {
  /** The package; `undefined` where it is not installed. Throws what the package itself throws. */
  load(name: string): FoundModule | undefined;
}

/** Folders and files from which the application would find a package, in order. */
export function applicationBases(argv: readonly string[], cwd: string): readonly string[] {
  const [, script] = argv;
  const here = join(cwd, 'package.json');
  return script === undefined ? [here] : [resolve(cwd, script), here];
}

function isNamespace(value: unknown): value is Readonly<Record<string, unknown>> {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

function find(name: string, base: string): string | undefined {
  try {
    return createRequire(base).resolve(name);
  } catch {
    return undefined;
  }
}

/** Makes a loader that looks from several files, the first one first. */
export function createModuleLoader(bases: readonly string[]): ModuleLoader {
  return {
    load(name) {
      for (const base of bases) {
        const path = find(name, base);
        if (path === undefined) continue;
        const exports: unknown = createRequire(base)(name);
        if (isNamespace(exports)) return { exports, path };
      }
      return undefined;
    },
  };
}

/** A loader that looks from a module that was found, as the module itself would. */
export function loaderFrom({ path }: FoundModule): ModuleLoader {
  return createModuleLoader([path]);
}

/** The version of a package that `base` would find; `undefined` where there is none. */
export function findVersion(name: string, base: string): string | undefined {
  for (const folder of createRequire(base).resolve.paths(name) ?? []) {
    const file = join(folder, name, 'package.json');
    if (!existsSync(file)) continue;
    const text: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return isNamespace(text) && typeof text['version'] === 'string' ? text['version'] : undefined;
  }
  return undefined;
}
