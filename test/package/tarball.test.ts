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
    expect(others).toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json']);
  });

  it('holds built files of no test and no left-over', () => {
    const built = installed.files.filter((path) => path.startsWith('dist/'));
    expect(built).toContain('dist/index.js');
    expect(built).toContain('dist/index.d.ts');
    expect(built.filter((path) => !/\.(?:js|d\.ts)(?:\.map)?$/.test(path))).toEqual([]);
    expect(built.filter((path) => /\.test\.|\/test\//.test(path))).toEqual([]);
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
