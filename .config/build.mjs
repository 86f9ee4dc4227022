/**
 * Builds `dist`: every entry as an ES module, which is what Node loads, and once more as CommonJS
 * with declarations of its own for tools that cannot load ES modules (Jest, TypeScript's older
 * modes). The worker's thread, the command and the page of the emulator exist once, for both.
 *
 * Nothing is minified: what an error prints names functions and shows lines that can be read. The
 * comments stay in `src`, but for the names of the files that a stack trace should lead to.
 */
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { generateDtsBundle } from 'dts-bundle-generator';
import { rolldown } from 'rolldown';
import ts from 'typescript';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));

const ENTRIES = {
  index: 'src/index.ts',
  register: 'src/register.ts',
  'emulator/index': 'src/emulator/index.ts',
};
const VIEWER = 'src/emulator/viewer';

// A chunk for each room, the lower ones first, so that none needs one that comes after it. All lie
// at the top of `dist`: the emulator looks for its page from there.
const ROOMS = ['record', 'redact', 'config', 'wire', 'telemetry', 'spool', 'delivery'];
const groups = [
  { name: 'base', test: /src[\\/](runtime[\\/]|(errors|outcome|version)[.]ts$)/ },
  ...ROOMS.map((name) => ({ name, test: new RegExp(`src[\\\\/]${name}[\\\\/]`) })),
  { name: 'client', test: /src[\\/](client|core)[.]ts$/ },
  { name: 'exporters', test: /src[\\/]exporters[\\/]/ },
  { name: 'emulator', test: /src[\\/]emulator[\\/]/ },
];

async function bundle(input, { platform, ...output }) {
  const build = await rolldown({
    input,
    platform,
    tsconfig: 'tsconfig.json',
    external: [/^[^./]/],
    onLog: (level, log) => {
      throw new Error(`${level}: ${log.message}`);
    },
  });
  const comments = { legal: false, annotation: true, jsdoc: false };
  await build.write({ dir: 'dist', comments, ...output });
  await build.close();
}

const node = { platform: 'node', codeSplitting: { groups } };
const names = (extension) => ({
  entryFileNames: `[name].${extension}`,
  chunkFileNames: `[name].${extension}`,
});

/**
 * Writes the declarations of an entry for both module systems; they differ in what they import.
 *
 * Without the brand that private members leave, a class is compared by its members: in a program of
 * `.mts` and `.cts` files the two declarations of a client then are one type, as they are one class.
 */
function declare(entry, declarations) {
  const path = `dist/${entry}.d.ts`;
  const text = declarations.replaceAll(/^\s*#private;\n/gm, '');
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  writeFileSync(path.replace(/ts$/, 'cts'), text.replace(/(from '\.[^']*)\.js'/g, "$1.cjs'"));
}

/** What `./register` gives beside functions of its own are factories of the main entry. */
function registerDeclarations() {
  const { outputText } = ts.transpileDeclaration(readFileSync(ENTRIES.register, 'utf8'), {
    compilerOptions: { module: ts.ModuleKind.NodeNext, target: ts.ScriptTarget.ES2023 },
  });
  const text = outputText.replaceAll('./exporters/component-provider.ts', './index.js');
  const inner = /'\.\/(?!index\.js)[^']*'/.exec(text);
  if (inner !== null) throw new Error(`register.d.ts names ${inner[0]}, which is not shipped`);
  return text;
}

rmSync('dist', { recursive: true, force: true });
const onlyOnce = { worker: 'src/worker/entry.ts', 'cli/bin': 'src/cli/bin.ts' };
await bundle({ ...ENTRIES, ...onlyOnce }, { ...node, format: 'esm', ...names('js') });
await bundle(ENTRIES, { ...node, format: 'cjs', ...names('cjs'), esModule: true });
// The page of the emulator; its server looks for it beside itself.
await bundle({ main: `${VIEWER}/browser/main.ts` }, { platform: 'browser', dir: 'dist/browser' });
for (const name of readdirSync(VIEWER)) {
  if (/\.(css|html|svg)$/.test(name)) cpSync(`${VIEWER}/${name}`, `dist/browser/${name}`);
}
const bundled = ['index', 'emulator/index'];
const texts = generateDtsBundle(
  bundled.map((entry) => ({
    filePath: ENTRIES[entry],
    output: { exportReferencedTypes: false, noBanner: true },
  })),
  { preferredConfigPath: 'tsconfig.json' },
);
for (const [index, entry] of bundled.entries()) declare(entry, texts[index]);
declare('register', registerDeclarations());
