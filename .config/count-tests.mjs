// Prints the closing line of a test run from vitest's JSON reports.
import { readFileSync } from 'node:fs';

const sums = { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0 };
for (const file of process.argv.slice(2)) {
  const report = JSON.parse(readFileSync(file, 'utf8'));
  for (const name of Object.keys(sums)) sums[name] += report[name];
}
const { numPassedTests, numFailedTests, numPendingTests } = sums;
const skipped = numPendingTests > 0 ? `, ${numPendingTests} skipped` : '';
process.stdout.write(`${numPassedTests} passed, ${numFailedTests} failed${skipped}\n`);
