import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** One installed copy of a package. */
export interface Copy {
  readonly name: string;
  readonly version: string;
  readonly folder: string;
}

function foldersIn(folder: string): readonly string[] {
  try {
    // Links lead to folders that are found where they are.
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
  } catch {
    return [];
  }
}

function copyAt(folder: string, name: string): Copy[] {
  try {
    const manifest: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const version: unknown =
      typeof manifest === 'object' && manifest !== null ? Reflect.get(manifest, 'version') : '';
    return typeof version === 'string' ? [{ name, version, folder }] : [];
  } catch {
    return [];
  }
}

function copiesAt(folder: string, name: string, wanted: ReadonlySet<string>): Copy[] {
  const own = wanted.has(name) ? copyAt(folder, name) : [];
  return [...own, ...copiesUnder(join(folder, 'node_modules'), wanted)];
}

function copiesUnder(modules: string, wanted: ReadonlySet<string>): Copy[] {
  return foldersIn(modules).flatMap((name) => {
    const folder = join(modules, name);
    if (name.startsWith('@')) {
      return foldersIn(folder).flatMap((inner) =>
        copiesAt(join(folder, inner), `${name}/${inner}`, wanted),
      );
    }
    // pnpm keeps every package in a folder of its own there.
    if (name === '.pnpm') {
      return foldersIn(folder).flatMap((store) =>
        copiesUnder(join(folder, store, 'node_modules'), wanted),
      );
    }
    return copiesAt(folder, name, wanted);
  });
}

/**
 * All copies of some packages that modules in a folder may find, at any depth; of each package the
 * one that the folder itself finds comes first.
 */
export function findCopies(folder: string, names: readonly string[]): readonly Copy[] {
  const wanted = new Set(names);
  const copies: Copy[] = [];
  for (let at = folder; ; at = dirname(at)) {
    const found = copiesUnder(join(at, 'node_modules'), wanted);
    copies.push(...found.sort((a, b) => a.folder.length - b.folder.length));
    if (dirname(at) === at) return copies;
  }
}
