import { defineConfig } from 'vitest/config';
import base from './vitest.config.ts';

/** Installs from the registry, so it runs apart: `npm run test:compat`. */
export default defineConfig({
  test: {
    ...base.test,
    include: ['test/compat/**/*.test.ts'],
    exclude: ['**/node_modules/**'],
    testTimeout: 120_000,
    hookTimeout: 600_000,
  },
});
