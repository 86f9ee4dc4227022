import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** @typedef {import('opentelemetry-exporter-immutablelog').Stats} Stats */

/**
 * What the shop's process says at its end.
 *
 * @typedef {{ counted: { spans: number, logs: number }, spans: Stats, logs: Stats }} ShopReport
 */

/** @param {string} file */
const here = (file) => fileURLToPath(new URL(file, import.meta.url));

/**
 * Starts the shop, with its instrumentation, in a process of its own.
 *
 * @param {string} ledgerUrl
 * @returns {Promise<{ url: string, stop: () => Promise<ShopReport>, kill: () => void }>}
 */
export async function startShop(ledgerUrl) {
  const child = fork(here('start-shop.js'), {
    env: {
      ...process.env,
      IMTBL_URL: ledgerUrl,
      IMTBL_API_KEY: 'demo',
      OTEL_NODE_RESOURCE_DETECTORS: 'none',
    },
    // The shop's own log lines go to its standard output, as ever; here nobody reads them.
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const exited = once(child, 'exit').then(([code, signal]) => {
    throw new Error(`the shop ended early (${code ?? signal})`);
  });
  exited.catch(() => {});
  /** @param {string} kind */
  const next = async (kind) => {
    const [message] = await Promise.race([once(child, 'message'), exited]);
    if (message.kind !== kind) throw new Error(`the shop said ${message.kind} instead of ${kind}`);
    return message;
  };
  const { url } = await next('listening');
  const stop = async () => {
    const report = next('report');
    child.send('stop');
    return report;
  };
  return { url, stop, kill: () => child.kill('SIGKILL') };
}
