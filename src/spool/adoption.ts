import type { OwnDirectory, Liveness } from './directory.ts';
import type { FilePort } from './files.ts';
import { isPassing, readUpTo } from './files.ts';
import type { Quarantine } from './quarantine.ts';
import type { AdoptedLog, Damage } from './read.ts';
import { createDamageLog, scanWindows } from './read.ts';
import type { SequenceSet } from './segment-format.ts';
import { createSequenceSet, readAcks, segmentStart, wholeAckBytes } from './segment-format.ts';
import type { Segment, Segments } from './segments.ts';
import { ackPath, createSegment } from './segments.ts';
import { join } from 'node:path';

/** What looking through segments needs. */
export interface OrphanReaderDeps {
  readonly files: FilePort;
  readonly quarantine: Quarantine;
  readonly onDamage: (segment: Segment) => void;
}

/** What is known of the records of a writer while its segments are looked through. */
export interface OrphanLog {
  readonly acknowledged: SequenceSet;
  /** Found in a segment that was looked through before. */
  readonly found: SequenceSet;
}

/** Looks through the segments of a writer that is gone. */
export interface OrphanReader {
  /**
   * Reads the acknowledgements of a segment. Those that cannot be read are taken for none: that
   * costs duplicates, which the ledger tells from others.
   *
   * @throws Error when the process lacks something just now
   */
  acknowledgements(segment: Segment, into: SequenceSet): Promise<void>;
  /**
   * Reads a segment once, to know what is in it, and puts aside what is damaged. Resolves to
   * whether it holds a record that was found before.
   *
   * @throws Error when the process lacks something just now
   */
  records(segment: Segment, log: OrphanLog): Promise<boolean>;
}

/** Makes it. */
export function createOrphanReader({
  files,
  quarantine,
  onDamage,
}: OrphanReaderDeps): OrphanReader {
  async function readAckFile(segment: Segment, into: SequenceSet): Promise<void> {
    const path = ackPath(segment);
    const found = await files.identity(path);
    if (found === undefined) return;
    const file = await files.openFile(path);
    try {
      const buffer = await readUpTo(file, found.size, 0);
      readAcks(buffer, into);
      // Behind one that is cut off the next would stand askew.
      segment.ackBytes = wholeAckBytes(buffer.length);
    } finally {
      await file.close();
    }
  }

  /** What is damaged is kept beside the spool; where that fails the segment itself stays. */
  async function putAside(segment: Segment, { from, bytes, torn }: Damage): Promise<void> {
    if (torn) segment.committed = from;
    else onDamage(segment);
    if (torn && bytes.every((byte) => byte === 0)) return;
    const name = segment.path.split(/[/\\]/).at(-1)?.replace('.seg', '') ?? '';
    const kept = await quarantine.keepDamaged(`${segment.writer}-${name}-${from}`, bytes);
    if (!kept) segment.offered += 1;
  }

  async function look(segment: Segment, log: OrphanLog): Promise<boolean> {
    const file = await files.openFile(segment.path);
    try {
      const start = await segmentStart(file, segment.writer);
      const damage = createDamageLog();
      let open = 0;
      segment.offset = start;
      segment.records = 0;
      for await (const { at, buffer, scan } of scanWindows(file, start, segment.committed)) {
        if (at === start) segment.firstStoredAtMs = scan.frames[0]?.storedAtMs ?? 0;
        for (const { sequence } of scan.frames) {
          if (log.acknowledged.has(sequence)) continue;
          open += 1;
          if (log.found.add(sequence)) segment.records += 1;
        }
        for (const range of scan.damaged) damage.add(at, buffer, range);
      }
      for (const each of damage.all()) await putAside(segment, each);
      if (open === 0) segment.offset = segment.committed;
      return open > segment.records;
    } finally {
      await file.close();
    }
  }

  return {
    acknowledgements: (segment, into) => readAckFile(segment, into).catch(unlessPassing),
    async records(segment, log) {
      try {
        return await look(segment, log);
      } catch (error) {
        unlessPassing(error);
        // It stays, and whoever comes next tries again.
        segment.offset = segment.committed;
        segment.offered += 1;
        onDamage(segment);
        return false;
      }
    },
  };
}

function unlessPassing(error: unknown): void {
  if (isPassing(error)) throw error;
}

/** What taking over needs. */
export interface AdoptionDeps {
  readonly files: FilePort;
  readonly liveness: Liveness;
  readonly own: OwnDirectory;
  readonly segments: Segments;
  readonly quarantine: Quarantine;
  /** Where the directories of all writers are. */
  readonly writers: string;
  readonly onDamage: (segment: Segment) => void;
}

/** Takes over what writers that are gone have left. */
export interface Adoption {
  /** Resolves to the number of records that were taken over. Never rejects. */
  adopt(): Promise<number>;
  /** What is known of the records of an adopted segment; `undefined` for one's own. */
  logOf(segment: Segment): AdoptedLog | undefined;
  /** A segment is gone; with its last one goes a directory. */
  removed(segment: Segment): void;
  /** Resolves when directories that are empty are gone. */
  settled(): Promise<void>;
}

interface Adopted extends AdoptedLog {
  readonly path: string;
  left: number;
}

/** `<writer>` while it lives, `<writer>@<adopter>` once it is taken over. */
function ownerOf(name: string): { readonly writer: string; readonly adopter: string | undefined } {
  const at = name.indexOf('@');
  return at < 0
    ? { writer: name, adopter: undefined }
    : { writer: name.slice(0, at), adopter: name.slice(at + 1) };
}

/**
 * Makes it. A directory is taken over by renaming it: of two that try, one succeeds; and a writer
 * that was only thought dead sees at its next commit that its directory is gone. Whoever holds the
 * directory of the adopter holds the adopted one.
 */
export function createAdoption(deps: AdoptionDeps): Adoption {
  const { files, liveness, own, segments, quarantine, writers, onDamage } = deps;
  const reader = createOrphanReader({ files, quarantine, onDamage });
  const logs = new Map<Segment, Adopted>();
  const alreadyRead = new Set<string>();
  let removals: Promise<unknown> = Promise.resolve();

  async function isOrphan(name: string): Promise<boolean> {
    const { writer, adopter } = ownerOf(name);
    if (own.isOwn(adopter ?? writer)) return false;
    const owner = join(writers, adopter ?? writer);
    return !(await liveness.isAlive(owner));
  }

  async function openSegment(path: string, writer: string): Promise<Segment> {
    const committed = (await files.identity(path))?.size ?? 0;
    return createSegment({ writer, path, committed, offset: 0, sealed: true });
  }

  /** Resolves to the number of records. */
  async function readOrphan(path: string, writer: string): Promise<number> {
    const present = await files.list(path);
    const names = present.filter((name) => name.endsWith('.seg')).sort();
    const acknowledged = createSequenceSet();
    const found = createSequenceSet();
    const all: Segment[] = [];
    for (const name of names) all.push(await openSegment(join(path, name), writer));
    for (const segment of all) await reader.acknowledgements(segment, acknowledged);
    let repeated = false;
    for (const segment of all) {
      if (await reader.records(segment, { acknowledged, found })) repeated = true;
    }
    alreadyRead.add(path);
    const log = { path, left: all.length, acknowledged, offered: createSequenceSet() };
    let records = 0;
    for (const segment of all) {
      logs.set(segment, log);
      records += segment.records;
      // Of a record that was written twice, because the first sync failed, only one copy is on the
      // disk for sure, and it cannot be told which: so neither file goes before the other.
      if (repeated) segment.together = all;
      segments.addAdopted(segment);
      segments.settle(segment);
    }
    if (all.length === 0) await removeDirectory(path);
    else await removeSideFiles(path, present);
    return records;
  }

  /**
   * Those whose segment is gone: a loss of power may undo the second of two removals. Only in what
   * was taken over, where nobody begins a segment any more.
   */
  async function removeSideFiles(path: string, names: readonly string[]): Promise<void> {
    const there = new Set(names);
    for (const name of names) {
      if (!name.endsWith('.ack') || there.has(name.replace(/ack$/, 'seg'))) continue;
      await files.unlink(join(path, name)).catch(() => {});
    }
  }

  async function removeDirectory(path: string): Promise<void> {
    const rest = await files.list(path).catch(() => []);
    for (const name of rest) {
      // A side file whose segment is gone says nothing any more.
      if (name === 'lock' || name.endsWith('.ack')) await files.unlink(join(path, name));
    }
    await files.removeDirectory(path);
  }

  async function takeOver(name: string, adopter: string): Promise<string> {
    const path = join(writers, `${ownerOf(name).writer}@${adopter}`);
    await files.rename(join(writers, name), path);
    // Where that fails and the power does too, it has its old name, and is taken over again.
    await files.syncDirectory(writers).catch(() => {});
    return path;
  }

  async function adoptOne(name: string, self: string): Promise<number> {
    const { writer, adopter } = ownerOf(name);
    if (adopter !== undefined && own.isOwn(adopter)) {
      // Taken over before, when it could not be read.
      const path = join(writers, name);
      return alreadyRead.has(path) ? 0 : readOrphan(path, writer);
    }
    if (!(await isOrphan(name)) || !(await isWorthIt(name))) return 0;
    return readOrphan(await takeOver(name, self), writer);
  }

  /** Whether there is something in it; one that was just made is empty and is left alone. */
  async function isWorthIt(name: string): Promise<boolean> {
    // A link would lead out of the spool.
    if ((await files.identity(join(writers, name)))?.kind !== 'directory') return false;
    const names = await files.list(join(writers, name));
    return names.some((each) => /\.(?:seg|ack)$/.test(each) || each === 'lock');
  }

  async function adoptAll(): Promise<number> {
    const { writer: self } = await own.open();
    let records = 0;
    for (const name of [...(await files.list(writers))].sort()) {
      try {
        records += await adoptOne(name, self);
      } catch {
        // Somebody else was faster, or it cannot be read now; there is a next time.
      }
    }
    return records;
  }

  return {
    adopt: () => adoptAll().catch(() => 0),
    logOf: (segment) => logs.get(segment),
    removed(segment) {
      const log = logs.get(segment);
      if (log === undefined) return;
      logs.delete(segment);
      log.left -= 1;
      if (log.left > 0) return;
      removals = removals.then(() => removeDirectory(log.path)).catch(() => {});
    },
    async settled() {
      await removals;
    },
  };
}
