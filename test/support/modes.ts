import type { ClientOptions } from '../../src/config/options.ts';

/** Where delivery runs: what holds on the main thread holds in a thread of its own. */
export const MODES: readonly (readonly [string, ClientOptions])[] = [
  ['on the main thread', {}],
  ['in a worker thread', { worker: true }],
];
