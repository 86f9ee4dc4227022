import { spawn } from 'node:child_process';
import { createEmulator } from '../../src/emulator/index.ts';
import type { LedgerEntry } from '../../src/emulator/index.ts';
import { REPOSITORY } from '../support/run-script.ts';

/** What the requests to an example left behind. */
export interface Traffic {
  /** In the order of the requests. */
  readonly events: readonly LedgerEntry[];
  /** All that was sent to the ledger, as text. */
  readonly sent: string;
  readonly violations: readonly unknown[];
  readonly statuses: readonly (readonly [string, number])[];
  readonly exit: number | null;
  readonly err: string;
}

/** The body whose digest is looked for: bytes that no JSON printer would write again the same way. */
export const BODY = '{ "sku":"c-1",\n "email" : "ana@example.com" }';

const HEADERS = {
  'user-agent': 'probe/1.0',
  'x-forwarded-for': '203.0.113.9',
  'x-request-id': 'rq-42',
};
const PATHS = [
  '/health',
  '/internal/queue',
  '/orders/7?token=hush',
  '/orders/0',
  '/report',
  '/nowhere/ana',
];

const pathOf = ({ payload }: LedgerEntry): string => JSON.parse(payload).attributes['url.path'];

/** In the order of the requests; a batch arrives in any order. */
function inOrder(events: readonly LedgerEntry[]): readonly LedgerEntry[] {
  const order = [...PATHS.map((path) => path.split('?')[0]), '/orders'];
  return [...events].sort((a, b) => order.indexOf(pathOf(a)) - order.indexOf(pathOf(b)));
}

/** Starts an example with its instrumentation, calls each of its routes, and ends it by SIGTERM. */
export async function trafficOf(example: string): Promise<Traffic> {
  await using ledger = await createEmulator({ apiKey: 'local' });
  const folder = `./examples/${example}`;
  const child = spawn(
    process.execPath,
    ['--import', `${folder}/instrumentation.js`, `${folder}/main.js`],
    {
      cwd: REPOSITORY,
      env: { ...process.env, IMTBL_URL: ledger.url, IMTBL_API_KEY: 'local', PORT: '0' },
    },
  );
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  let err = '';
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  try {
    const url = await new Promise<string>((resolve, reject) => {
      child.stdout.once('data', (chunk: Buffer) => {
        resolve(chunk.toString().trim());
      });
      void ended.then((code) => {
        reject(new Error(`ended with ${code} before it listened: ${err}`));
      });
    });
    const statuses: (readonly [string, number])[] = [];
    const call = async (path: string, init: RequestInit = {}): Promise<void> => {
      const headers = {
        ...HEADERS,
        ...(init.body !== undefined && { 'content-type': 'application/json' }),
      };
      const response = await fetch(url + path, { ...init, headers });
      await response.arrayBuffer();
      statuses.push([path, response.status]);
    };
    for (const path of PATHS) await call(path);
    await call('/orders', { method: 'POST', body: BODY });
    child.kill('SIGTERM');
    const exit = await ended;
    const sent = ledger
      .requests()
      .map(({ body }) => body)
      .join('\n');
    return {
      events: inOrder(ledger.events()),
      sent,
      violations: ledger.violations(),
      statuses,
      exit,
      err,
    };
  } finally {
    child.kill('SIGKILL');
  }
}
