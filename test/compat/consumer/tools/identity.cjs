// Loads every entry by require() and by import(). Prints which files that took and whether both
// gave the same, as JSON.
'use strict';

const NAME = 'opentelemetry-exporter-immutablelog';

async function load(entry) {
  const required = require(entry);
  const imported = await import(entry);
  const names = Object.keys(required).filter((name) => name !== '__esModule');
  return names.length > 0 && names.every((name) => required[name] === imported[name]);
}

async function main() {
  const same = [];
  for (const entry of [NAME, `${NAME}/register`, `${NAME}/emulator`]) same.push(await load(entry));
  const commonJs = Object.keys(require.cache).filter((file) => file.includes(`${NAME}/dist/`));
  process.stdout.write(
    JSON.stringify({ same, commonJs: commonJs.filter((file) => file.endsWith('.cjs')) }),
  );
}

void main();
