import { createHash, createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { run } from '../../../../src/cli/run.ts';
import { untilAborted } from '../../../../src/cli/terminal.ts';
import { createRedactor } from '../../../../src/redact/redactor.ts';
import type { Ended } from '../../../support/fake-io.ts';
import { createFakeIo, runCommand } from '../../../support/fake-io.ts';

const SECRET = Buffer.alloc(32, 7);
const KEY = `k1:${SECRET.toString('base64')}`;
const EMAIL = 'user@example.com';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const hmac = (text: string): string => createHmac('sha256', SECRET).update(text).digest('hex');

/** Lines of two columns, as they are printed. */
function lines(rows: readonly (readonly [stored: string, where: string])[]): string {
  const width = Math.max(...rows.map(([stored]) => stored.length));
  return rows.map(([stored, where]) => `${stored.padEnd(width)}  ${where}\n`).join('');
}

interface Given {
  readonly key?: string | undefined;
  readonly stdin?: readonly (string | Uint8Array)[];
}

function digest(args: readonly string[], { key, stdin }: Given = {}): Promise<Ended> {
  return runCommand(['digest', ...args], { IMTBL_REDACT_KEY: key }, stdin);
}

describe('immutablelog digest', () => {
  it('prints SHA-256 of the exact bytes of each value', async () => {
    expect(await digest([EMAIL, ' User@Example.com', 'é'])).toEqual({
      exitCode: 0,
      out: `${sha256(EMAIL)}\n${sha256(' User@Example.com')}\n${sha256('é')}\n`,
      err: '',
    });
  });

  it('tells what stands in an attribute from what stands in free text', async () => {
    const hex = sha256(EMAIL);
    expect(await digest(['--class', 'email', EMAIL])).toEqual({
      exitCode: 0,
      out: lines([
        [hex, 'attribute: the bytes as written, which are the canonical form'],
        [`[email sha256:${hex.slice(0, 32)}]`, 'free text: the canonical form, shortened'],
      ]),
      err: '',
    });
  });

  it('prints the digest of the bytes as written beside the one of the canonical form', async () => {
    const { out } = await digest(['--class=email', ' USER@example.com ']);
    expect(out).toBe(
      lines([
        [sha256(' USER@example.com '), 'attribute: the bytes as written'],
        [sha256(EMAIL), 'attribute: the canonical form, where it was written so'],
        [
          `[email sha256:${sha256(EMAIL).slice(0, 32)}]`,
          'free text: the canonical form, shortened',
        ],
      ]),
    );
  });

  it('says of a class that is only masked in text that the mask finds nobody', async () => {
    const { out } = await digest(['--class', 'cpf', '529.982.247-25']);
    expect(out).toBe(
      lines([
        [sha256('529.982.247-25'), 'attribute: the bytes as written'],
        [sha256('52998224725'), 'attribute: the canonical form, where it was written so'],
        ['[cpf]', 'free text: a marker alone, which cannot be searched for'],
      ]),
    );
  });

  it('puts an empty line between two values of a class', async () => {
    const { out } = await digest(['--class', 'email', EMAIL, EMAIL]);
    const [first, second, ...more] = out.split('\n\n');
    expect(more).toEqual([]);
    expect(second).toBe(`${first}\n`);
  });

  it('prints with --quiet only what can be searched for, each once', async () => {
    const [written, canonical] = [sha256('529.982.247-25'), sha256('52998224725')];
    const cpf = await digest(['--quiet', '--class', 'cpf', '529.982.247-25', '52998224725']);
    expect(cpf).toEqual({ exitCode: 0, out: `${written}\n${canonical}\n`, err: '' });
    const email = await digest(['--quiet', '--class', 'email', EMAIL]);
    expect(email.out).toBe(`${sha256(EMAIL)}\nsha256:${sha256(EMAIL).slice(0, 32)}\n`);
  });

  it.each([undefined, KEY])('finds with --quiet what the redactor stores (key %s)', async (key) => {
    const redactor = createRedactor(
      key === undefined ? {} : { key: { id: 'k1', secret: new Uint8Array(SECRET) } },
    );
    const { out } = await digest(['--quiet', '--class', 'email', ' User@example.com'], { key });
    const patterns = out.trimEnd().split('\n');
    const places = [
      JSON.stringify(redactor.redact({ email: ' User@example.com' })),
      redactor.redactText('seen: User@example.com.'),
      redactor.redactText('https://a.example/users/User@example.com/cart'),
    ];
    for (const place of places) {
      expect(patterns.some((pattern) => place.includes(pattern))).toBe(true);
    }
  });

  it('prints the attribute as naming in place stores it', async () => {
    const hex = sha256(EMAIL);
    const { out } = await digest(['--in-place', '--class', 'email', EMAIL]);
    expect(out.split('\n', 1)[0]).toMatch(new RegExp(`^sha256:${hex}  attribute: `));
  });

  it('prints with --text nothing but what stands in free text', async () => {
    const { out } = await digest(['--text', '--class', 'email', EMAIL]);
    expect(out).toBe(`[email sha256:${sha256(EMAIL).slice(0, 32)}]\n`);
  });

  it('prints the digest of the active key over class, NUL and canonical form', async () => {
    const hex = hmac(`email\0${EMAIL}`);
    const asked = await digest(['--class', 'email', 'User@example.com'], { key: KEY });
    expect(asked).toEqual({
      exitCode: 0,
      out: lines([
        [`hmac-sha256:k1:${hex}`, 'attribute, under the active key k1'],
        [`[email hmac-sha256:k1:${hex.slice(0, 32)}]`, 'free text, under the active key k1'],
      ]),
      err: '',
    });
  });

  it('prints what is stored under each of several keys, the active one first', async () => {
    const old = Buffer.alloc(32, 8);
    const both = `${KEY},k0:${old.toString('base64')}`;
    const hex = hmac(`email\0${EMAIL}`);
    const oldHex = createHmac('sha256', old).update(`email\0${EMAIL}`).digest('hex');
    const { out } = await digest(['--class', 'email', EMAIL], { key: both });
    expect(out).toBe(
      lines([
        [`hmac-sha256:k1:${hex}`, 'attribute, under the active key k1'],
        [`[email hmac-sha256:k1:${hex.slice(0, 32)}]`, 'free text, under the active key k1'],
        [`hmac-sha256:k0:${oldHex}`, 'attribute, under the older key k0'],
        [`[email hmac-sha256:k0:${oldHex.slice(0, 32)}]`, 'free text, under the older key k0'],
      ]),
    );
    const one = await digest(['--key-id', 'k0', '--class', 'email', '--quiet', EMAIL], {
      key: both,
    });
    expect(one.out).toBe(`hmac-sha256:k0:${oldHex}\nhmac-sha256:k0:${oldHex.slice(0, 32)}\n`);
  });

  it('says that without a class the digest of a key is the one of class text', async () => {
    const { out, err } = await digest([EMAIL], { key: KEY });
    expect(out).toBe(`hmac-sha256:k1:${hmac(`text\0${EMAIL}`)}\n`);
    expect(err).toMatch(/^note: The digest of a key differs from class to class/);
  });

  it.each([undefined, KEY])('prints what the redactor stores (key %s)', async (key) => {
    const redactor = createRedactor(
      key === undefined ? {} : { key: { id: 'k1', secret: new Uint8Array(SECRET) } },
    );
    const { out } = await digest(['--class', 'email', EMAIL], key === undefined ? {} : { key });
    const [attribute, inText] = out.split('\n').map((line) => line.split('  ')[0]);
    expect(redactor.redact({ email: EMAIL })).toEqual({ email_hash: attribute });
    expect(redactor.redactText(`seen: ${EMAIL}`)).toBe(`seen: ${inText}`);
  });

  it.each([[[]], [['-']]])('takes each line of standard input with arguments %j', async (args) => {
    const stdin = ['a\r\nb', new TextEncoder().encode('c\n\n d')];
    const { out } = await digest(args, { stdin });
    expect(out).toBe(['a', 'bc', '', ' d'].map((line) => `${sha256(line)}\n`).join(''));
  });

  it('keeps a character whole that two chunks share', async () => {
    const [first, second] = Buffer.from('é');
    const stdin = [Uint8Array.of(first ?? 0), Uint8Array.of(second ?? 0)];
    expect((await digest([], { stdin })).out).toBe(`${sha256('é')}\n`);
  });

  it('names the line that is not UTF-8', async () => {
    const { exitCode, err } = await digest([], { stdin: ['a\n', Uint8Array.of(0xff)] });
    expect([exitCode, err]).toEqual([1, 'immutablelog: Line 2 of standard input is not UTF-8.\n']);
  });

  it('says that standard input cannot be read', async () => {
    const io = createFakeIo();
    const stdin = {
      async *[Symbol.asyncIterator]() {
        yield 'a\n';
        throw Object.assign(new Error('a directory'), { code: 'EISDIR' });
      },
    };
    await expect(run(['digest'], { ...io, stdin })).resolves.toBe(1);
    expect(io.err()).toBe('immutablelog: Standard input cannot be read (EISDIR).\n');
  });

  it('takes a value that looks like an option behind --', async () => {
    expect((await digest(['--', '-1'])).out).toBe(`${sha256('-1')}\n`);
  });

  it('takes the key whose id is asked for', async () => {
    expect((await digest(['--key-id', 'k1', '--class', 'ip', '::1'], { key: KEY })).exitCode).toBe(
      0,
    );
  });

  it.each([
    [KEY, 'IMTBL_REDACT_KEY holds the key k1.'],
    [`${KEY},k0:${SECRET.toString('base64')}`, 'IMTBL_REDACT_KEY holds the keys k1, k0.'],
    ['', 'IMTBL_REDACT_KEY is not set.'],
  ])('refuses the id of a key that is not loaded', async (key, reason) => {
    const { exitCode, out, err } = await digest(['--key-id', 'k2', EMAIL], { key });
    expect([exitCode, out]).toEqual([1, '']);
    expect(err).toBe(`immutablelog: There is no key with the id of --key-id: ${reason}\n`);
  });

  it('refuses a bad key without showing it', async () => {
    const { exitCode, out, err } = await digest([EMAIL], { key: 'k1:c2hvcnQ=' });
    expect([exitCode, out]).toEqual([1, '']);
    expect(err).toMatch(/^immutablelog: IMTBL_REDACT_KEY cannot be used: .*32 bytes\.\n$/);
    expect(err).not.toContain('c2hvcnQ');
  });

  it('refuses all keys for one that is bad, without showing any', async () => {
    const { exitCode, out, err } = await digest([EMAIL], { key: `${KEY},k0:c2hvcnQ=` });
    expect([exitCode, out]).toEqual([1, '']);
    expect(err).toMatch(/^immutablelog: IMTBL_REDACT_KEY cannot be used: .*32 bytes\.\n$/);
    expect(err).not.toContain('c2hvcnQ');
    expect(err).not.toContain(KEY.slice(3));
  });

  it.each([
    [['--class', 'mail', EMAIL], 'The class must be one of email, ip, cpf'],
    [['--class', 'password', EMAIL], 'The class must be one of email, ip, cpf'],
    [['--text', EMAIL], 'With --text give a --class other than text.'],
    [['--text', '--class', 'text', EMAIL], 'With --text give a --class other than text.'],
    [['--text', '--in-place', EMAIL], 'Give --text or --in-place, not both.'],
    [['-', EMAIL], 'Give values, or - for standard input, not both.'],
    [['--clas', 'email', EMAIL], "Unknown option '--clas'."],
    [[EMAIL, '--key-id'], "Option '--key-id <value>' argument missing."],
  ])('refuses %j', async (args, mistake) => {
    const { exitCode, out, err } = await digest(args);
    expect([exitCode, out]).toEqual([2, '']);
    expect(err).toContain(`immutablelog: ${mistake}`);
    expect(err).not.toContain(EMAIL);
  });

  it('ends on a signal while standard input is open', async () => {
    const io = createFakeIo();
    const open = new AbortController();
    const exitCode = run(['digest'], {
      ...io,
      stdin: {
        async *[Symbol.asyncIterator]() {
          yield 'a\n';
          await untilAborted(open.signal);
          yield 'b\n';
        },
      },
    });
    await expect.poll(() => io.out()).toBe(`${sha256('a')}\n`);
    io.end();
    open.abort();
    await expect(exitCode).resolves.toBe(1);
    expect(io.out()).toBe(`${sha256('a')}\n`);
  });

  it('says in its help that values on the command line stay in the history', async () => {
    expect((await digest(['--help'])).out).toContain('history of the shell');
  });
});
