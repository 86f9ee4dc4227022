import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createEmulator } from '../../src/emulator/index.ts';
import { ImmutableLogClient } from '../../src/index.ts';
import type { ScriptResult } from '../support/run-script.ts';
import { runScript } from '../support/run-script.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { blocksUnder, readmeBlocks } from './readme-blocks.ts';

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

describe('the commands in the README', () => {
  it('compute the digest that the ledger gets', async () => {
    const [plain = ''] = blocksUnder(DIGESTS, 'sh');
    const { out } = await shell(plain);
    expect(out).toBe(`${String(await digestInLedger({}))}  -\n`);
  });

  it('make a key, and with it the keyed digest that the ledger gets', async () => {
    const [, makeKey = '', keyed = ''] = blocksUnder(DIGESTS, 'sh');
    const { out: made } = await shell(makeKey);
    expect(made).toMatch(/^k1:[A-Za-z0-9+/]{43}=\n$/);
    const env = { KEY: made.trim().slice('k1:'.length) };
    const { out } = await shell(keyed, env);
    const digest = /[0-9a-f]{64}/.exec(out)?.[0];
    expect(await digestInLedger(env)).toBe(`hmac-sha256:k1:${digest}`);
  });

  it('install this package and every package it needs beside it', () => {
    const [install = ''] = blocksUnder('In 30 seconds', 'sh');
    const optional = Object.keys(packageJson.peerDependenciesMeta);
    const peers = Object.keys(packageJson.peerDependencies);
    const needed = peers.filter((name) => !optional.includes(name));
    for (const name of [packageJson.name, ...needed]) {
      expect(install.split(/\s+/)).toContain(name);
    }
    const imported = blocksUnder('In 30 seconds', 'js').flatMap((text) =>
      [...text.matchAll(/from '([^']+)'/g)].map(([, name = '']) => name),
    );
    for (const name of imported) expect(install.split(/\s+/)).toContain(name);
  });

  it('call the command line with options that it has', async () => {
    const calls = readmeBlocks()
      .filter(({ language }) => language === 'sh')
      .flatMap(({ text }) => text.split('\n'))
      .filter((line) => line.startsWith('npx immutablelog '));
    expect(calls.length).toBeGreaterThan(1);
    for (const call of calls) {
      const [, , command = '', ...args] = call.split(' ');
      const { exit, out } = await runScript('dist/cli/bin.js', { args: [command, '--help'] });
      expect(exit).toBe(0);
      for (const flag of args.filter((arg) => arg.startsWith('--'))) expect(out).toContain(flag);
    }
  });

  it('draw the chart and the table from a report of the benchmarks', async () => {
    const spread = { median: 2, min: 1, max: 3 };
    const report = join(temporaryFolder(), 'bench.json');
    const rows = [{ name: 'direct client', ratio: spread }];
    const metrics = [{ metric: 'throughput', reference: 'guide form', rows }];
    const budgets = [{ what: 'events/s', measured: spread, bound: '>= 1', met: true }];
    writeFileSync(report, JSON.stringify({ benchmarks: { throughput: { metrics, budgets } } }));
    const chart = await runScript('.config/chart.mjs', { args: [report] });
    expect(chart.out).toContain('direct client: 2.00 times');
    const table = await runScript('.config/chart.mjs', { args: ['--markdown', report] });
    expect(table.out).toContain('| events/s | 2.00 (1.00 to 3.00) | >= 1 | yes |');
  });

  it('are all of a kind that a test here knows', () => {
    const lines = readmeBlocks()
      .filter(({ language, heading }) => language === 'sh' && heading !== DIGESTS)
      .flatMap(({ text }) => text.trim().split('\n'));
    const known =
      /^(?:npm install |npm run bench -- |node \.config\/chart\.mjs |npx immutablelog |IMTBL_URL=\S+ IMTBL_API_KEY=\S+ node )/;
    expect(lines.filter((line) => !known.test(line))).toEqual([]);
  });
});
