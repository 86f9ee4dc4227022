import { join } from 'node:path';
import { readAcks } from './acks.ts';
import type { FilePort } from './file-port.ts';
import type { Home } from './home.ts';
import type { Liveness } from './liveness.ts';
import type { Quarantine } from './quarantine.ts';
import type { AdoptedLog } from './reader.ts';
import { scanFrames } from './scan.ts';
import { HEADER_BYTES, isHeader } from './segment-header.ts';
import type { Segment } from './segment.ts';
import { ackPath, createSegment } from './segment.ts';
import type { SequenceSet } from './sequence-set.ts';
import { createSequenceSet } from './sequence-set.ts';
import type { Shelf } from './shelf.ts';
import { readUpTo } from './whole.ts';

/** What taking over needs. */
export interface AdoptionDeps {
  readonly files: FilePort;
  readonly liveness: Liveness;
  readonly home: Home;
  readonly shelf: Shelf;
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

interface Surveyed {
  /** Records to deliver that were in no segment before. */
  readonly records: number;
  /** Whether some were. */
  readonly repeated: boolean;
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
  const { files, liveness, home, shelf, quarantine, writers, onDamage } = deps;
  const logs = new Map<Segment, Adopted>();
  let removals: Promise<unknown> = Promise.resolve();

  async function isOrphan(name: string): Promise<boolean> {
    const { writer, adopter } = ownerOf(name);
    if (home.isOwn(adopter ?? writer)) return false;
    const owner = join(writers, adopter ?? writer);
    return !(await liveness.isAlive(owner));
  }

  async function readAckFile(segment: Segment, into: SequenceSet): Promise<void> {
    const path = ackPath(segment);
    const found = await files.identity(path);
    if (found === undefined) return;
    const file = await files.openFile(path);
    try {
      const buffer = await readUpTo(file, found.size, 0);
      segment.ackBytes = buffer.length;
      readAcks(buffer, into);
    } finally {
      await file.close();
    }
  }

  async function putAside(segment: Segment, from: number, bytes: Uint8Array): Promise<void> {
    const name = segment.path.split(/[/\\]/).at(-1)?.replace('.seg', '') ?? '';
    onDamage(segment);
    await quarantine.keepDamaged(`${segment.writer}-${name}-${from}`, bytes);
  }

  /** Reads a segment once, to know what is in it. */
  async function survey(segment: Segment, log: Adopted, counted: SequenceSet): Promise<Surveyed> {
    const file = await files.openFile(segment.path);
    try {
      const buffer = await readUpTo(file, segment.committed, 0);
      const start = isHeader(buffer.subarray(0, HEADER_BYTES)) ? HEADER_BYTES : 0;
      const options = { atEnd: true, limit: Infinity };
      const { frames, damaged } = scanFrames(buffer.subarray(start), options);
      for (const { from, to, torn } of damaged) {
        if (torn) segment.committed = start + from;
        else await putAside(segment, start + from, buffer.subarray(start + from, start + to));
      }
      segment.offset = start;
      segment.firstStoredAtMs = frames[0]?.storedAtMs ?? 0;
      const open = frames.filter(({ sequence }) => !log.acknowledged.has(sequence));
      const records = open.filter(({ sequence }) => counted.add(sequence)).length;
      if (open.length === 0) segment.offset = segment.committed;
      return { records, repeated: open.length > records };
    } finally {
      await file.close();
    }
  }

  async function openSegment(path: string, writer: string, log: Adopted): Promise<Segment> {
    const committed = (await files.identity(path))?.size ?? 0;
    const segment = createSegment({ writer, path, committed, offset: 0, sealed: true });
    logs.set(segment, log);
    await readAckFile(segment, log.acknowledged);
    return segment;
  }

  async function surveyAll(path: string, writer: string): Promise<number> {
    const names = (await files.list(path)).filter((name) => name.endsWith('.seg')).sort();
    const log = {
      path,
      left: names.length,
      acknowledged: createSequenceSet(),
      offered: createSequenceSet(),
    };
    const counted = createSequenceSet();
    const segments: Segment[] = [];
    let records = 0;
    let repeated = false;
    for (const name of names) segments.push(await openSegment(join(path, name), writer, log));
    for (const segment of segments) {
      try {
        const found = await survey(segment, log, counted);
        records += found.records;
        repeated ||= found.repeated;
      } catch {
        // It stays, and whoever comes next tries again.
        segment.offset = segment.committed;
        segment.offered += 1;
        onDamage(segment);
      }
    }
    for (const segment of segments) {
      // Of a record that was written twice, because the first sync failed, only one copy is on the
      // disk for sure, and it cannot be told which: so neither file goes before the other.
      if (repeated) segment.together = segments;
      shelf.addAdopted(segment);
      shelf.settle(segment);
    }
    if (names.length === 0) await removeDirectory(path);
    return records;
  }

  async function removeDirectory(path: string): Promise<void> {
    const rest = await files.list(path).catch(() => []);
    for (const name of rest) {
      // A side file whose segment is gone says nothing any more.
      if (name === 'lock' || name.endsWith('.ack')) await files.unlink(join(path, name));
    }
    await files.removeDirectory(path);
  }

  async function takeOver(name: string, adopter: string): Promise<number> {
    const { writer } = ownerOf(name);
    const path = join(writers, `${writer}@${adopter}`);
    await files.rename(join(writers, name), path);
    await files.syncDirectory(writers);
    return surveyAll(path, writer);
  }

  /** Whether there is something in it; one that was just made has no segment and is left alone. */
  async function isWorthIt(name: string): Promise<boolean> {
    const names = await files.list(join(writers, name));
    return names.some((each) => each.endsWith('.seg') || each === 'lock');
  }

  async function adoptAll(): Promise<number> {
    const { writer: adopter } = await home.open();
    let records = 0;
    for (const name of [...(await files.list(writers))].sort()) {
      try {
        if ((await isOrphan(name)) && (await isWorthIt(name))) {
          records += await takeOver(name, adopter);
        }
      } catch {
        // Somebody else was faster, or it cannot be read; there is a next time.
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
