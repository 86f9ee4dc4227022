import { spawn, spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { runCommand } from '../support/fake-io.ts';
import { REPOSITORY } from '../support/run-script.ts';

const BIN = join(REPOSITORY, 'dist/cli/bin.js');

const EMAIL = 'user@example.com';
const SECRET = randomBytes(32);
const KEYED = { IMTBL_REDACT_KEY: `k1:${SECRET.toString('base64')}` };

interface Ended {
  readonly exitCode: number | null;
  readonly out: string;
  readonly err: string;
}

function cli(
  args: readonly string[],
  input: string | Uint8Array,
  env: Readonly<Record<string, string>> = {},
): Ended {
  const { status, stdout, stderr } = spawnSync(process.execPath, [BIN, ...args], { input, env });
  return { exitCode: status, out: stdout.toString(), err: stderr.toString() };
}

/** The first word another tool prints for these bytes; `undefined` where there is no such tool. */
function other(tool: string, args: readonly string[], input: string): string | undefined {
  const { error, stdout } = spawnSync(tool, args, { input });
  return error === undefined ? stdout.toString().trim() : undefined;
}

/** A process that has answered the first line of its standard input, which stays open. */
async function startDigest() {
  const child = spawn(process.execPath, [BIN, 'digest'], { stdio: ['pipe', 'pipe', 'ignore'] });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const closed = once(child, 'close');
  child.stdin.write('a\n');
  await once(child.stdout, 'data');
  return { child, closed };
}

describe('immutablelog digest', () => {
  it.for([EMAIL, ' User@Example.com ', 'São José', ''])(
    'prints for %j what sha256sum prints',
    async (value, { skip }) => {
      const expected = other('sha256sum', [], value)?.split(' ', 1)[0];
      if (expected === undefined) skip('sha256sum is not installed');
      const line = value === '' ? '\n' : value;
      expect(await runCommand(['digest'], {}, [line])).toEqual({
        exitCode: 0,
        out: `${expected}\n`,
        err: '',
      });
    },
  );

  it.for([
    ['email', 'USER@example.com', EMAIL],
    ['cpf', '529.982.247-25', '52998224725'],
    ['ip', '::ffff:203.0.113.9', '203.0.113.9'],
    ['phone', '+55 (11) 98765-4321', '+5511987654321'],
  ] as const)(
    'prints with a key what openssl prints over %s, NUL and the canonical form',
    async ([dataClass, value, canonical], { skip }) => {
      const args = [
        'dgst',
        '-sha256',
        '-mac',
        'HMAC',
        '-macopt',
        `hexkey:${SECRET.toString('hex')}`,
      ];
      const printed = other('openssl', args, `${dataClass}\0${canonical}`);
      if (printed === undefined) skip('openssl is not installed');
      const hex = printed?.split(' ').at(-1) ?? '';
      expect(hex).toMatch(/^[0-9a-f]{64}$/);
      const quiet = ['digest', '--quiet', '--class', dataClass];
      expect(await runCommand(quiet, KEYED, [value])).toEqual({
        exitCode: 0,
        out: `hmac-sha256:k1:${hex}\nhmac-sha256:k1:${hex.slice(0, 32)}\n`,
        err: '',
      });
    },
  );
});

describe('the built immutablelog digest', () => {
  it('prints what redaction stores, and exits 0', () => {
    const digestOf = (text: string) => createHash('sha256').update(text).digest('hex');
    expect(cli(['digest', '--quiet', '--class', 'cpf'], '529.982.247-25')).toEqual({
      exitCode: 0,
      out: `${digestOf('529.982.247-25')}\n${digestOf('52998224725')}\n`,
      err: '',
    });
  });

  it('never shows a value, right or wrong', () => {
    const { exitCode, out, err } = cli(['digest', '--class', 'mail', EMAIL], '');
    expect(exitCode).toBe(2);
    expect(out + err).not.toContain(EMAIL);
  });

  it('ends on SIGTERM while standard input is open', async () => {
    const { child, closed } = await startDigest();
    child.kill('SIGTERM');
    await expect(closed).resolves.toEqual([1, null]);
  });

  it('ends when nobody reads its output any more', async () => {
    const { child, closed } = await startDigest();
    child.stdin.on('error', () => {
      // The child went away, as it should.
    });
    child.stdout.destroy();
    child.stdin.write('b\n');
    await expect(closed).resolves.toEqual([1, null]);
  });
});

describe('the built immutablelog doctor', () => {
  it('exits 0 on samples of which nothing personal is left, and shows no value', () => {
    const { exitCode, out, err } = cli(
      ['doctor', '--redaction', '-'],
      `{"user":{"email":"${EMAIL}"},"note":"mail ${EMAIL}"}\n`,
      KEYED,
    );
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: '' });
    expect(out).toContain('user.email  hash    email  1\n');
    expect(out).not.toContain(EMAIL);
  });

  it('exits 1 where something is left', () => {
    const { exitCode, out } = cli(
      ['doctor', '--redaction', '-', '--detect', 'off'],
      `{"note":"mail ${EMAIL}"}\n`,
      KEYED,
    );
    expect(exitCode).toBe(1);
    expect(out).toContain('note  email  1\n');
    expect(out).not.toContain(EMAIL);
  });

  it('exits 2 with its help when an option of the check is given without its file', () => {
    const { exitCode, out, err } = cli(['doctor', '--rules', 'rules.json'], '');
    expect([exitCode, out]).toEqual([2, '']);
    expect(err).toContain('--rules belongs to --redaction FILE');
    expect(err).toMatch(/Usage: [^]*immutablelog doctor --redaction FILE\.jsonl/);
  });
});
