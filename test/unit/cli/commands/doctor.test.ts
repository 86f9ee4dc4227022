import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Ended } from '../../../support/fake-io.ts';
import { createFakeIo, runCommand } from '../../../support/fake-io.ts';
import { run } from '../../../../src/cli/run.ts';

const KEY = `k1:${Buffer.alloc(32, 7).toString('base64')}`;
const EMAIL = 'ana@example.com';
const CPF = '529.982.247-25';
const DIGEST = 'b4c9a289323b21a01c3e940f150eb9b8c542587f1abfd8f0e1cc1ffc5e475514';

interface Examined extends Ended {
  /** Lines of output, each cut into its cells. */
  readonly rows: readonly (readonly string[])[];
}

/** Runs the command on lines; an object is written as JSON. */
async function examine(
  lines: readonly unknown[],
  args: readonly string[] = [],
  key = KEY,
): Promise<Examined> {
  const texts = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line)));
  const ended = await runCommand(
    ['doctor', '--redaction', '-', ...args],
    { IMTBL_REDACT_KEY: key },
    texts.map((text) => `${text}\n`),
  );
  return { ...ended, rows: ended.out.split('\n').map((row) => row.split(/ {2,}/)) };
}

describe('immutablelog doctor --redaction', () => {
  it('counts what was done by path, action and class, and exits 0 when nothing is left', async () => {
    const event = { user: { email: EMAIL, id: 'usr_1' }, password: 'hunter2' };
    expect(await examine([event, event])).toMatchObject({
      exitCode: 0,
      out: `PATH        ACTION  CLASS   COUNT
password    mask    secret  2
user.email  hash    email   2

Nothing that looks personal is left.
`,
      err: '',
    });
  });

  it('shows where something still looks personal, and exits 1', async () => {
    const { exitCode, out } = await examine([{ ok: true }, { taxpayer: CPF }, { taxpayer: CPF }]);
    expect(exitCode).toBe(1);
    expect(out).toBe(`Nothing was redacted.

STILL LOOKS PERSONAL
PATH      CLASS  LINES
taxpayer  cpf    2, 3
`);
  });

  it('finds numbers that look personal, where no text does', async () => {
    const { rows } = await examine([{ document: 52998224725, at: 1764000000000, count: 12 }]);
    expect(rows).toContainEqual(['document', 'cpf', '1']);
    expect(rows).not.toContainEqual(expect.arrayContaining(['at']));
  });

  it('takes addresses of the machine itself for no leak', async () => {
    const attributes = { 'host.ip': ['10.0.0.1'], 'user.id': '52998224725' };
    const { rows } = await examine([{ signal: 'log', attributes }]);
    expect(rows).toContainEqual(['attributes.user.id', 'cpf', '1']);
    expect(rows).not.toContainEqual(expect.arrayContaining(['attributes.host.ip[]']));
  });

  it('reads the payload of a span by the parts it has', async () => {
    const { exitCode, rows } = await examine([
      {
        signal: 'span',
        name: 'GET /users',
        trace_id: '4bf92f3577b34da6a3ce929d0e0e4736',
        span_id: '00f067aa0ba902b7',
        start_time: '2026-11-23T15:00:00.000000001Z',
        status: { code: 'error', message: `no user ${EMAIL}` },
        attributes: {
          'client.address': '203.0.113.9',
          'url.full': `https://h.example/u/${EMAIL}?q=secret`,
          'db.query.text': "select * from t where name = 'Ana'",
        },
        events: [{ name: 'exception', attributes: { 'exception.message': `for ${CPF}` } }],
        resource: { 'service.name': 'billing' },
      },
    ]);
    expect(exitCode).toBe(0);
    expect(rows.slice(1, 7)).toEqual([
      ['attributes.client.address', 'hash', 'ip', '1'],
      ['attributes.db.query.text', 'rewrite', 'text', '1'],
      ['attributes.url.full', 'hash', 'email', '1'],
      ['attributes.url.full', 'mask', 'query', '1'],
      ['events[].attributes.exception.message', 'hash', 'cpf', '1'],
      ['status.message', 'hash', 'email', '1'],
    ]);
  });

  it('reads the body of a request, meta and payload', async () => {
    const payload = JSON.stringify({ signal: 'log', body: `from ${EMAIL}` });
    const { rows } = await examine([{ payload, meta: { error_message: `for ${EMAIL}` } }]);
    expect(rows).toContainEqual(['body', 'hash', 'email', '1']);
    expect(rows).toContainEqual(['meta:error_message', 'hash', 'email', '1']);
  });

  it('finds nothing to do and nothing left in what was redacted before', async () => {
    const attributes = {
      'user.email_hash': DIGEST,
      email: `hmac-sha256:k1:${DIGEST}`,
      note: `[email sha256:${DIGEST.slice(0, 32)}] paid with [card], token=[secret]`,
    };
    expect(await examine([{ signal: 'log', attributes }], ['--detect', 'all'])).toMatchObject({
      exitCode: 0,
      out: 'Nothing was redacted.\n\nNothing that looks personal is left.\n',
    });
  });

  it('shows a name that is personal itself by its class', async () => {
    const { rows, out } = await examine([{ seen: { [EMAIL]: 1 } }]);
    expect(rows).toContainEqual(['seen.[email]', 'hash', 'email', '1']);
    expect(out).not.toContain(EMAIL);
  });

  it('shows no value, whatever the events and the options are', async () => {
    const canary = fc.stringMatching(/^[a-z]{6}$/).map((name) => `qz${name}`);
    const value = canary.chain((word) =>
      fc.constantFrom(`${word}@example.com`, word, `Bearer ${word}${word}`, `https://h/?q=${word}`),
    );
    const names = ['email', 'password', 'note', 'url', 'a', 'body', 'attributes', 'signal', 'log'];
    const { event } = fc.letrec((tie) => ({
      event: fc.dictionary(fc.constantFrom(...names), tie('value'), { maxKeys: 4 }),
      value: fc.oneof(value, fc.array(value, { maxLength: 3 }), tie('event')),
    }));
    await fc.assert(
      fc.asyncProperty(
        event,
        fc.constantFrom('--mode=allow', '--detect=off', '--detect=all', '--naming=in-place'),
        async (sample, option) => {
          const { out, err } = await examine([sample], [option]);
          expect(out + err).not.toContain('qz');
        },
      ),
      { numRuns: 50 },
    );
  });

  it.each([
    ['--naming', 'in-place', ['email', 'hash', 'email', '1']],
    ['--mode', 'allow', ['email', 'drop', 'email', '1']],
    ['--detect', 'all', ['name', 'hash', 'cpf', '1']],
    ['--detect', 'off', ['name', 'cpf', '1']],
  ])('tries %s %s', async (option, value, row) => {
    expect((await examine([{ email: EMAIL, name: CPF }], [option, value])).rows).toContainEqual(
      row,
    );
  });

  it('masks in text what it would hash with a key, and says why', async () => {
    const { rows, err } = await examine([{ note: `for ${CPF}` }], [], '');
    expect(rows).toContainEqual(['note', 'mask', 'cpf', '1']);
    expect(err).toMatch(/^note: redact\.key is not set/);
  });

  it('names the lines it cannot read, goes on, and exits 1', async () => {
    const body = { payload: `{${EMAIL}`, meta: {} };
    const { exitCode, err, out } = await examine([{ a: 1 }, `{"${EMAIL}"`, '[]', '', body]);
    expect(exitCode).toBe(1);
    expect(err).toBe(`immutablelog: line 2: not JSON
immutablelog: line 3: not a JSON object
immutablelog: line 5: its payload is not JSON
`);
    expect(out).toContain('Nothing that looks personal is left.');
  });

  it('shows five line numbers at most', async () => {
    const { rows } = await examine(Array.from({ length: 9 }, () => ({ taxpayer: CPF })));
    expect(rows).toContainEqual(['taxpayer', 'cpf', '1, 2, 3, 4, 5 and more']);
  });

  it('does not say that all is well about a file without events', async () => {
    const { exitCode, out, err } = await examine([]);
    expect([exitCode, out]).toEqual([1, '']);
    expect(err).toBe('immutablelog: There is no event in the file of --redaction.\n');
  });

  it('ends when it is told to', async () => {
    const io = createFakeIo();
    io.end();
    await expect(run(['doctor', '--redaction', '-'], io)).resolves.toBe(1);
    expect(io.err()).toContain('Ended before the end of the samples.');
  });
});

describe('the command line of doctor', () => {
  it.each([
    [['--rules', 'f'], '--rules belongs to --redaction FILE.'],
    [['--redaction', 'f', '--no-send'], '--redaction sends nothing anyway.'],
    [['--redaction', ''], '--redaction needs a file.'],
    [['--redaction', 'f', '--mode', 'maybe'], '--mode must be one of deny, allow.'],
    [['--redaction', 'f', '--detect', 'none'], '--detect must be one of text, all, off.'],
    [['--redaction', 'f', '--naming', 'x'], '--naming must be one of suffix, in-place.'],
    [['samples.jsonl'], 'This command takes options only.'],
  ])('is refused with its help when it is %j', async (args, mistake) => {
    const io = createFakeIo();
    await expect(run(['doctor', ...args], io)).resolves.toBe(2);
    expect(io.err()).toContain(`immutablelog: ${mistake}\n\nUsage: immutablelog doctor`);
  });

  it('is refused with a bad key', async () => {
    const { exitCode, err } = await examine([{}], [], 'k1');
    expect(exitCode).toBe(1);
    expect(err).toMatch(/^immutablelog: IMTBL_REDACT_KEY cannot be used/);
  });
});
