import { crashStates } from '../support/crash-states.ts';
import type { Effect } from '../support/simulated-disk.ts';
import type { SimulatedFiles } from '../support/simulated-files.ts';
import { simulatedFiles } from '../support/simulated-files.ts';
import { claimAll, simulatedSpool, spoolEntry } from '../support/simulated-spool.ts';

/** Body of what is stored under a key. */
const BODY_BYTES = 10;

/** An entry as the traces store them. */
export const traceEntry = (key: string): ReturnType<typeof spoolEntry> =>
  spoolEntry(key, BODY_BYTES);

/** What was promised at which moment of the trace. */
export interface Trace {
  readonly effects: readonly Effect[];
  /** Key → number of effects after which it was reported stored. */
  readonly storedAt: ReadonlyMap<string, number>;
  /** Key → number of effects before which it was certainly not acknowledged. */
  readonly acknowledgedAt: ReadonlyMap<string, number>;
  /** Key → number of effects after which it was reported to be in quarantine. */
  readonly quarantinedAt?: ReadonlyMap<string, number>;
}

/** What was found on all the disks. */
export interface Verdict {
  readonly states: number;
  readonly losing: number;
  readonly wrong: number;
}

/** So many losses show that a spool is broken. */
export const ENOUGH = 100;

/** Events in quarantine, by key; a line that was cut off is none. */
async function linesIn(files: SimulatedFiles): Promise<ReadonlyMap<string, string>> {
  const folder = '/spool/quarantine';
  const found = new Map<string, string>();
  for (const name of await files.list(folder).catch(() => [])) {
    if (!name.endsWith('.jsonl')) continue;
    const path = `${folder}/${name}`;
    const content = Buffer.alloc((await files.identity(path))?.size ?? 0);
    await (await files.openFile(path)).read(content, 0);
    for (const line of content.toString().split('\n')) {
      const { idempotency_key: key, body } = fieldsOf(line);
      if (key !== undefined && body !== undefined) found.set(key, body);
    }
  }
  return found;
}

function fieldsOf(line: string): Readonly<Record<string, string | undefined>> {
  try {
    return JSON.parse(line) as Record<string, string>;
  } catch {
    return {};
  }
}

/**
 * Opens a spool on every disk that a loss of power can leave, and looks what is there.
 *
 * @param mostLosing - ends the search when so many lose something
 */
export async function judge(trace: Trace, mostLosing = Infinity): Promise<Verdict> {
  const { effects, storedAt, acknowledgedAt, quarantinedAt = new Map<string, number>() } = trace;
  let states = 0;
  let losing = 0;
  let wrong = 0;
  const known = new Map(
    [...storedAt.keys()].map((key) => [key, Buffer.from(traceEntry(key).body).toString()]),
  );
  for (const { after, nodes } of crashStates(effects)) {
    states += 1;
    const files = simulatedFiles({ nodes });
    const spool = simulatedSpool({ files, writer: 'z' });
    await spool.adopt();
    const { events } = spool.stats();
    const found = new Map<string, string>();
    for (const { idempotencyKey, body } of await claimAll(spool)) {
      if (found.has(idempotencyKey)) wrong += 1;
      found.set(idempotencyKey, Buffer.from(body).toString());
    }
    if (events !== found.size) wrong += 1;
    const refused = await linesIn(files);
    for (const [key, body] of found) if (known.get(key) !== body) wrong += 1;
    const lost = [...storedAt].some(
      ([key, stored]) =>
        stored <= after &&
        !((acknowledgedAt.get(key) ?? Infinity) <= after) &&
        !found.has(key) &&
        refused.get(key) !== known.get(key),
    );
    const gone = [...quarantinedAt].some(
      ([key, kept]) => kept <= after && refused.get(key) !== known.get(key),
    );
    if (lost || gone) losing += 1;
    if (losing >= mostLosing) break;
  }
  return { states, losing, wrong };
}
