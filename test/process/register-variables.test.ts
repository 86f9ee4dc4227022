import { rmSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { REGISTER, createProject } from '../support/registered-app.ts';
import { runScript } from '../support/run-script.ts';
import type { ScriptResult } from '../support/run-script.ts';
import type { Trap } from '../support/trap.ts';
import { openTrap, trapEnvironment } from '../support/trap.ts';
import { STOPS_ALL, WRONG_VALUES } from '../support/wrong-variables.ts';

/** An empty variable is one that is not set. */
const UNSET = Object.fromEntries(Object.keys(WRONG_VALUES).map((name) => [name, '']));

let project: string;
let trap: Trap;

beforeAll(() => {
  project = createProject();
});

afterAll(() => {
  rmSync(project, { recursive: true, force: true });
});

beforeEach(async () => {
  trap = await openTrap();
});

afterEach(() => trap.close());

/** Runs an application that records a span and a log record and prints one line. */
function run(env: Readonly<Record<string, string>>): Promise<ScriptResult> {
  const args = [REGISTER, 'prints.mjs'];
  return runScript('--import', { args, cwd: project, env: { ...UNSET, ...env } });
}

const UNHARMED = { exit: 0, out: 'output of the application\n' };

const ROWS = [...STOPS_ALL].flatMap((name) =>
  (WRONG_VALUES[name] ?? []).slice(0, 2).map((value) => [name, value] as const),
);

describe('an application under the flag, with a variable that cannot be read', () => {
  it('would lead into the trap, were it right', async () => {
    const { exit, out } = await run(trapEnvironment(trap, 'IMTBL_URL'));
    expect({ exit, out }).toEqual(UNHARMED);
    expect(trap.visits()).toBeGreaterThan(0);
  });

  it.each(ROWS)('runs, sends nothing and says why in one line: %s=%j', async (name, value) => {
    const { exit, out, err } = await run({ ...trapEnvironment(trap, name), [name]: value });
    expect({ exit, out }).toEqual(UNHARMED);
    expect(trap.visits()).toBe(0);
    const lines = err.split('\n');
    expect(lines.filter((line) => line.includes(name))).toHaveLength(1);
    expect(lines.filter((line) => line.includes('nothing is sent:'))).toHaveLength(1);
    expect(lines.filter((line) => line.includes('to nowhere until'))).toHaveLength(1);
    expect(err).not.toContain('hunter2');
  });

  it('runs and sends nothing when nothing at all is set, and says so in one line', async () => {
    const { exit, out, err } = await run({});
    expect({ exit, out }).toEqual(UNHARMED);
    expect(err).toMatch(/^immutablelog exporter: nothing is sent .*IMTBL_API_KEY\n$/);
  });
});

describe('a program that makes a client itself and has set no logger up', () => {
  const wrong = ROWS.filter(
    ([name], index) => ROWS.findIndex(([first]) => first === name) === index,
  );

  it.each(wrong)('sees one warning of the process: %s=%j', async (name, value) => {
    const env = { ...UNSET, ...trapEnvironment(trap, name), [name]: value };
    const { exit, out, err } = await runScript('test/process/fixtures/await-send.js', { env });
    expect({ exit, out }).toEqual({ exit: 0, out: 'lost config_invalid\n' });
    expect(trap.visits()).toBe(0);
    const [line = '', ...rest] = err.split('\n').filter((text) => text !== '');
    expect(line).toMatch(/^\(node:\d+\) ImmutableLogWarning: nothing is sent: /);
    expect(line).toContain(`${name} cannot be used`);
    expect(rest).toEqual([expect.stringContaining('--trace-warnings')]);
  });
});
