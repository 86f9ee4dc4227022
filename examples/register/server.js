/**
 * An application without a line of telemetry: one flag sets everything up.
 *
 *   npx immutablelog emulator --port 4800
 *   IMTBL_URL=http://127.0.0.1:4800 IMTBL_API_KEY=local \
 *     node --import opentelemetry-exporter-immutablelog/register examples/register/server.js
 *   curl http://127.0.0.1:3000/
 *
 * Only because it ends by `process.exit()`, which waits for nothing, it awaits `flush()` before.
 */
import { createServer } from 'node:http';
import { flush } from 'opentelemetry-exporter-immutablelog/register';

const server = createServer((_request, response) => response.end('ok'));

server.listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object') console.log(`http://127.0.0.1:${address?.port}`);
});

process.on('SIGTERM', () => {
  server.close(() => void flush().then(() => process.exit(0)));
});
