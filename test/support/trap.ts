import type { AddressInfo, Socket } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { REPOSITORY } from './run-script.ts';

/** Listens on loopback, and tells how often somebody came. */
export interface Trap {
  readonly port: number;
  /** As the address of a proxy. */
  readonly proxy: string;
  readonly visits: () => number;
  close(): Promise<void>;
}

/** Opens one; who comes is turned away. */
export async function openTrap(): Promise<Trap> {
  let visits = 0;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    visits += 1;
    sockets.add(socket);
    socket.on('error', () => {});
    socket.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // The address of a listening TCP server is never a path.
  const { port } = server.address() as AddressInfo;
  return {
    port,
    proxy: `http://127.0.0.1:${port}`,
    visits: () => visits,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/**
 * An environment in which each way out leads into the trap: through a proxy, where one matters, and
 * to the ledger itself. `0.0.0.0` is this machine and yet no loopback for the exporter, so that
 * proxies and cleartext count.
 */
export function trapEnvironment(
  { port, proxy }: Trap,
  variable: string,
): Readonly<Record<string, string>> {
  const isProxy = /^https?_proxy$/i.test(variable);
  const scheme = /^https_/i.test(variable) ? 'https' : 'http';
  return {
    IMTBL_URL: `${scheme}://0.0.0.0:${port}`,
    IMTBL_ALLOW_INSECURE: '1',
    IMTBL_API_KEY: 'iml_live_test_0123456789abcdef',
    IMTBL_REDACT_KEY: `k1:${Buffer.alloc(32, 7).toString('base64')}`,
    IMTBL_REDACT_RULES: join(REPOSITORY, 'examples/redaction/rules.json'),
    IMTBL_REDACT_MODE: 'deny',
    IMTBL_REDACT_DETECT: 'all',
    ...(isProxy ? {} : { HTTPS_PROXY: proxy, HTTP_PROXY: proxy }),
  };
}
