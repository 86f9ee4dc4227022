import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Emulator } from '../../src/emulator/index.ts';
import type { ScriptResult } from '../support/run-script.ts';
import { REPOSITORY, runScript } from '../support/run-script.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { testEmulator } from '../support/test-client.ts';

let ledger: Emulator;
let folder: string;

beforeEach(async () => {
  ledger = await testEmulator({ apiKey: 'iml_live_hidden' });
  folder = temporaryFolder();
});

/** A project with copies of packages, each as `<place> <version>`. */
function install(...copies: readonly string[]): void {
  for (const copy of copies) {
    const [place = '', version = ''] = copy.split(' ');
    const at = join(folder, 'node_modules', place);
    mkdirSync(at, { recursive: true });
    writeFileSync(join(at, 'package.json'), JSON.stringify({ version }));
  }
}

function doctor(
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<ScriptResult> {
  return runScript(join(REPOSITORY, 'dist/cli/bin.js'), {
    args: ['doctor', ...args],
    cwd: folder,
    env: {
      IMTBL_URL: ledger.url,
      IMTBL_API_KEY: 'iml_live_hidden',
      IMTBL_HEADERS: 'x-team=hidden',
      IMTBL_REDACT_KEY: `k1:${Buffer.alloc(32, 'hidden').toString('base64')}`,
      ...env,
    },
  });
}

function problemsIn({ out }: ScriptResult): readonly string[] {
  return out.split('\n').filter((line) => line.startsWith('problem: '));
}

const LINE_2 = [
  '@opentelemetry/api 1.9.1',
  '@opentelemetry/api-logs 0.223.1',
  '@opentelemetry/sdk-logs 0.223.1',
];

describe('immutablelog doctor', () => {
  it('finds no problem, and shows the receipt of a test event and no secret', async () => {
    install(...LINE_2);
    const result = await doctor();
    expect(problemsIn(result)).toEqual([]);
    expect(result).toMatchObject({ exit: 0, err: '' });
    const [event] = ledger.events();
    expect(event?.eventName).toBe('immutablelog.doctor');
    expect(result.out).toContain(`tx_id            ${event?.txId}`);
    expect(result.out).toContain(`node                                 ${process.version}`);
    expect(result.out).toMatch(/@opentelemetry\/api +1\.9\.1 +node_modules\/@opentelemetry\/api\n/);
    expect(result.out).toMatch(/@opentelemetry\/sdk-node +not installed\n/);
    expect(result.out).toMatch(/apiKey +set \(hidden\) +environment\n/);
    expect(result.out).toMatch(/headers +x-team \(values hidden\) +environment\n/);
    expect(result.out).toMatch(/redact\.key +k1 \(secret hidden\) +environment\n/);
    expect(result.out).toMatch(/timeoutMs +5000 +default\n/);
    expect(result.out).not.toContain('iml_live_hidden');
    expect(result.out).not.toContain('=hidden');
    expect(result.out).not.toContain(Buffer.from('hidden').toString('base64'));
  });

  it('names each of several redaction keys, the active one first', async () => {
    install(...LINE_2);
    const secret = Buffer.alloc(32, 'hidden').toString('base64');
    const keys = { IMTBL_REDACT_KEY: `new:${secret},old:${secret}` };
    const { exit, out } = await doctor(['--no-send'], keys);
    expect(exit).toBe(0);
    expect(out).toMatch(/redact\.key +new, then old \(secrets hidden\) +environment\n/);
    expect(out).not.toContain(secret);
  });

  it('shows what the variables say of redaction, and what holds without them', async () => {
    install(...LINE_2);
    const { out: preset } = await doctor(['--no-send'], {});
    expect(preset).toMatch(/redact\.rules +none +default\n/);
    expect(preset).toMatch(/redact\.mode +deny +default\n/);
    expect(preset).toMatch(/redact\.detect +text +default\n/);
    const { exit, out } = await doctor(['--no-send'], {
      IMTBL_REDACT_RULES: join(REPOSITORY, 'examples/redaction/rules.json'),
      IMTBL_REDACT_MODE: 'allow',
      IMTBL_REDACT_DETECT: 'all',
    });
    expect(exit).toBe(0);
    expect(out).toMatch(/redact\.rules +5 rules +environment\n/);
    expect(out).toMatch(/redact\.mode +allow +environment\n/);
    expect(out).toMatch(/redact\.detect +all +environment\n/);
  });

  it.each(['--no-send', '--dry-run'])('sends nothing with %s', async (flag) => {
    install(...LINE_2);
    expect(await doctor([flag])).toMatchObject({ exit: 0 });
    expect(ledger.requests()).toEqual([]);
  });

  it.each([
    ['a key that the ledger refuses', { IMTBL_API_KEY: 'wrong' }, /lost, unauthorized: .*HTTP 401/],
    ['a ledger that is not there', { IMTBL_URL: 'http://127.0.0.1:1' }, /ECONNREFUSED/],
    [
      'a ledger that is not there, whatever the spool',
      { IMTBL_URL: 'http://127.0.0.1:1', IMTBL_SPOOL_DIR: 'spool' },
      /ECONNREFUSED/,
    ],
    ['no key', { IMTBL_API_KEY: '' }, /IMTBL_API_KEY is not set$/],
    ['a variable that cannot be read', { IMTBL_TIMEOUT_MS: 'soon' }, /IMTBL_TIMEOUT_MS is ignored/],
  ])('names the exact reason with %s, and exits 1', async (_name, env, reason) => {
    install(...LINE_2);
    const result = await doctor([], env);
    expect(result.exit).toBe(1);
    expect(problemsIn(result)).toEqual([expect.stringMatching(reason)]);
    expect(ledger.events()).toEqual([]);
  });

  it.each([
    ['IMTBL_URL', { IMTBL_URL: 'localhost:4800' }],
    ['IMTBL_URL', { IMTBL_URL: 'http://emulator:4800' }],
    ['IMTBL_ALLOW_INSECURE', { IMTBL_URL: 'http://emulator', IMTBL_ALLOW_INSECURE: 'yes' }],
    ['IMTBL_API_KEY', { IMTBL_API_KEY: '"iml_live_hidden"' }],
    ['IMTBL_REDACT_KEY', { IMTBL_REDACT_KEY: 'hidden' }],
    ['IMTBL_REDACT_RULES', { IMTBL_REDACT_RULES: 'no-such-file:hidden' }],
    ['IMTBL_REDACT_MODE', { IMTBL_REDACT_MODE: 'alow' }],
    ['IMTBL_REDACT_DETECT', { IMTBL_REDACT_DETECT: 'everything' }],
    ['HTTPS_PROXY', { IMTBL_URL: 'https://ledger.test', HTTPS_PROXY: 'socks5://u:hidden@p:1' }],
    ['IMTBL_REDACTKEY', { IMTBL_REDACT_KEY: '', IMTBL_REDACTKEY: 'hidden' }],
  ])('shows that nothing is sent, and the one reason, with a wrong %s', async (name, env) => {
    install(...LINE_2);
    const result = await doctor([], env);
    expect(result.exit).toBe(1);
    expect(problemsIn(result)).toEqual([
      expect.stringContaining(`nothing is sent: ${name} cannot be used, expected`),
    ]);
    expect(result.out).toMatch(new RegExp(`url +nowhere: nothing is sent +${name}\n`));
    expect(result.out).toContain('not sent: the configuration has problems');
    expect(result.out).not.toContain('hidden"');
    expect(result.out).not.toContain(':hidden');
    expect(ledger.requests()).toEqual([]);
  });

  it('shows the ledger and the way to it, without what a proxy is entered with', async () => {
    install(...LINE_2);
    const env = { IMTBL_URL: 'https://ledger.test/audit', HTTPS_PROXY: 'http://u:hidden@proxy:1' };
    const { out } = await doctor(['--no-send'], env);
    expect(out).toMatch(/url +\S+test\/audit\/v1\/events through the proxy proxy:1 +environment\n/);
    expect(out).not.toContain(':hidden');
    const { out: preset } = await doctor(['--no-send'], { IMTBL_URL: '' });
    expect(preset).toMatch(/url +https:\/\/api\.immutablelog\.com\/v1\/events +default\n/);
  });

  it('finds copies of the API that do not see each other', async () => {
    install(...LINE_2, 'some-library/node_modules/@opentelemetry/api 1.4.0');
    const result = await doctor(['--no-send']);
    expect(problemsIn(result)).toEqual([
      expect.stringContaining('installed in the versions 1.9.1 and 1.4.0'),
    ]);
    expect(result.out).toContain('further copies: 1 (1.4.0)');
  });

  it.each([
    [
      [
        '@opentelemetry/api 1.10.0',
        '@opentelemetry/api-logs 0.223.1',
        '@opentelemetry/sdk-logs 3.1.1',
      ],
      /emitted through @opentelemetry\/api-logs 0\.223\.1 do not reach this SDK \(3\.x\)/,
    ],
    [
      ['@opentelemetry/api 1.10.0', '@opentelemetry/sdk-logs 0.223.1'],
      /emitted through logs of @opentelemetry\/api 1\.10\.0 do not reach this SDK \(2\.x\)/,
    ],
    [[], /@opentelemetry\/api is not installed here/],
  ])('warns of logs that would not arrive with %j', async (copies, warning) => {
    install(...copies);
    const result = await doctor(['--no-send']);
    expect(result.exit).toBe(1);
    expect(problemsIn(result)).toEqual([expect.stringMatching(warning)]);
  });

  it('sees what is registered in the process it runs in', async () => {
    const { out } = await runScript('--import', {
      args: [
        'opentelemetry-exporter-immutablelog/register',
        'dist/cli/bin.js',
        'doctor',
        '--no-send',
      ],
      env: { IMTBL_URL: ledger.url, IMTBL_API_KEY: 'iml_live_hidden' },
    });
    expect(out).toMatch(/@opentelemetry\/api-logs \(SDK 2\.x\) +a provider is registered\n/);
    expect(out).toMatch(/@opentelemetry\/api 1\.10 \(SDK 3\.x\) +nothing is registered/);
  });
});
