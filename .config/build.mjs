/**
 * Builds `dist`: a few modules instead of a hundred and forty, without the words between the names, and
 * one declaration file for each entry. What is shipped is read by machines; people read `src`.
 *
 * Names of classes stay, since `console.log` and error reports show them.
 */
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { generateDtsBundle } from 'dts-bundle-generator';
import { rolldown } from 'rolldown';
import ts from 'typescript';

const root = fileURLToPath(new URL('..', import.meta.url));
process.chdir(root);

const minify = {
  compress: { target: 'node20' },
  mangle: { toplevel: true, keepNames: { class: true, function: false } },
  codegen: true,
};

async function bundle(input, options) {
  const build = await rolldown({ input, tsconfig: 'tsconfig.json', ...options });
  await build.write({ dir: 'dist', format: 'esm', minify, chunkFileNames: '[name].js' });
  await build.close();
}

function declare(entries) {
  const files = Object.keys(entries).map((filePath) => ({
    filePath,
    output: { exportReferencedTypes: false, noBanner: true },
  }));
  const texts = generateDtsBundle(files, { preferredConfigPath: 'tsconfig.json' });
  for (const [index, path] of Object.values(entries).entries()) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, texts[index]);
  }
}

rmSync('dist', { recursive: true, force: true });
await bundle(
  {
    index: 'src/index.ts',
    register: 'src/register.ts',
    worker: 'src/worker/entry.ts',
    'emulator/index': 'src/emulator/index.ts',
    'cli/bin': 'src/cli/bin.ts',
  },
  { platform: 'node', external: [/^[^./]/] },
);
// The page of the emulator; its server looks for it beside itself.
await bundle({ 'browser/main': 'src/emulator/viewer/browser/main.ts' }, { platform: 'browser' });
for (const file of ['page.html', 'page.css', 'icon.svg']) {
  copyFileSync(`src/emulator/viewer/${file}`, `dist/browser/${file}`);
}
declare({ 'src/index.ts': 'dist/index.d.ts', 'src/emulator/index.ts': 'dist/emulator/index.d.ts' });
// What `./register` gives beside functions of its own are the factories of the main entry.
const register = ts.transpileDeclaration(readFileSync('src/register.ts', 'utf8'), {
  compilerOptions: { module: ts.ModuleKind.NodeNext, target: ts.ScriptTarget.ES2023 },
});
const text = register.outputText.replaceAll('./exporters/component-provider.ts', './index.js');
const inner = /'\.\/(?!index\.js)[^']*'/.exec(text);
if (inner !== null) throw new Error(`register.d.ts names ${inner[0]}, which is not shipped`);
writeFileSync('dist/register.d.ts', text);
// It is started and never imported.
writeFileSync('dist/worker.d.ts', 'export {};\n');
