import type { ThreadSetup } from './protocol.ts';
import { serve } from './thread-side.ts';
import { parentPort, workerData } from 'node:worker_threads';

function isSetup(data: unknown): data is ThreadSetup {
  return typeof data === 'object' && data !== null && 'clockOffsetMs' in data;
}

// Only where the package itself started the thread: the file can be imported from anywhere.
if (parentPort !== null && isSetup(workerData)) serve(parentPort, workerData);
