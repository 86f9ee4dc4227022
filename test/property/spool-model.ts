import type { Spool, SpooledRecord } from '../../src/spool/spool.ts';
import type { FakeLiveness } from '../support/fake-liveness.ts';
import { fakeLiveness } from '../support/fake-liveness.ts';
import type { ManualClock } from '../support/manual-clock.ts';
import { manualClock } from '../support/manual-clock.ts';
import { ROOT, diskAfter, splitBySync } from '../support/simulated-disk.ts';
import type { Effect } from '../support/simulated-disk.ts';
import type { SimulatedFiles } from '../support/simulated-files.ts';
import { simulatedFiles } from '../support/simulated-files.ts';
import { simulatedSpool, spoolEntry } from '../support/simulated-spool.ts';

/** What may happen to a spool. */
export type Action =
  | { readonly do: 'store'; readonly sizes: readonly number[] }
  | { readonly do: 'claim'; readonly limit: number }
  | { readonly do: 'acknowledge'; readonly count: number }
  | { readonly do: 'quarantine' }
  | { readonly do: 'wait' }
  | { readonly do: 'disk'; readonly state: 'works' | 'full' | 'writes short' }
  | { readonly do: 'fail once'; readonly operation: 'write' | 'sync' | 'create' }
  /** Which of the unsynced effects survive: one bit each, over and over. */
  | { readonly do: 'lose power'; readonly mask: number }
  | { readonly do: 'write back' }
  | { readonly do: 'kill' }
  | { readonly do: 'restart' };

type SpoolActions = 'store' | 'claim' | 'acknowledge' | 'quarantine' | 'restart';

/** A spool on a disk that misbehaves, beside a plain account of what it promised. */
export interface Bench {
  run(action: Action): Promise<void>;
  /** What is wrong with the account; empty when nothing is. */
  audit(): Promise<readonly string[]>;
}

/** Makes one. */
export function createBench(): Bench {
  const clock: ManualClock = manualClock();
  const liveness: FakeLiveness = fakeLiveness();
  const bodies = new Map<string, string>();
  const owed = new Set<string>();
  const mistakes: string[] = [];
  let disk: 'works' | 'full' | 'writes short' = 'works';
  let failOnce: string | undefined;
  let syncFailed = false;
  /** Effects of earlier processes on the same disk; those of the present one come after. */
  let history: readonly Effect[] = [];
  let files: SimulatedFiles = boot();
  let claimed: SpooledRecord[] = [];
  let lastOf = new Map<string, number>();
  let generation = 0;
  let made = 0;
  let spool: Spool = open();

  function boot(): SimulatedFiles {
    return simulatedFiles({
      nodes: diskAfter(history),
      faults: {
        fail(operation) {
          if (operation === failOnce) {
            failOnce = undefined;
            syncFailed = true;
            return 'EIO';
          }
          const needsRoom = ['write', 'create', 'mkdir'].includes(operation);
          return disk === 'full' && needsRoom ? 'ENOSPC' : undefined;
        },
        shorten: (bytes) => (disk === 'writes short' ? Math.ceil(bytes / 3) : bytes),
      },
    });
  }

  function open(): Spool {
    generation += 1;
    claimed = [];
    lastOf = new Map();
    const writer = `w${String(generation).padStart(4, '0')}-`;
    return simulatedSpool({ files, liveness, clock, writer, segmentBytes: 400 });
  }

  async function reopen(survivors: readonly Effect[]): Promise<void> {
    history = survivors;
    liveness.killAll();
    files = boot();
    spool = open();
    await spool.adopt();
  }

  const trace = (): readonly Effect[] => [...history, ...files.effects];

  async function store(sizes: readonly number[]): Promise<void> {
    const keys = sizes.map((size) => {
      made += 1;
      const entry = spoolEntry(`k${made}`, size);
      bodies.set(entry.idempotencyKey, entry.body);
      return entry;
    });
    const results = await Promise.all(keys.map((entry) => spool.store(entry)));
    for (const [index, { kind }] of results.entries()) {
      if (kind === 'stored') owed.add(keys[index]?.idempotencyKey ?? '');
    }
  }

  async function claim(limit: number): Promise<readonly SpooledRecord[]> {
    const records = await spool.claim(limit);
    for (const record of records) {
      const { ref, idempotencyKey, requestId, body } = record;
      const text = Buffer.from(body).toString();
      if (bodies.get(idempotencyKey) !== text) mistakes.push(`${idempotencyKey} has a wrong body`);
      if (requestId !== `r-${idempotencyKey}`) mistakes.push(`${idempotencyKey}: wrong request id`);
      if (claimed.some((other) => other.idempotencyKey === idempotencyKey)) {
        mistakes.push(`${idempotencyKey} was claimed twice`);
      }
      // After a failed sync a part of a batch may be read from its first copy, the rest later.
      const last = syncFailed ? 0 : (lastOf.get(ref.writer) ?? 0);
      if (ref.sequence <= last) mistakes.push('not oldest first');
      lastOf.set(ref.writer, ref.sequence);
      claimed.push(record);
    }
    return records;
  }

  async function settleOne(how: 'acknowledge' | 'quarantine'): Promise<void> {
    const record = claimed.find(({ idempotencyKey }) => owed.has(idempotencyKey));
    if (record === undefined) return;
    if (how === 'acknowledge') spool.acknowledge(record.ref);
    else if (!(await spool.quarantine({ record, status: 400, reason: 'no' }))) return;
    owed.delete(record.idempotencyKey);
  }

  async function losePower(mask: number): Promise<void> {
    const { unsynced } = splitBySync(trace());
    const lost = new Set(unsynced.filter((_, index) => (mask >> (index % 30)) % 2 === 0));
    await reopen(trace().filter((effect) => !lost.has(effect)));
  }

  /** The kernel writes in its own time: what was caused so far is on the disk for good. */
  function writeBack(): void {
    const nodes = new Set(trace().flatMap((effect) => ('node' in effect ? [effect.node] : [])));
    const syncs = [...nodes, ROOT].flatMap((node): Effect[] => [
      { kind: 'sync', node },
      { kind: 'syncdir', node },
    ]);
    history = [...trace(), ...syncs];
    (files.effects as Effect[]).length = 0;
  }

  async function act(action: Extract<Action, { do: SpoolActions }>): Promise<void> {
    switch (action.do) {
      case 'store':
        await store(action.sizes);
        return;
      case 'claim':
        await claim(action.limit);
        return;
      case 'acknowledge':
        for (let count = 0; count < action.count; count += 1) await settleOne('acknowledge');
        return;
      case 'quarantine':
        await settleOne('quarantine');
        return;
      case 'restart':
        await spool.close();
        await reopen(trace());
    }
  }

  async function run(action: Action): Promise<void> {
    switch (action.do) {
      case 'wait':
        await clock.advance(2_000);
        return;
      case 'disk':
        disk = action.state;
        return;
      case 'fail once':
        failOnce = action.operation;
        return;
      case 'lose power':
        await losePower(action.mask);
        return;
      case 'write back':
        writeBack();
        return;
      case 'kill':
        await reopen(trace());
        return;
      case 'store':
      case 'claim':
      case 'acknowledge':
      case 'quarantine':
      case 'restart':
        await act(action);
    }
  }

  return {
    run,
    async audit() {
      disk = 'works';
      failOnce = undefined;
      await reopen(trace());
      while ((await claim(1_000)).length > 0);
      const found = new Set(claimed.map(({ idempotencyKey }) => idempotencyKey));
      for (const key of owed) if (!found.has(key)) mistakes.push(`${key} is lost`);
      const { events } = spool.stats();
      if (events !== found.size) mistakes.push(`counts ${events} events and has ${found.size}`);
      return mistakes;
    },
  };
}
