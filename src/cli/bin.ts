#!/usr/bin/env node
import process from 'node:process';
import { run } from './run.ts';

const ending = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  // Once: a second signal ends the process the hard way, should the orderly one take too long.
  process.once(signal, () => {
    ending.abort();
  });
}
process.stdout.on('error', () => {
  // The reader went away (`| head`): nobody is left to print for.
  ending.abort();
});

void run(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  stdin: process.stdin,
  env: process.env,
  signal: ending.signal,
}).then((exitCode) => {
  process.exitCode = exitCode;
});
