import { existsSync } from 'node:fs';

/** An answer as the ledger gives it. */
export const RECEIPT =
  '{"ok":true,"tx_id":"tx_0000000000000000","payload_hash":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","status":"accepted","duplicate":false,"request_id":"r"}';

/** Where the web server is looked for. */
export const NGINX: string | undefined = [
  '/usr/sbin/nginx',
  '/usr/local/sbin/nginx',
  '/opt/homebrew/bin/nginx',
].find((path) => existsSync(path));

/** A configuration that answers everything at once, in one process, and writes no log. */
export function nginxConfig(folder: string, port: number): string {
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `  ${name}_temp_path ${folder}/${name};`)
    .join('\n');
  return `
daemon off;
master_process off;
pid ${folder}/pid;
error_log ${folder}/error.log crit;
events { worker_connections 8192; }
http {
${paths}
  access_log off;
  keepalive_requests 1000000000;
  keepalive_timeout 600s;
  client_max_body_size 64m;
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location /v1/events { default_type application/json; return 202 '${RECEIPT}'; }
    location / { return 200; }
  }
}
`;
}
