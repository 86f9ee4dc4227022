import { join } from 'node:path';
import type { FilePort } from './file-port.ts';
import type { Home } from './home.ts';
import type { Liveness } from './liveness.ts';
import type { Quarantine } from './quarantine.ts';
import type { AdoptedLog } from './reader.ts';
import type { Segment } from './segment.ts';
import { createSegment } from './segment.ts';
import { createSequenceSet } from './sequence-set.ts';
import type { Shelf } from './shelf.ts';
import { createSurvey } from './survey.ts';

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
  const survey = createSurvey({ files, quarantine, onDamage });
  const logs = new Map<Segment, Adopted>();
  const surveyed = new Set<string>();
  let removals: Promise<unknown> = Promise.resolve();

  async function isOrphan(name: string): Promise<boolean> {
    const { writer, adopter } = ownerOf(name);
    if (home.isOwn(adopter ?? writer)) return false;
    const owner = join(writers, adopter ?? writer);
    return !(await liveness.isAlive(owner));
  }

  async function openSegment(path: string, writer: string): Promise<Segment> {
    const committed = (await files.identity(path))?.size ?? 0;
    return createSegment({ writer, path, committed, offset: 0, sealed: true });
  }

  /** Resolves to the number of records. */
  async function surveyAll(path: string, writer: string): Promise<number> {
    const all = await files.list(path);
    const names = all.filter((name) => name.endsWith('.seg')).sort();
    const acknowledged = createSequenceSet();
    const found = createSequenceSet();
    const segments: Segment[] = [];
    for (const name of names) segments.push(await openSegment(join(path, name), writer));
    for (const segment of segments) await survey.acknowledgements(segment, acknowledged);
    let repeated = false;
    for (const segment of segments) {
      if (await survey.records(segment, { acknowledged, found })) repeated = true;
    }
    surveyed.add(path);
    const log = { path, left: segments.length, acknowledged, offered: createSequenceSet() };
    let records = 0;
    for (const segment of segments) {
      logs.set(segment, log);
      records += segment.records;
      // Of a record that was written twice, because the first sync failed, only one copy is on the
      // disk for sure, and it cannot be told which: so neither file goes before the other.
      if (repeated) segment.together = segments;
      shelf.addAdopted(segment);
      shelf.settle(segment);
    }
    if (segments.length === 0) await removeDirectory(path);
    else await removeSideFiles(path, all);
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
    if (adopter !== undefined && home.isOwn(adopter)) {
      // Taken over before, when it could not be read.
      const path = join(writers, name);
      return surveyed.has(path) ? 0 : surveyAll(path, writer);
    }
    if (!(await isOrphan(name)) || !(await isWorthIt(name))) return 0;
    return surveyAll(await takeOver(name, self), writer);
  }

  /** Whether there is something in it; one that was just made is empty and is left alone. */
  async function isWorthIt(name: string): Promise<boolean> {
    // A link would lead out of the spool.
    if ((await files.identity(join(writers, name)))?.kind !== 'directory') return false;
    const names = await files.list(join(writers, name));
    return names.some((each) => /\.(?:seg|ack)$/.test(each) || each === 'lock');
  }

  async function adoptAll(): Promise<number> {
    const { writer: self } = await home.open();
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
