import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Ended } from '../support/fake-io.ts';
import { runCommand } from '../support/fake-io.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

interface Examined extends Ended {
  /** Lines of output, each cut into its cells. */
  readonly rows: readonly (readonly string[])[];
}

/** Runs the command on a file of events. */
async function examine(
  events: readonly unknown[],
  args: readonly string[] = [],
  variables: Readonly<Record<string, string>> = {},
): Promise<Examined> {
  const file = join(temporaryFolder(), 'samples.jsonl');
  writeFileSync(file, events.map((event) => `${JSON.stringify(event)}\n`).join(''));
  const env = {
    IMTBL_REDACT_KEY: `k1:${Buffer.alloc(32, 7).toString('base64')}`,
    ...variables,
  };
  const ended = await runCommand(['doctor', '--redaction', file, ...args], env);
  return { ...ended, rows: ended.out.split('\n').map((row) => row.split(/ {2,}/)) };
}

function rulesFile(rules: unknown): string {
  const file = join(temporaryFolder(), 'rules.json');
  writeFileSync(file, typeof rules === 'string' ? rules : JSON.stringify(rules));
  return file;
}

const EMAIL = 'ana@example.com';

describe('immutablelog doctor --redaction FILE', () => {
  it('reads each line of a file of samples', async () => {
    const { exitCode, out } = await examine([{ email: EMAIL }, { email: EMAIL }]);
    expect(exitCode).toBe(0);
    expect(out).toContain('email  hash    email  2\n');
  });

  it('finds a personal name that a rule keeps', async () => {
    const rules = rulesFile([{ match: '/^user\\.(phone|ssn)$/i', action: 'keep' }]);
    const event = { user: { phone: '5555', ssn: '078-05-1120' } };
    const { exitCode, rows } = await examine([event], ['--rules', rules]);
    expect(exitCode).toBe(1);
    expect(rows).toContainEqual(['user.phone', 'phone', '1']);
    expect(rows).toContainEqual(['user.ssn', 'text', '1']);
  });

  it.each([
    ['truncate', ['user.email', 'truncate', 'email', '1']],
    ['mask', ['user.email', 'mask', 'email', '1']],
    ['drop', ['user.email', 'drop', 'email', '1']],
  ])('shows what a rule does that says %s', async (action, row) => {
    const rules = rulesFile([{ match: 'user.*', action }]);
    const { exitCode, rows } = await examine([{ user: { email: EMAIL } }], ['--rules', rules]);
    expect(rows).toContainEqual(row);
    expect(exitCode).toBe(0);
  });

  it('shows each name of a payload of which nothing is left', async () => {
    const rules = rulesFile([{ match: '/./', action: 'drop' }]);
    const { exitCode, rows } = await examine([{ a: 1 }], ['--rules', rules, '--mode', 'allow']);
    expect(rows).toContainEqual(['a', 'drop', 'text', '1']);
    expect(exitCode).toBe(0);
  });

  it('tries what the exporters would do by the variables', async () => {
    const variables = {
      IMTBL_REDACT_RULES: rulesFile([{ match: 'order', action: 'truncate' }]),
      IMTBL_REDACT_MODE: 'allow',
      IMTBL_REDACT_DETECT: 'all',
    };
    const { exitCode, rows } = await examine([{ order: 'x', other: 'y' }], [], variables);
    expect(exitCode).toBe(0);
    expect(rows).toContainEqual(['order', 'mask', 'text', '1']);
    expect(rows).toContainEqual(['other', 'drop', 'text', '1']);
  });

  it('goes by its own options before the variables', async () => {
    const variables = { IMTBL_REDACT_RULES: 'missing.json', IMTBL_REDACT_MODE: 'allow' };
    const args = ['--rules', rulesFile([]), '--mode', 'deny'];
    const { exitCode, out } = await examine([{ other: 'y' }], args, variables);
    expect([exitCode, out]).toEqual([
      0,
      'Nothing was redacted.\n\nNothing that looks personal is left.\n',
    ]);
  });

  it('is refused with a variable that cannot be used', async () => {
    const { exitCode, err } = await examine([{}], [], { IMTBL_REDACT_RULES: 'missing.json' });
    expect(exitCode).toBe(1);
    expect(err).toBe(
      'immutablelog: IMTBL_REDACT_RULES cannot be used: expected the path of a JSON file of rules ' +
        '(the file of redact.rules cannot be read (ENOENT)).\n',
    );
  });

  it('is refused when the file of samples is not there', async () => {
    const file = join(temporaryFolder(), 'missing');
    const { exitCode, err } = await runCommand(['doctor', '--redaction', file]);
    expect(exitCode).toBe(1);
    expect(err).toContain('immutablelog: The file of --redaction cannot be read (ENOENT).\n');
  });

  it('is refused when the file of rules is not there', async () => {
    const { exitCode, err } = await examine([{}], ['--rules', join(temporaryFolder(), 'missing')]);
    expect(exitCode).toBe(1);
    expect(err).toBe('immutablelog: the file of redact.rules cannot be read (ENOENT).\n');
  });

  it.each([
    ['no JSON', 'redact.rules must be JSON.'],
    ['', 'redact.rules must be JSON.'],
    [[{ macth: 'a', action: 'mask' }], 'redact.rules[0] must hold match, action and class alone.'],
    [{}, 'redact.rules must be an array.'],
    [
      [{ match: '/(/', action: 'mask' }],
      'redact.rules[0].match must be a valid regular expression.',
    ],
    [
      [{ match: 'a', action: 'hide' }],
      'redact.rules[0].action must be one of hash, mask, drop, truncate, keep.',
    ],
  ])('is refused with the rules %j', async (rules, mistake) => {
    const { exitCode, out, err } = await examine([{}], ['--rules', rulesFile(rules)]);
    expect([exitCode, out, err]).toEqual([1, '', `immutablelog: ${mistake}\n`]);
  });
});
