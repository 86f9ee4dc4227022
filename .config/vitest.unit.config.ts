import { defineConfig } from 'vitest/config';
import base from './vitest.config.ts';

/** What needs no build and no process: `npm run test:unit -- <path>`. */
export default defineConfig({
  test: {
    ...base.test,
    include: ['test/{unit,property,contract}/**/*.test.ts'],
  },
});
