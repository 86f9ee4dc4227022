import type { Clock } from '../runtime/clock.ts';
import type { OwnDirectory } from './directory.ts';
import { isMark, isUnsafe, madeAt, ownerOf } from './directory.ts';
import type { FilePort } from './files.ts';
import { isDiskFull, isGone, readUpTo } from './files.ts';
import type { Quarantine } from './quarantine.ts';
import type { Damage, ReadRetries } from './read.ts';
import { scanSegment } from './read.ts';
import type { Frame } from './segment-format.ts';
import { SequenceSet, wholeAckBytes } from './segment-format.ts';
import type { FoundSegment, OrphanLog, Segments } from './segments.ts';
import { EMPTY, readAcksOf } from './segments.ts';
import { basename, join } from 'node:path';

/** An empty directory is somebody's who is about to mark it, or who died before that, ms. */
const EMPTY_FOR_MS = 300_000;
/** Times that acknowledgements are read before their records are sent without them. */
const MOST_ACK_FAILURES = 5;

/** Where what cannot be taken in goes: bytes that do not check, and files that cannot be read. */
interface Aside {
  readonly quarantine: Quarantine;
  readonly retries: ReadRetries;
}

/** What stands around it. */
export interface Around extends Aside {
  readonly own: OwnDirectory;
}

/** A damaged stretch of a segment that is not kept yet. */
interface Stretch {
  readonly name: string;
  readonly from: number;
  readonly size: number;
}

interface TakingIn {
  readonly path: string;
  readonly writer: string;
  /** Everything in the directory. */
  readonly names: readonly string[];
  readonly segments: readonly FoundSegment[];
  readonly taken: Taken;
}

/** A directory that was taken over. */
interface Taken {
  readonly log: OrphanLog;
  /** Records found in the segments that were looked through. */
  readonly found: SequenceSet;
  /** Names of those segments. */
  readonly looked: Set<string>;
  /** Whether some of it could not be read so far. */
  unread: boolean;
}

/**
 * Takes over what writers that are gone have left. A directory is taken over by renaming it: of two
 * that try, one succeeds; and a writer that was only thought dead sees at its next commit that its
 * directory is gone. Whoever holds the directory of the adopter holds the adopted one.
 *
 * On a full disk there is no room for a directory of the adopter; what is taken over is then held by
 * a mark in what is there already. Nothing here needs a new file or a new byte.
 */
export class Adoption {
  readonly #files: FilePort;
  readonly #clock: Clock;
  readonly #own: OwnDirectory;
  readonly #segments: Segments;
  readonly #aside: Aside;
  readonly #retries: ReadRetries;
  readonly #taken = new Map<string, Taken>();
  #removals: Promise<unknown> = Promise.resolve();

  constructor(files: FilePort, clock: Clock, segments: Segments, { own, ...aside }: Around) {
    this.#files = files;
    this.#clock = clock;
    this.#own = own;
    this.#segments = segments;
    this.#aside = aside;
    this.#retries = aside.retries;
  }

  /** Resolves to the number of records that were taken over. Never rejects. */
  async adopt(): Promise<number> {
    const { writers } = this.#own;
    try {
      const self = await this.#ownName();
      const names = [...(await this.#files.list(writers))].sort();
      this.#retries.worked(writers);
      let records = 0;
      for (const name of names) records += await this.#try(name, self);
      return records;
    } catch (error) {
      // Before anything was stored there is nothing to read.
      if (!isGone(error) && !isUnsafe(error)) this.#retries.failed(writers, error);
      return 0;
    }
  }

  /** Resolves when directories that are empty are gone. */
  async settled(): Promise<void> {
    await this.#removals;
  }

  /** The writer whose directory is one's own; `undefined` where the disk has no room for one. */
  async #ownName(): Promise<string | undefined> {
    try {
      return (await this.#own.open()).writer;
    } catch (error) {
      if (!isDiskFull(error)) throw error;
      return undefined;
    }
  }

  async #try(name: string, self: string | undefined): Promise<number> {
    // The name that it keeps when it is taken over.
    const lasting = join(this.#own.writers, ownerOf(name).writer);
    try {
      const records = await this.#adoptOne(name, self);
      this.#retries.worked(lasting);
      return records;
    } catch (error) {
      // Somebody else was faster, or it cannot be read now; there is a next time.
      if (isGone(error)) this.#retries.worked(lasting);
      else this.#retries.failed(lasting, error);
      return 0;
    }
  }

  async #adoptOne(name: string, self: string | undefined): Promise<number> {
    const { writer, adopter } = ownerOf(name);
    const path = join(this.#own.writers, name);
    if (this.#own.isOwn(adopter ?? writer)) {
      // Taken over before, when not all of it could be read.
      const rest = this.#taken.get(path)?.unread ?? adopter !== undefined;
      return rest ? this.#take(path, writer) : 0;
    }
    // A link would lead out of the spool.
    if ((await this.#files.identity(path))?.kind !== 'directory') return 0;
    if (await this.#own.isHeld(name)) return 0;
    const names = await this.#files.list(path);
    if (names.some((each) => /\.(?:seg|ack)$/.test(each) || isMark(each))) {
      return this.#take(await this.#takeOver(name, self), writer);
    }
    if (names.length === 0) await this.#removeEmpty(path, adopter ?? writer);
    return 0;
  }

  async #removeEmpty(path: string, holder: string): Promise<void> {
    const ageMs = this.#clock.wallTime() - madeAt(holder);
    if (ageMs > EMPTY_FOR_MS) await this.#files.removeDirectory(path);
  }

  async #takeOver(name: string, self: string | undefined): Promise<string> {
    const { writers } = this.#own;
    const adopter = self ?? this.#own.another().writer;
    const path = join(writers, `${ownerOf(name).writer}@${adopter}`);
    await this.#files.rename(join(writers, name), path);
    // Where that fails and the power does too, it has its old name, and is taken over again.
    await this.#files.syncDirectory(writers).catch(() => {});
    if (self === undefined) await this.#own.hold(adopter, path);
    return path;
  }

  /** Takes in the segments of a directory that were not taken in yet; resolves to the records. */
  async #take(path: string, writer: string): Promise<number> {
    const names = await this.#files.list(path);
    const taken = this.#takenAt(path);
    const unread: FoundSegment[] = [];
    taken.unread = false;
    for (const name of names.filter((each) => each.endsWith('.seg')).sort()) {
      if (taken.looked.has(name)) continue;
      const found = await this.#read(join(path, name), (each) => this.#find(each, taken));
      if (found === undefined) taken.unread = true;
      else unread.push(found);
    }
    const segments: FoundSegment[] = [];
    for (const each of unread) {
      const found = await this.#read(each.path, () => this.#look(each, writer, taken));
      if (found === undefined) taken.unread = true;
      else {
        this.#retries.worked(each.path);
        segments.push(found);
      }
    }
    return this.#takeIn({ path, writer, names, segments, taken });
  }

  #takenAt(path: string): Taken {
    const taken = this.#taken.get(path) ?? {
      log: { acknowledged: new SequenceSet(), offered: new SequenceSet() },
      found: new SequenceSet(),
      looked: new Set<string>(),
      unread: false,
    };
    this.#taken.set(path, taken);
    return taken;
  }

  async #takeIn({ path, writer, names, segments, taken }: TakingIn): Promise<number> {
    for (const each of segments) taken.looked.add(basename(each.path));
    if (segments.length === 0) {
      if (taken.looked.size === 0 && !taken.unread) await this.#removeDirectory(path);
      return 0;
    }
    const onGone = (): void => {
      this.#removals = this.#removals.then(() => this.#removeDirectory(path)).catch(() => {});
    };
    const records = this.#segments.adopt({ writer, log: taken.log, segments, onGone });
    await this.#removeSideFiles(path, names);
    return records;
  }

  /** What reading a segment gives; `undefined` where it cannot be read now. */
  async #read<T>(path: string, read: (path: string) => Promise<T>): Promise<T | undefined> {
    if (!this.#retries.isDue(path)) return undefined;
    try {
      return await read(path);
    } catch (error) {
      // A running process removes its own; a link is left alone.
      if (isGone(error)) this.#retries.worked(path);
      else this.#retries.failed(path, error);
      return undefined;
    }
  }

  /**
   * Acknowledgements that cannot be read again and again are taken for none: that costs duplicates,
   * which the ledger tells from others.
   */
  async #find(path: string, { log }: Taken): Promise<FoundSegment> {
    const size = (await this.#files.identity(path))?.size ?? 0;
    const ackBytes = await readAcksOf(this.#files, path, log.acknowledged).catch(
      (error: unknown) => {
        if (!isGone(error) && this.#retries.failures(path) < MOST_ACK_FAILURES) throw error;
        return 0;
      },
    );
    // Behind one that is cut off the next would stand askew.
    const whole = wholeAckBytes(ackBytes);
    return { ...EMPTY, path, offset: size, committed: size, ackBytes: whole };
  }

  /** Reads a segment once, to know what is in it, and puts aside what is damaged. */
  async #look(unread: FoundSegment, writer: string, taken: Taken): Promise<FoundSegment> {
    const { path, committed: size } = unread;
    const fresh: number[] = [];
    const seen = new SequenceSet();
    let open = 0;
    let firstStoredAtMs: number | undefined;
    const onFrame = ({ sequence, storedAtMs }: Frame): void => {
      firstStoredAtMs ??= storedAtMs;
      if (taken.log.acknowledged.has(sequence)) return;
      open += 1;
      if (!taken.found.has(sequence) && seen.add(sequence)) fresh.push(sequence);
    };
    const file = this.#retries.patched(path, await this.#files.openFile(path));
    try {
      const { start, damage } = await scanSegment(file, { writer, size, onFrame });
      const committed = damage.findLast(({ torn }) => torn)?.from ?? size;
      // What cannot be read cannot be put aside, and must not go.
      const rescue = this.#retries.hasHole(path)
        ? () => Promise.resolve(false)
        : await this.#putAside(path, writer, damage);
      for (const sequence of fresh) taken.found.add(sequence);
      return {
        ...unread,
        committed,
        offset: open === 0 ? committed : start,
        records: fresh.length,
        firstStoredAtMs,
        repeats: open > fresh.length,
        rescue,
      };
    } finally {
      await file.close();
    }
  }

  /** Keeps damaged ranges beside the spool; gives what is to be done while one could not be kept. */
  async #putAside(
    path: string,
    writer: string,
    damage: readonly Damage[],
  ): Promise<FoundSegment['rescue']> {
    const left: Stretch[] = [];
    for (const { from, bytes, torn } of damage) {
      if (!torn) this.#segments.damaged();
      else if (bytes.every((byte) => byte === 0)) continue;
      const name = `${writer}-${basename(path, '.seg')}-${from}`;
      const kept = await this.#aside.quarantine.keepDamaged(name, bytes);
      if (!kept) left.push({ name, from, size: bytes.length });
    }
    return left.length === 0 ? undefined : () => this.#rescue(path, left);
  }

  /** Keeps what could not be kept when it was found: the disk was full, and may have room now. */
  async #rescue(path: string, stretches: Stretch[]): Promise<boolean> {
    const file = await this.#files.openFile(path);
    try {
      for (let first = stretches[0]; first !== undefined; first = stretches[0]) {
        const bytes = await readUpTo(file, first.size, first.from);
        if (!(await this.#aside.quarantine.keepDamaged(first.name, bytes))) return false;
        stretches.shift();
      }
      return true;
    } finally {
      await file.close();
    }
  }

  /**
   * Those whose segment is gone: a loss of power may undo the second of two removals. Only in what
   * was taken over, where nobody begins a segment any more.
   */
  async #removeSideFiles(path: string, names: readonly string[]): Promise<void> {
    const there = new Set(names);
    for (const name of names) {
      if (!name.endsWith('.ack') || there.has(name.replace(/ack$/, 'seg'))) continue;
      await this.#files.unlink(join(path, name)).catch(() => {});
    }
  }

  async #removeDirectory(path: string): Promise<void> {
    const rest = await this.#files.list(path);
    // One that cannot be read now.
    if (rest.some((name) => name.endsWith('.seg'))) return;
    for (const name of rest) {
      // A side file whose segment is gone says nothing any more.
      if (isMark(name) || name.endsWith('.ack')) await this.#files.unlink(join(path, name));
    }
    await this.#files.removeDirectory(path);
    this.#taken.delete(path);
  }
}
