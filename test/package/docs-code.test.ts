import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { emulatorCommand } from '../../src/cli/commands/emulator.ts';
import { readEnvironment } from '../../src/config/environment.ts';
import { resolveDestination } from '../../src/config/resolve.ts';
import { createEmulator } from '../../src/emulator/index.ts';
import { REPOSITORY, runScript } from '../support/run-script.ts';
import type { InstalledPackage } from './installed-package.ts';
import { installPackage } from './installed-package.ts';
import type { Block } from './docs.ts';
import { BLOCKS, blocksUnder, isExcerpt } from './docs.ts';

let installed: InstalledPackage;

beforeAll(async () => {
  installed = await installPackage();
});

afterAll(() => {
  installed.remove();
});

// An excerpt is checked and run where it stands, in the example.
const CODE = BLOCKS.filter(
  (block) => (block.language === 'js' || block.language === 'ts') && !isExcerpt(block),
);

const fileOf = ({ doc, language, line }: Block): string =>
  `${doc.path.replaceAll(/[./]+/g, '-')}-line-${line}.${language}`;

/** Mistakes the compiler finds in a user's project with the blocks as files. */
function mistakesIn(files: readonly string[], module: ts.ModuleKind): readonly string[] {
  const program = ts.createProgram([...files], {
    module,
    target: ts.ScriptTarget.ES2023,
    lib: ['lib.es2023.d.ts'],
    types: ['node'],
    typeRoots: [join(installed.folder, 'node_modules/@types')],
    strict: true,
    exactOptionalPropertyTypes: true,
    allowJs: true,
    checkJs: true,
    noEmit: true,
    skipLibCheck: true,
  });
  return ts.getPreEmitDiagnostics(program).map(({ file, start, messageText }) => {
    const line = file === undefined ? 0 : file.getLineAndCharacterOfPosition(start ?? 0).line + 1;
    const text = ts.flattenDiagnosticMessageText(messageText, ' ');
    return `${file?.fileName.split('/').at(-1) ?? ''}:${line} ${text}`;
  });
}

describe('the code in the documentation', () => {
  it.each([
    ['node20', ts.ModuleKind.Node20],
    ['nodenext', ts.ModuleKind.NodeNext],
  ])('compiles strictly against the packed package with module %s', (_name, module) => {
    const files = CODE.map((block) => installed.write(fileOf(block), block.text));
    expect(files.length).toBeGreaterThan(5);
    expect(mistakesIn(files, module)).toEqual([]);
  });

  it('would not compile with an option that does not exist', () => {
    const text = CODE.find((block) => block.text.includes("spans: 'entry'"))?.text ?? '';
    const file = installed.write('wrong.js', text.replace("spans: 'entry'", 'sapns: 1'));
    expect(mistakesIn([file], ts.ModuleKind.NodeNext).join('\n')).toContain('sapns');
  });

  it('brings an event into the ledger with the files of the first section alone', async () => {
    const files = blocksUnder('README.md', 'In 30 seconds', 'js');
    const names = files.map((text) => /^\/\/ (\S+)\n/.exec(text)?.[1] ?? '');
    expect(names).toEqual(['instrumentation.js', 'app.js']);
    for (const [index, text] of files.entries()) installed.write(names[index] ?? '', text);
    await using ledger = await createEmulator();
    const { exit, err } = await runScript('--import', {
      args: ['./instrumentation.js', 'app.js'],
      cwd: installed.folder,
      env: { IMTBL_URL: ledger.url, IMTBL_API_KEY: 'local' },
    });
    expect({ exit, err }).toEqual({ exit: 0, err: '' });
    expect(ledger.events().map(({ eventName, service }) => [eventName, service])).toEqual([
      ['order.placed', 'shop'],
    ]);
    expect(ledger.events()[0]?.payload).not.toContain('ana@example.com');
  });

  it('does with the direct client what its comments say', async () => {
    const [text = ''] = blocksUnder('README.md', 'Direct client', 'js');
    await using ledger = await createEmulator();
    const { exit, out, err } = await runScript(installed.write('direct.js', text), {
      env: { IMTBL_URL: ledger.url, IMTBL_API_KEY: 'local' },
    });
    expect({ exit, err }).toEqual({ exit: 0, err: '' });
    expect(out).toMatch(/^tx_[0-9a-f]{32} false\n0 lost\n/);
    expect(
      ledger
        .events()
        .map(({ eventName }) => eventName)
        .sort(),
    ).toEqual(['invoice.paid', 'invoice.reminded', 'invoice.reminded', 'worker.idle']);
  });

  it('uses the emulator in a test as its comments say', async () => {
    const [text = ''] = blocksUnder('examples/emulator/README.md', 'The code that matters', 'ts');
    const { exit, out } = await runScript(installed.write('emulator.js', text));
    expect(exit).toBe(0);
    expect(out).toMatch(/^1\n\{\s*ok: true,\s*events: 1,\s*head: '[0-9a-f]{64}'\s*\}\n$/);
  });
});

describe('the file for Compose', () => {
  const text = readFileSync(join(REPOSITORY, 'examples/emulator/compose.yaml'), 'utf8');

  it('is the block that stands in its README', () => {
    const blocks = BLOCKS.filter(({ language }) => language === 'yaml');
    expect(blocks.map((block) => [block.doc.path, block.text.trim()])).toEqual([
      ['examples/emulator/README.md', text.trim()],
    ]);
  });

  it('starts the emulator with options that it has', () => {
    const [, line = ''] = /command: npx immutablelog emulator (.+)/.exec(text) ?? [];
    expect(emulatorCommand.prepare(line.split(' ')).ok).toBe(true);
    expect(line).toContain('--host 0.0.0.0');
  });

  it('sends events to the emulator, which wants the permission for cleartext', () => {
    const rows = [...text.matchAll(/^ +([A-Z_]+): '?([^'\n]+)'?$/gm)];
    const env = Object.fromEntries(rows.map(([, name, value]) => [name, value] as const));
    const { endpoint, withheld } = resolveDestination({}, readEnvironment(env));
    expect({ origin: endpoint.origin, withheld }).toEqual({
      origin: 'http://emulator:4800',
      withheld: undefined,
    });
    const forbidden = readEnvironment({ ...env, IMTBL_ALLOW_INSECURE: '' });
    expect(resolveDestination({}, forbidden).withheld?.variable).toBe('IMTBL_URL');
  });
});

describe('the languages of the documentation', () => {
  it('are those that a test looks at', () => {
    const languages = new Set(BLOCKS.map(({ language }) => language));
    expect([...languages].sort()).toEqual(['js', 'json', 'sh', 'text', 'ts', 'yaml']);
  });

  it('leave unchecked text to the chart and to the drawing of the layers', () => {
    const texts = BLOCKS.filter(({ language }) => language === 'text');
    expect(texts.map(({ doc, heading }) => [doc.path, heading])).toEqual([
      ['README.md', 'How fast'],
      ['.github/CONTRIBUTING.md', 'The map of the code'],
    ]);
  });
});
