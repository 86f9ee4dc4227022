import type { FilePort } from '../../src/spool/files.ts';
import type { Spool, SpooledRecord } from '../../src/spool/spool.ts';
import { fakeLiveness } from '../support/fake-liveness.ts';
import type { DiskState, Loss, Operation } from '../support/faulty-disk.ts';
import { faultyDisk } from '../support/faulty-disk.ts';
import { manualClock } from '../support/manual-clock.ts';
import { simulatedSpool, spoolEntry } from '../support/simulated-spool.ts';

/** What may happen to a spool. */
export type Action =
  | { readonly do: 'store'; readonly sizes: readonly number[] }
  | { readonly do: 'claim'; readonly limit: number }
  | { readonly do: 'acknowledge'; readonly count: number }
  | { readonly do: 'quarantine' }
  | { readonly do: 'adopt' }
  | { readonly do: 'wait' }
  | { readonly do: 'disk'; readonly state: DiskState }
  | { readonly do: 'fail once'; readonly operation: Operation }
  | ({ readonly do: 'lose power' } & Loss)
  | { readonly do: 'write back' }
  | { readonly do: 'kill' }
  | { readonly do: 'restart' }
  /** Another process stores and dies, and this one takes over what it left. */
  | { readonly do: 'inherit'; readonly sizes: readonly number[] }
  /** Another process takes this one for dead, delivers so many of its records, and dies. */
  | { readonly do: 'taken for dead'; readonly delivered: number };

/** A spool on a disk that misbehaves, beside a plain account of what it promised. */
export interface Bench {
  run(action: Action): Promise<void>;
  /** What is wrong with the account; empty when nothing is. */
  audit(): Promise<readonly string[]>;
}

/** What one process has said and done. */
interface Process {
  readonly spool: Spool;
  readonly name: string;
  readonly claimed: SpooledRecord[];
  readonly lastOf: Map<string, number>;
  stored: number;
  adopted: number;
  quarantined: number;
  settled: number;
  /** A record of its own was handed out since it last took something over. */
  ownSeen: boolean;
  /** Others have moved its files: what it counts is not what there is. */
  robbed: boolean;
}

/** Size of a segment: a few records. */
const SEGMENT_BYTES = 400;

/** What a bench is made with. */
export interface BenchOptions {
  /** @defaultValue more than is ever written */
  readonly maxBytes?: number;
  /** Breaks the file system, to see that it is found out. */
  readonly wrap?: (files: FilePort) => FilePort;
}

/** Makes one. */
export function createBench({
  maxBytes = 2 ** 30,
  wrap = (files) => files,
}: BenchOptions = {}): Bench {
  const clock = manualClock();
  const liveness = fakeLiveness();
  const disk = faultyDisk();
  const bodies = new Map<string, string>();
  const owed = new Set<string>();
  const quarantined = new Set<string>();
  const mistakes: string[] = [];
  let generation = 0;
  let made = 0;
  /** A part of a batch may stand in two files, and come out in two parts. */
  let writtenTwice = false;
  // What cannot be read is read again after a while, the others go on meanwhile: each failure may
  // bring what it held back out of its order once.
  let readLater = 0;
  /** A batch may stand in the directories of two writers: two records with one key. */
  let writtenElsewhere = false;
  /** A fault that leaves traces which are counted with reason. */
  let disturbed = false;
  /** Nothing has failed so far. */
  let smooth = true;
  let present = begin();

  function begin(): Process {
    generation += 1;
    const name = `w${String(generation).padStart(4, '0')}-`;
    const options = { files: wrap(disk.files()), liveness, clock, writer: name };
    return {
      spool: simulatedSpool({ ...options, segmentBytes: SEGMENT_BYTES, maxBytes }),
      name,
      claimed: [],
      lastOf: new Map(),
      stored: 0,
      adopted: 0,
      quarantined: 0,
      settled: 0,
      ownSeen: false,
      robbed: false,
    };
  }

  async function adopt(process: Process): Promise<void> {
    const records = await process.spool.adopt();
    process.adopted += records;
    if (records > 0) process.ownSeen = false;
  }

  async function succeed(): Promise<void> {
    liveness.killAll();
    present = begin();
    await adopt(present);
  }

  async function store(process: Process, sizes: readonly number[]): Promise<void> {
    const entries = sizes.map((size) => {
      made += 1;
      const entry = spoolEntry(`k${made}`, size);
      bodies.set(entry.idempotencyKey, Buffer.from(entry.body).toString());
      return entry;
    });
    const results = await Promise.all(entries.map((entry) => process.spool.store(entry)));
    for (const [index, { kind }] of results.entries()) {
      if (kind !== 'stored') continue;
      owed.add(entries[index]?.idempotencyKey ?? '');
      process.stored += 1;
    }
    // What was taken over may be above it; storing never goes there.
    const stored = results.some(({ kind }) => kind === 'stored');
    const { bytes } = process.spool.stats();
    if (stored && bytes > maxBytes) mistakes.push(`${bytes} bytes, above the cap`);
  }

  function checkOrder(process: Process, { ref }: SpooledRecord): void {
    const last = process.lastOf.get(ref.writer) ?? 0;
    if (ref.sequence <= last && !writtenTwice) outOfOrder('not oldest first');
    process.lastOf.set(ref.writer, ref.sequence);
    const own = ref.writer.startsWith(process.name);
    if (!own && process.ownSeen) outOfOrder('a record of one that is gone after one of its own');
    process.ownSeen = own;
  }

  function outOfOrder(mistake: string): void {
    if (readLater === 0) mistakes.push(mistake);
    else readLater -= 1;
  }

  function check(process: Process, record: SpooledRecord): void {
    const { idempotencyKey: key, requestId, body } = record;
    const isSame = ({ idempotencyKey }: SpooledRecord): boolean => idempotencyKey === key;
    if (bodies.get(key) !== Buffer.from(body).toString()) mistakes.push(`${key} has a wrong body`);
    if (requestId !== `r-${key}`) mistakes.push(`${key} has a wrong request id`);
    if (process.robbed) return;
    if (process.claimed.some(isSame) && !writtenElsewhere)
      mistakes.push(`${key} was claimed twice`);
    checkOrder(process, record);
  }

  async function claim(process: Process, limit: number): Promise<readonly SpooledRecord[]> {
    const records = await process.spool.claim(limit);
    for (const record of records) {
      check(process, record);
      process.claimed.push(record);
    }
    return records;
  }

  function acknowledge(process: Process, record: SpooledRecord): void {
    process.spool.acknowledge(record.ref);
    process.settled += 1;
    owed.delete(record.idempotencyKey);
  }

  async function quarantine(process: Process, record: SpooledRecord): Promise<void> {
    const kept = await process.spool.quarantine({ record, status: 400, reason: 'no' });
    if (!kept) return;
    process.quarantined += 1;
    process.settled += 1;
    owed.delete(record.idempotencyKey);
    quarantined.add(record.idempotencyKey);
  }

  async function takenForDead(delivered: number): Promise<void> {
    liveness.killAll();
    const rival = begin();
    await adopt(rival);
    for (const record of await claim(rival, delivered)) acknowledge(rival, record);
    await clock.advance(50);
    liveness.killAll();
    present.robbed = true;
    writtenElsewhere = true;
    smooth = false;
    disturbed = true;
  }

  async function inherit(sizes: readonly number[]): Promise<void> {
    const other = begin();
    await store(other, sizes);
    liveness.killAll();
    await adopt(present);
  }

  function account(): void {
    const { spool, stored, adopted, quarantined: kept, settled, robbed } = present;
    const stats = spool.stats();
    const open = stored + adopted - settled;
    if (stats.quarantined !== kept) mistakes.push(`${kept} quarantined, ${stats.quarantined} said`);
    if (stats.adopted !== adopted) mistakes.push(`${adopted} adopted, ${stats.adopted} said`);
    if (!robbed && stats.events !== open) mistakes.push(`${open} there, ${stats.events} said`);
    if (!disturbed && stats.corruptRanges > 0) mistakes.push('damage where there is none');
  }

  function weigh(): void {
    let bytes = 0;
    for (const content of disk.read('/spool/v1/').values()) bytes += content.length;
    const said = present.spool.stats().bytes;
    if (said !== bytes) mistakes.push(`${bytes} bytes on disk, ${said} said`);
  }

  const nextClaimed = (): SpooledRecord | undefined => present.claimed.shift();

  const acts: { readonly [K in Action['do']]: (action: Extract<Action, { do: K }>) => unknown } = {
    store: ({ sizes }) => store(present, sizes),
    claim: ({ limit }) => claim(present, limit),
    acknowledge({ count }) {
      for (let turn = 0; turn < count; turn += 1) {
        const record = nextClaimed();
        if (record !== undefined) acknowledge(present, record);
      }
    },
    async quarantine() {
      const record = nextClaimed();
      if (record !== undefined) await quarantine(present, record);
    },
    adopt: () => adopt(present),
    async wait() {
      await clock.advance(2_000);
      if (smooth) weigh();
    },
    disk({ state }) {
      smooth = false;
      disk.become(state);
      writtenTwice ||= state === 'not syncing';
    },
    'fail once'({ operation }) {
      smooth = false;
      disk.failOnce(operation);
      writtenTwice ||= operation === 'sync';
      if (operation === 'read' || operation === 'open') readLater += 1;
      disturbed ||= ['read', 'open', 'list', 'unlink'].includes(operation);
    },
    async 'lose power'(loss) {
      smooth = false;
      disturbed = true;
      disk.losePower(loss);
      await succeed();
    },
    'write back': () => {
      disk.writeBack();
    },
    async kill() {
      disk.restart();
      await succeed();
    },
    async restart() {
      await present.spool.close();
      disk.restart();
      await succeed();
    },
    inherit: ({ sizes }) => inherit(sizes),
    'taken for dead': ({ delivered }) => takenForDead(delivered),
  };

  async function run(action: Action): Promise<void> {
    // Which of them it is, only the table knows.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    await (acts[action.do] as (one: Action) => unknown)(action);
    account();
  }

  function auditQuarantine(): void {
    const lines = [...disk.read('/spool/quarantine/')]
      .filter(([path]) => path.endsWith('.jsonl'))
      .flatMap(([, content]) => content.toString().split('\n'));
    for (const key of quarantined) {
      const line = lines.find((each) => each.includes(`"idempotency_key":"${key}"`));
      const body = line?.includes(JSON.stringify(bodies.get(key)));
      if (body !== true) mistakes.push(`${key} is not in quarantine`);
    }
  }

  /** Delivers everything; a file that could not be removed at first is removed in the end. */
  async function drain(): Promise<void> {
    disk.failOnce('unlink');
    for (const record of present.claimed) acknowledge(present, record);
    await clock.advance(50);
    disk.heal();
    await present.spool.close();
    const segments = [...disk.read('/spool/v1/').keys()].filter((path) => path.endsWith('.seg'));
    if (segments.length > 0) mistakes.push(`not removed: ${segments.join(', ')}`);
    // A side file by itself says nothing; a loss of power may leave one, and the next process
    // removes it.
    disk.restart();
    await succeed();
    await present.spool.close();
    const left = [...disk.read('/spool/v1/').keys()];
    if (left.length > 0) mistakes.push(`left after all was delivered: ${left.join(', ')}`);
  }

  return {
    run,
    async audit() {
      disk.heal();
      disk.restart();
      await succeed();
      account();
      while ((await claim(present, 1_000)).length > 0);
      const found = new Set(present.claimed.map(({ idempotencyKey }) => idempotencyKey));
      for (const key of owed) if (!found.has(key)) mistakes.push(`${key} is lost`);
      const { events } = present.spool.stats();
      const there = present.claimed.length;
      if (events !== there) mistakes.push(`${there} there, ${events} said at the end`);
      auditQuarantine();
      await drain();
      return mistakes;
    },
  };
}
