import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { spoolPaths } from '../../spool/directory.ts';
import { errorCodeOf } from '../../spool/system-error.ts';

/** A refused event as its line says. */
export interface RefusedEvent {
  readonly line: string;
  readonly time: string;
  readonly status: string;
  readonly reason: string;
  readonly idempotencyKey: string;
  readonly body: string;
}

/** What is in the quarantine of a spool. */
export interface QuarantineContent {
  readonly events: readonly RefusedEvent[];
  /** Files with damaged stretches of segments. */
  readonly damaged: readonly string[];
}

function parseLine(line: string): RefusedEvent | undefined {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== 'object' || value === null) return undefined;
    const text = (name: string): string => {
      const field: unknown = Reflect.get(value, name);
      return typeof field === 'string' || typeof field === 'number' ? String(field) : '';
    };
    return {
      line,
      time: text('time'),
      status: text('status'),
      reason: text('reason'),
      idempotencyKey: text('idempotency_key'),
      body: text('body'),
    };
  } catch {
    // The last line of a process that was killed may be cut off; its event is still in the spool.
    return undefined;
  }
}

/** A spool without a quarantine has refused events of none; where there is no spool, nothing is known. */
async function noneInSpool(error: unknown, root: string): Promise<readonly string[]> {
  if (errorCodeOf(error) !== 'ENOENT') throw error;
  await readdir(root);
  return [];
}

/**
 * Reads the quarantine of a spool; an empty one where there is no file.
 *
 * @throws Error with the code of the system where there is no spool or it cannot be read
 */
export async function readQuarantine(directory: string): Promise<QuarantineContent> {
  const { root, quarantine } = spoolPaths(directory);
  const found = await readdir(quarantine).catch((error: unknown) => noneInSpool(error, root));
  const names = [...found].sort((a, b) => (a < b ? -1 : 1));
  const events: RefusedEvent[] = [];
  for (const name of names.filter((each) => each.endsWith('.jsonl'))) {
    const text = await readFile(join(quarantine, name), 'utf8');
    for (const line of text.split('\n')) {
      const event = line === '' ? undefined : parseLine(line);
      if (event !== undefined) events.push(event);
    }
  }
  return { events, damaged: names.filter((name) => name.endsWith('.bin')) };
}
