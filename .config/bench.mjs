// Runs the benchmarks that were compiled to reports/bench: `npm run bench [-- name …]`.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../reports/bench/test/bench', import.meta.url));
const known = readdirSync(folder)
  .filter((file) => file.endsWith('.js'))
  .map((file) => file.slice(0, -'.js'.length));
const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !known.includes(name));

if (unknown.length > 0) {
  process.stderr.write(`no benchmark ${unknown.join(', ')}; there are: ${known.join(', ')}\n`);
  process.exitCode = 2;
} else {
  for (const name of asked.length > 0 ? asked : known) {
    process.stdout.write(`\n# ${name}\n\n`);
    const { status } = spawnSync(process.execPath, [`${folder}/${name}.js`], { stdio: 'inherit' });
    if (status !== 0) process.exitCode = status ?? 1;
  }
}
