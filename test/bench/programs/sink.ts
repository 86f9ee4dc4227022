/**
 * The server that everything is sent to: nginx, a `node:http` server that may take its time, or
 * a black hole that accepts connections and never answers.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { serve } from '../support/serve.ts';
import { NGINX, RECEIPT, nginxConfig } from '../support/sink-config.ts';

const [kind = 'fast', delayMs = '0'] = process.argv.slice(2);

async function listen(server: Server): Promise<number> {
  server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 });
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listen(server);
  server.close();
  await once(server, 'close');
  return port;
}

async function untilOpen(port: number): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const socket = connect(port, '127.0.0.1');
    const open = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (open) return;
    await wait(25);
  }
  throw new Error('the sink does not listen');
}

let end = (): void => {};

async function startNginx(path: string): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-sink-'));
  const port = await freePort();
  writeFileSync(join(folder, 'nginx.conf'), nginxConfig(folder, port));
  const child = spawn(path, ['-p', folder, '-c', join(folder, 'nginx.conf')], { stdio: 'ignore' });
  end = () => {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  };
  child.once('exit', () => process.exit(1));
  await untilOpen(port);
  return port;
}

function httpServer(): Server {
  return createHttpServer((request, response) => {
    request.resume();
    request.once('end', () => {
      const answer = (): void => {
        response.writeHead(202, { 'content-type': 'application/json' }).end(RECEIPT);
      };
      if (delayMs === '0') answer();
      else setTimeout(answer, Number(delayMs));
    });
  });
}

function blackHole(): Server {
  return createServer((socket) => {
    socket.resume();
    socket.on('error', () => {});
  });
}

async function start(): Promise<number> {
  if (kind === 'black-hole') return listen(blackHole());
  if (kind === 'fast' && NGINX !== undefined) return startNginx(NGINX);
  return listen(httpServer());
}

process.once('exit', () => {
  end();
});
const port = start();
serve(async () => ({ url: `http://127.0.0.1:${await port}` }));
