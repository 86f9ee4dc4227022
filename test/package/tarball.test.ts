import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runScript } from '../support/run-script.ts';
import type { InstalledPackage } from './installed-package.ts';
import { installPackage, versionOf } from './installed-package.ts';

let installed: InstalledPackage;

beforeAll(async () => {
  installed = await installPackage();
});

afterAll(() => {
  installed.remove();
});

const EXPORTS = [
  'ATTR_IMMUTABLELOG_EVENT_NAME',
  'ATTR_IMMUTABLELOG_TRAIL',
  'ATTR_IMMUTABLELOG_TYPE',
  'DROP_REASONS',
  'ExporterError',
  'ImmutableLogClient',
  'ImmutableLogLogRecordExporter',
  'ImmutableLogLogRecordProcessor',
  'ImmutableLogSpanExporter',
  'ImmutableLogSpanProcessor',
  'VERSION',
  'createRedactor',
  'digest',
  'isExporterError',
  'logRecordExporterProvider',
  'recordAuditEvent',
  'requestBodyDigest',
  'requestSpan',
  'spanExporterProvider',
  'withImmutableLogFlush',
];

async function evaluate(file: string, text: string): Promise<unknown> {
  const { exit, out, err } = await runScript(installed.write(file, text));
  expect({ exit, err }).toEqual({ exit: 0, err: '' });
  return JSON.parse(out);
}

describe('the packed package', () => {
  it('holds what was built and its papers, and nothing else', () => {
    const others = installed.files.filter((path) => !path.startsWith('dist/')).sort();
    expect(others).toEqual(['LICENSE', 'README.md', 'package.json']);
  });

  it('holds the entries and what they share, and nothing else', () => {
    const built = installed.files.filter((path) => path.startsWith('dist/'));
    expect(built.filter((path) => path.endsWith('.d.ts')).sort()).toEqual([
      'dist/emulator/index.d.ts',
      'dist/index.d.ts',
      'dist/register.d.ts',
      'dist/worker.d.ts',
    ]);
    const inFolders = built.filter((path) => !path.endsWith('.d.ts') && path.split('/').length > 2);
    expect(inFolders.sort()).toEqual([
      'dist/browser/icon.svg',
      'dist/browser/main.js',
      'dist/browser/page.css',
      'dist/browser/page.html',
      'dist/cli/bin.js',
      'dist/emulator/index.js',
    ]);
    const atTop = built.filter((path) => /^dist\/[a-z-]+\.js$/.test(path));
    expect(atTop).toEqual(expect.arrayContaining(['dist/index.js', 'dist/worker.js']));
    expect(built).toHaveLength(4 + inFolders.length + atTop.length);
  });

  it('takes at most 400 KB when it is unpacked', () => {
    expect(installed.unpackedBytes).toBeLessThanOrEqual(400_000);
  });

  it('loads neither the emulator nor the command with its main entry', async () => {
    const loaded = await evaluate(
      'loaded.js',
      `import { readFileSync } from 'node:fs';
       import { dirname, join } from 'node:path';
       import { fileURLToPath } from 'node:url';
       const seen = new Set();
       const visit = (file) => {
         if (seen.has(file)) return;
         seen.add(file);
         const text = readFileSync(file, 'utf8');
         for (const [, path] of text.matchAll(/(?:from|import)["'](\\.[^"']+)["']/g)) {
           visit(join(dirname(file), path));
         }
       };
       visit(fileURLToPath(import.meta.resolve('opentelemetry-exporter-immutablelog')));
       console.log(JSON.stringify([...seen].map((file) => file.split('/dist/')[1])));`,
    );
    expect(loaded).toContain('index.js');
    expect(loaded).toEqual(expect.not.arrayContaining(['emulator.js', 'cli/bin.js']));
  });

  it('gives its names to import', async () => {
    const names = await evaluate(
      'names.js',
      `import * as all from 'opentelemetry-exporter-immutablelog';
       console.log(JSON.stringify(Object.keys(all).sort()));`,
    );
    expect(names).toEqual(EXPORTS);
  });

  it('gives the same classes to require', async () => {
    const { exit, out } = await runScript(
      installed.write(
        'names.cjs',
        `const required = require('opentelemetry-exporter-immutablelog');
         import('opentelemetry-exporter-immutablelog').then((imported) => {
           console.log(required.ImmutableLogClient === imported.ImmutableLogClient);
         });`,
      ),
    );
    expect({ exit, out }).toEqual({ exit: 0, out: 'true\n' });
  });

  it('knows its version', async () => {
    const version = await evaluate(
      'version.js',
      `import { VERSION } from 'opentelemetry-exporter-immutablelog';
       console.log(JSON.stringify(VERSION));`,
    );
    expect(version).toBe(await versionOf());
  });

  it('delivers an event to the emulator it brings along', async () => {
    const sent = await evaluate(
      'send.js',
      `import { ImmutableLogClient } from 'opentelemetry-exporter-immutablelog';
       import { createEmulator } from 'opentelemetry-exporter-immutablelog/emulator';
       const emulator = await createEmulator();
       const client = new ImmutableLogClient({ url: emulator.url, apiKey: 'key' });
       const { txId } = await client.send({ eventName: 'a.b', payload: {} });
       await client.close();
       console.log(JSON.stringify(emulator.events().map((event) => event.txId === txId)));
       await emulator.close();`,
    );
    expect(sent).toEqual([true]);
  });

  it('keeps what is not exported out of reach', async () => {
    const { exit, err } = await runScript(
      installed.write('deep.js', "import 'opentelemetry-exporter-immutablelog/dist/client.js';"),
    );
    expect(exit).toBe(1);
    expect(err).toContain('ERR_PACKAGE_PATH_NOT_EXPORTED');
  });

  it('brings its command', async () => {
    const bin = join(installed.folder, 'node_modules/.bin/immutablelog');
    const { exit, out } = await runScript(bin, { args: ['--version'] });
    expect({ exit, out }).toEqual({ exit: 0, out: `${await versionOf()}\n` });
  });
});
