/**
 * Counts the files of `src` that one span runs through, from `export()` to the socket and back: a
 * file counts when one of its functions is called for that span. Prints the list and fails above
 * the limits. `node .config/span-walk.mjs`
 *
 * The source is compiled file by file, so that V8's counts of calls tell one file from another. A
 * first span is sent before counting: what is done once is no part of what a span runs through.
 */
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { Session } from 'node:inspector/promises';
import { join, relative } from 'node:path';
import process from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { rolldown } from 'rolldown';

const LIMITS = { inline: 30, worker: 40 };

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = fileURLToPath(new URL('../reports/span-walk', import.meta.url));
const out = join(folder, 'dist');
const outUrl = pathToFileURL(`${out}/`).href;

async function compile() {
  rmSync(folder, { recursive: true, force: true });
  const build = await rolldown({
    input: { index: 'src/index.ts', worker: 'src/worker/entry.ts' },
    cwd: root,
    platform: 'node',
    external: [/^[^./]/],
    tsconfig: 'tsconfig.json',
  });
  await build.write({
    dir: out,
    format: 'esm',
    preserveModules: true,
    preserveModulesRoot: 'src',
    entryFileNames: '[name].js',
  });
  await build.close();
  // The thread's file is found through the manifest of the package.
  const exports = { './package.json': './package.json' };
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ name: 'opentelemetry-exporter-immutablelog', type: 'module', exports }),
  );
}

/** A ledger that takes everything. */
async function startLedger() {
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      response.writeHead(202, { 'content-type': 'application/json' }).end('{"ok":true}');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
}

function spanOf(number) {
  const spanId = String(number).padStart(16, '0');
  const traceId = String(number).padStart(32, '0');
  return {
    name: 'GET /users/:id',
    kind: 1,
    spanContext: () => ({ traceId, spanId, traceFlags: 1 }),
    parentSpanContext: undefined,
    startTime: [1_795_446_000, 1],
    endTime: [1_795_446_000, 12_345_679],
    duration: [0, 12_345_678],
    status: { code: 0 },
    attributes: {
      'http.request.method': 'GET',
      'http.route': '/users/:id',
      'user.email': 'ana@example.com',
    },
    events: [],
    links: [],
    resource: RESOURCE,
    instrumentationScope: SCOPE,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}
const RESOURCE = { attributes: { 'service.name': 'walk' } };
const SCOPE = { name: 'walk', version: '1.0.0' };

/** The inspectors of this thread and of its worker, by one way of asking. */
async function connect() {
  const session = new Session();
  session.connect();
  const threads = new Map();
  let lastId = 0;
  session.on('NodeWorker.attachedToWorker', ({ params }) => {
    threads.set(params.sessionId, new Map());
  });
  session.on('NodeWorker.receivedMessageFromWorker', ({ params }) => {
    const { id, result } = JSON.parse(params.message);
    threads.get(params.sessionId)?.get(id)?.(result);
  });
  await session.post('NodeWorker.enable', { waitForDebuggerOnStart: false });
  function postToThread(sessionId, method, params) {
    const id = (lastId += 1);
    const answer = new Promise((resolve) => {
      threads.get(sessionId).set(id, resolve);
    });
    const message = JSON.stringify({ id, method, params });
    return session
      .post('NodeWorker.sendMessageToWorker', { sessionId, message })
      .then(() => answer);
  }
  return {
    /** Asks each thread; resolves to the answers. */
    all: (method, params) =>
      Promise.all([
        session.post(method, params),
        ...[...threads.keys()].map((sessionId) => postToThread(sessionId, method, params)),
      ]),
    close: () => session.disconnect(),
  };
}

/** Whether a function was called, other than the body of its module. */
const isCalled = ({ functionName, ranges: [whole] }) => whole.count > 0 && functionName !== '';

function walked(answers) {
  const calls = new Map();
  for (const { url, functions } of answers.flatMap(({ result }) => result)) {
    if (!url.startsWith(outUrl)) continue;
    const called = functions.filter(isCalled);
    if (called.length === 0) continue;
    const file = relative(out, fileURLToPath(url)).replace(/\.js$/, '.ts');
    const names = calls.get(file) ?? new Map();
    for (const { functionName, ranges } of called) {
      names.set(functionName, (names.get(functionName) ?? 0) + ranges[0].count);
    }
    calls.set(file, names);
  }
  return calls;
}

async function walk(options) {
  const { ImmutableLogSpanExporter } = await import(`${outUrl}index.js`);
  const ledger = await startLedger();
  const exporter = new ImmutableLogSpanExporter({
    apiKey: 'iml_live_walk',
    url: ledger.url,
    ...options,
  });
  const send = (number) =>
    new Promise((resolve, reject) => {
      exporter.export([spanOf(number)], ({ code, error }) => {
        if (code === 0) resolve();
        else reject(error);
      });
    });
  const inspectors = await connect();
  await send(1);
  await inspectors.all('Profiler.enable');
  await inspectors.all('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
  await inspectors.all('Profiler.takePreciseCoverage');
  await send(2);
  const calls = walked(await inspectors.all('Profiler.takePreciseCoverage'));
  await inspectors.all('Profiler.stopPreciseCoverage');
  inspectors.close();
  await exporter.shutdown();
  ledger.close();
  return calls;
}

function print(mode, calls) {
  const functions = [...calls.values()].reduce((sum, names) => sum + names.size, 0);
  const count = [...calls.values()].flatMap((names) => [...names.values()]);
  const total = count.reduce((sum, each) => sum + each, 0);
  const limit = LIMITS[mode];
  process.stdout.write(
    `\nOne span, ${mode}: ${calls.size} files (at most ${limit}), ${functions} functions, ${total} calls\n`,
  );
  for (const [file, names] of [...calls].sort(([a], [b]) => (a < b ? -1 : 1))) {
    process.stdout.write(`  ${file}: ${[...names.keys()].join(', ')}\n`);
  }
  if (calls.size > limit) process.exitCode = 1;
}

await compile();
for (const [mode, options] of [
  ['inline', {}],
  ['worker', { worker: true }],
]) {
  print(mode, await walk(options));
}
