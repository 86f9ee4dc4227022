/**
 * Runs the benchmarks that were compiled to reports/bench:
 * `npm run bench -- [name …] [--quick | --smoke] [--json FILE]`.
 *
 * - `--quick` takes fewer and shorter rounds; all benchmarks together end in two minutes.
 * - `--smoke` only sees whether each benchmark works; it judges no times.
 * - `--json` writes the reports of the benchmarks that make one to a file, by name. A benchmark
 *   is told by BENCH_QUICK=1, BENCH_SMOKE=1 and BENCH_JSON=1; its report is then the last line of
 *   its standard output.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const folder = fileURLToPath(new URL('../reports/bench/test/bench', import.meta.url));
const known = readdirSync(folder)
  .filter((file) => file.endsWith('.js'))
  .map((file) => file.slice(0, -'.js'.length));

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(2);
}

function readArguments() {
  const boolean = { type: 'boolean', default: false };
  try {
    return parseArgs({
      allowPositionals: true,
      options: { quick: boolean, smoke: boolean, json: { type: 'string' } },
    });
  } catch (error) {
    return fail(error.message);
  }
}

const { positionals, values } = readArguments();
const unknown = positionals.filter((name) => !known.includes(name));
if (unknown.length > 0) {
  fail(`no benchmark ${unknown.join(', ')}; there are: ${known.join(', ')}`);
}

// A worker thread runs the built file.
const built = spawnSync('npm', ['run', '--silent', 'build'], {
  cwd: fileURLToPath(new URL('..', import.meta.url)),
  stdio: 'inherit',
  shell: process.platform === 'win32',
});
if (built.status !== 0) fail('the package could not be built');

const running = new Set();
let stopped = 0;
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
]) {
  process.on(signal, () => {
    stopped = code;
    for (const child of running) child.kill('SIGTERM');
  });
}

const env = {
  ...process.env,
  ...(values.quick || values.smoke ? { BENCH_QUICK: '1' } : {}),
  ...(values.smoke ? { BENCH_SMOKE: '1' } : {}),
  ...(values.json === undefined ? {} : { BENCH_JSON: '1' }),
};

/** Runs one benchmark to its end; resolves with its exit code and standard output. */
function run(name) {
  const child = spawn(process.execPath, [`${folder}/${name}.js`], {
    env,
    stdio: ['ignore', 'pipe', values.smoke ? 'pipe' : 'inherit'],
  });
  running.add(child);
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    output += text;
    if (!values.smoke && values.json === undefined) process.stdout.write(text);
  });
  child.stderr?.setEncoding('utf8').on('data', (text) => {
    errors += text;
  });
  return new Promise((resolve) => {
    child.once('close', (code) => {
      running.delete(child);
      resolve({ name, code: code ?? 1, output, errors });
    });
  });
}

/** The report in the output of a benchmark; `undefined` for one that prints text alone. */
function reportIn(output) {
  try {
    return JSON.parse(output.trimEnd().split('\n').at(-1) ?? '');
  } catch {
    return undefined;
  }
}

const names = positionals.length > 0 ? positionals : known;
const reports = {};

function took({ name, code, output, errors }) {
  if (code !== 0) process.exitCode = code;
  if (values.smoke) {
    process.stdout.write(`${code === 0 ? 'works' : 'FAILS'}  ${name}\n`);
    if (code !== 0) process.stderr.write(errors);
  }
  const report = values.json === undefined ? undefined : reportIn(output);
  if (report !== undefined) reports[name] = report;
  else if (values.json !== undefined && !values.smoke) process.stdout.write(output);
}

if (values.smoke) {
  // Nothing is judged, so nothing is disturbed when two run at a time.
  const queue = names.values();
  const runner = async () => {
    for (const name of queue) if (stopped === 0) took(await run(name));
  };
  await Promise.all([runner(), runner(), runner()]);
} else {
  for (const name of names) {
    if (stopped !== 0) break;
    process.stdout.write(`\n# ${name}\n\n`);
    took(await run(name));
  }
}
if (stopped !== 0) process.exit(stopped);
if (values.json !== undefined) {
  const inOrder = Object.fromEntries(
    names.flatMap((name) => (name in reports ? [[name, reports[name]]] : [])),
  );
  mkdirSync(dirname(values.json), { recursive: true });
  writeFileSync(values.json, `${JSON.stringify({ format: 1, benchmarks: inOrder }, null, 2)}\n`);
}
