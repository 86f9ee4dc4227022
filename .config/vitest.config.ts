import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['test/**/*.test.ts'],
    exclude: ['test/bench/**', 'test/soak/**', 'test/compat/**', '**/node_modules/**'],
    testTimeout: 60_000,
    // A busy machine starts a process or a thread in more than the second that is the default.
    expect: { poll: { timeout: 15_000 } },
    hookTimeout: 60_000,
    pool: 'forks',
    // Most tests wait for a socket, a disk or a process; the default leaves one of two cores idle.
    maxWorkers: '100%',
    unstubEnvs: true,
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      thresholds: { lines: 95, branches: 90 },
    },
  },
});
