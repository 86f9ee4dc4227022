import { defineConfig } from 'vitest/config';

// The tests by which mutants of src/redact are judged: those that say what it does. The canary
// suites pass through all of it and would run for every mutant.
export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: [
      'test/unit/redact/**/*.test.ts',
      'test/property/detect-check-digits.test.ts',
      'test/property/detect-corpus.test.ts',
    ],
    testTimeout: 60_000,
    pool: 'forks',
  },
});
