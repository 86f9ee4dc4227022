// Lets `npm test` and `npm run demo` work on a fresh clone: installs when nothing is installed
// yet, or when the lock file is newer than what is.
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = new URL('../', import.meta.url);

function changedAt(path) {
  return statSync(new URL(path, root), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

if (changedAt('node_modules/.package-lock.json') < changedAt('package-lock.json')) {
  process.stdout.write('Installing the development dependencies (about a minute) …\n');
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: fileURLToPath(root),
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  process.exitCode = status ?? 1;
}
