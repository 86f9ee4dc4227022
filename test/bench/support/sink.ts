import type { Program } from './programs.ts';
import { startProgram } from './programs.ts';
import { NGINX } from './sink-config.ts';

/** A server that takes whatever is sent. */
export interface Sink {
  readonly url: string;
  readonly stop: Program['stop'];
}

/** What stands behind a `fast` sink on this machine. */
export const FAST_SINK: string = NGINX === undefined ? 'node:http' : 'nginx';

/** Starts a sink: as fast as there is, slow by some ms, or one that never answers. */
export async function startSink(kind: 'fast' | 'slow' | 'black-hole', delayMs = 0): Promise<Sink> {
  const program = startProgram('sink', [kind, String(delayMs)]);
  const { url } = await program.ask({});
  return { url: String(url), stop: () => program.stop() };
}
