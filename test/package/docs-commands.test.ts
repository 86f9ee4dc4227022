import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createEmulator } from '../../src/emulator/index.ts';
import { ImmutableLogClient } from '../../src/index.ts';
import type { ScriptResult } from '../support/run-script.ts';
import { REPOSITORY, runScript } from '../support/run-script.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { BLOCKS, README, blocksUnder, docAt, isExcerpt } from './docs.ts';

const DIGESTS = 'Digests, with a key and without';
const EMAIL = 'ana@example.com';

function shell(text: string, env: Readonly<Record<string, string>> = {}): Promise<ScriptResult> {
  return runScript('-c', { command: 'sh', args: [text], env });
}

/** What the ledger gets for the e-mail address under `user.email`. */
async function digestInLedger(environment: Readonly<Record<string, string>>): Promise<unknown> {
  await using ledger = await createEmulator();
  const secret = environment['KEY'];
  const client = new ImmutableLogClient({
    url: ledger.url,
    apiKey: 'key',
    redact:
      secret === undefined ? {} : { key: { id: 'k1', secret: Buffer.from(secret, 'base64') } },
  });
  await client.send({ eventName: 'a.b', payload: { 'user.email': EMAIL } });
  await client.close();
  const payload: Record<string, unknown> = JSON.parse(ledger.events()[0]?.payload ?? '{}');
  return payload['user.email_hash'];
}

describe('the digests in the documentation', () => {
  const [plain = ''] = blocksUnder('README.md', 'What is never sent', 'sh');
  const [makeKey = '', keyed = ''] = blocksUnder('examples/redaction/README.md', DIGESTS, 'sh');

  it('are computed as the ledger gets them', async () => {
    const { out } = await shell(plain);
    expect(out).toBe(`${String(await digestInLedger({}))}  -\n`);
  });

  it('are computed with a key as the ledger gets them', async () => {
    const { out: made } = await shell(makeKey);
    expect(made).toMatch(/^k1:[A-Za-z0-9+/]{43}=\n$/);
    const env = { KEY: made.trim().slice('k1:'.length) };
    const { out } = await shell(keyed, env);
    const digest = /[0-9a-f]{64}/.exec(out)?.[0];
    expect(await digestInLedger(env)).toBe(`hmac-sha256:k1:${digest}`);
  });
});

describe('the commands in the documentation', () => {
  const lines = BLOCKS.filter((block) => block.language === 'sh' && !isExcerpt(block)).flatMap(
    ({ text }) => text.trim().split('\n'),
  );

  it('install this package and every package it needs beside it', () => {
    const [install = ''] = blocksUnder('README.md', 'In 30 seconds', 'sh');
    const optional = Object.keys(packageJson.peerDependenciesMeta);
    const peers = Object.keys(packageJson.peerDependencies);
    const needed = peers.filter((name) => !optional.includes(name));
    for (const name of [packageJson.name, ...needed]) {
      expect(install.split(/\s+/)).toContain(name);
    }
    const imported = blocksUnder('README.md', 'In 30 seconds', 'js').flatMap((text) =>
      [...text.matchAll(/from '([^']+)'/g)].map(([, name = '']) => name),
    );
    for (const name of imported) expect(install.split(/\s+/)).toContain(name);
  });

  it('call the command line with options that it has', async () => {
    const calls = lines.filter((line) => line.startsWith('npx immutablelog '));
    const flagsOf = new Map<string, Set<string>>();
    for (const [, , command = '', ...args] of calls.map((call) => call.split(' '))) {
      const flags = flagsOf.get(command) ?? new Set();
      for (const arg of args) if (arg.startsWith('--')) flags.add(arg);
      flagsOf.set(command, flags);
    }
    expect(flagsOf.size).toBeGreaterThan(3);
    for (const [command, flags] of flagsOf) {
      const { exit, out } = await runScript('dist/cli/bin.js', { args: [command, '--help'] });
      expect(exit).toBe(0);
      for (const flag of flags) expect(out).toContain(flag);
    }
  });

  it('run npm scripts and files that are there', () => {
    const scripts = lines.flatMap((line) => /^npm run ([\w:]+)/.exec(line)?.[1] ?? []);
    expect(scripts.filter((name) => !(name in packageJson.scripts))).toEqual([]);
    const files = lines.flatMap(
      (line) => line.match(/(?:examples|test|\.config)\/[\w./-]+/g) ?? [],
    );
    expect(files.length).toBeGreaterThan(15);
    expect(files.filter((path) => !existsSync(join(REPOSITORY, path)))).toEqual([]);
  });

  it('are all of a kind that a test here or of the examples knows', () => {
    const known = [
      /^npm (?:install |ci$|test$|run )/,
      /^npx immutablelog /,
      /^(?:(?:IMTBL|OTEL)_\w+=\S+ )*(?:node|sh) (?:--import \S+ )?(?:examples\/|app\.js)/,
      /^(?:IMTBL_\w+=\S+ )+node --import \.\/instrumentation\.js app\.js$/,
      /^node --test examples\//,
      /^node \.config\/(?:chart|span-walk)\.mjs\b/,
      /^curl .*http:\/\/127\.0\.0\.1:\d+\/\w*$/,
      /^nats-server /,
    ];
    const digests = [
      ...blocksUnder('README.md', 'What is never sent', 'sh'),
      ...blocksUnder('examples/redaction/README.md', DIGESTS, 'sh'),
    ].flatMap((text) => text.trim().split('\n'));
    const unknown = lines.filter((line) => !digests.includes(line));
    expect(unknown.filter((line) => !known.some((kind) => kind.test(line)))).toEqual([]);
  });
});

describe('the figures of the benchmarks', () => {
  const spread = { median: 2, min: 1, max: 3 };
  const rows = [
    { name: 'direct client', ratio: spread },
    { name: 'raw sockets', ratio: { ...spread, median: 50 } },
  ];
  const throughput = {
    metrics: [{ metric: 'throughput', reference: 'guide form', rows }],
    budgets: [{ what: 'events/s', measured: spread, bound: '>= 1', met: true }],
  };

  it('are put into the documentation from a report', async () => {
    const root = temporaryFolder();
    mkdirSync(join(root, '.github'));
    for (const path of ['README.md', '.github/BENCHMARKS.md']) {
      cpSync(join(REPOSITORY, path), join(root, path));
    }
    const report = join(root, 'bench.json');
    writeFileSync(report, JSON.stringify({ benchmarks: { throughput } }));
    const { exit, err } = await runScript('.config/chart.mjs', { args: [report, '--root', root] });
    expect({ exit, err }).toEqual({ exit: 0, err: '' });

    const read = (path: string): string => readFileSync(join(root, path), 'utf8');
    expect(read('.github/speed.svg')).toContain('direct client: 2.00 times; raw sockets: 50 times');
    expect(read('README.md')).toMatch(/^direct client {2}█+ 2\.00 ×\nraw sockets {4}█+ 50 ×$/m);
    const table = read('.github/BENCHMARKS.md');
    expect(table).toContain('| events/s | 2.00 (1.00 to 3.00) | >= 1 | yes | `throughput` |');
    expect(table.match(/`throughput` \|$/gm)).toHaveLength(1);
    // Benchmarks that the report does not have keep their rows.
    expect(table.match(/`shutdown` \|$/gm)).toHaveLength(6);
  });

  it('are the same in the chart of the README, in the drawn one and in the table', () => {
    const svg = readFileSync(join(REPOSITORY, '.github/speed.svg'), 'utf8');
    const drawn = [...svg.matchAll(/(?:>|; )([^:;<>]+): ([\d.]+) times/g)].map(
      ([, name = '', times = '']) => [name, times],
    );
    const written = [...README.text.matchAll(/^(\S.*?) +█+ ([\d.]+) ×$/gm)].map(
      ([, name = '', times = '']) => [name, times],
    );
    expect(written.length).toBeGreaterThan(5);
    expect(written).toEqual(drawn);
    const inline = written.find(([name]) => name === 'spans, inline')?.[1];
    expect(docAt('.github/BENCHMARKS.md').text).toContain(`guide form (fetch) | ${inline} (`);
  });
});
