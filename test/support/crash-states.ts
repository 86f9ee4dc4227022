import type { Effect, Nodes } from './simulated-disk.ts';
import { diskAfter, splitBySync } from './simulated-disk.ts';

/** A disk as a loss of power may leave it. */
export interface CrashState {
  /** So many effects had been caused. */
  readonly after: number;
  readonly nodes: Nodes;
}

/** Above so many unsynced effects the oldest of them are taken all or none. */
const MOST_FREE = 9;

function* subsets<T>(items: readonly T[]): Generator<ReadonlySet<T>> {
  const free = items.slice(-MOST_FREE);
  const old = items.slice(0, -MOST_FREE);
  for (const base of old.length > 0 ? [old, []] : [[]]) {
    for (let mask = 0; mask < 2 ** free.length; mask += 1) {
      yield new Set([...base, ...free.filter((_, bit) => (mask & (1 << bit)) !== 0)]);
    }
  }
}

/** The same write, cut off after so many bytes; with zeros where the rest would be, or without. */
function* torn(write: Extract<Effect, { kind: 'write' }>): Generator<Effect> {
  for (let length = 1; length < write.bytes.length; length += 1) {
    yield { ...write, bytes: write.bytes.subarray(0, length) };
    const blank = Buffer.alloc(write.bytes.length);
    write.bytes.copy(blank, 0, 0, length);
    yield { ...write, bytes: blank };
  }
}

function fingerprint(nodes: Nodes): string {
  const parts: string[] = [];
  for (const [number, node] of nodes) {
    if (node.kind === 'file') parts.push(`${number}:${node.content.toString('latin1')}`);
    else parts.push(`${number}/${[...node.entries].map(String).join()}`);
  }
  return parts.join('\n');
}

/**
 * Every disk that a loss of power can leave at any moment of a trace: of what was not synced any
 * subset may be there, and the last write in any length.
 */
export function* crashStates(trace: readonly Effect[]): Generator<CrashState> {
  const seen = new Set<string>();

  function* once(after: number, effects: readonly Effect[]): Generator<CrashState> {
    const nodes = diskAfter(effects);
    const mark = `${after} ${fingerprint(nodes)}`;
    if (seen.has(mark)) return;
    seen.add(mark);
    yield { after, nodes };
  }

  for (let after = 0; after <= trace.length; after += 1) {
    const effects = trace.slice(0, after);
    const { durable, unsynced } = splitBySync(effects);
    const last = unsynced.findLast((effect) => effect.kind === 'write');
    // Torn lengths belong to the moment at which the write was the latest thing that happened.
    const tearing = last !== undefined && effects.at(-1) === last ? last : undefined;
    for (const kept of subsets(unsynced)) {
      const survives = (effect: Effect): boolean => durable.has(effect) || kept.has(effect);
      yield* once(after, effects.filter(survives));
      if (tearing === undefined || !kept.has(tearing)) continue;
      for (const cut of torn(tearing)) {
        yield* once(
          after,
          effects.filter(survives).map((effect) => (effect === tearing ? cut : effect)),
        );
      }
    }
  }
}
