import { defineConfig } from 'vitest/config';

// What takes too long for every change: `npm run test:soak`.
export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['test/soak/**/*.test.ts'],
    pool: 'forks',
  },
});
