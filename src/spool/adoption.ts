import type { OwnDirectory } from './directory.ts';
import type { FilePort } from './files.ts';
import { isPassing } from './files.ts';
import type { Quarantine } from './quarantine.ts';
import type { Damage } from './read.ts';
import { scanSegment } from './read.ts';
import type { Frame } from './segment-format.ts';
import { SequenceSet, wholeAckBytes } from './segment-format.ts';
import type { FoundSegment, OrphanLog, Segments } from './segments.ts';
import { EMPTY, readAcksOf } from './segments.ts';
import { basename, join } from 'node:path';

/** `<writer>` while it lives, `<writer>@<adopter>` once it is taken over. */
function ownerOf(name: string): { readonly writer: string; readonly adopter: string | undefined } {
  const at = name.indexOf('@');
  return at < 0
    ? { writer: name, adopter: undefined }
    : { writer: name.slice(0, at), adopter: name.slice(at + 1) };
}

/** What is known of the records of a writer while its segments are looked through. */
interface Seen {
  readonly acknowledged: SequenceSet;
  /** Found in a segment that was looked through before. */
  readonly found: SequenceSet;
}

/**
 * Takes over what writers that are gone have left. A directory is taken over by renaming it: of two
 * that try, one succeeds; and a writer that was only thought dead sees at its next commit that its
 * directory is gone. Whoever holds the directory of the adopter holds the adopted one.
 */
export class Adoption {
  readonly #files: FilePort;
  readonly #own: OwnDirectory;
  readonly #segments: Segments;
  readonly #quarantine: Quarantine;
  readonly #taken = new Set<string>();
  #removals: Promise<unknown> = Promise.resolve();

  constructor(files: FilePort, own: OwnDirectory, segments: Segments, quarantine: Quarantine) {
    this.#files = files;
    this.#own = own;
    this.#segments = segments;
    this.#quarantine = quarantine;
  }

  /** Resolves to the number of records that were taken over. Never rejects. */
  adopt(): Promise<number> {
    return this.#adoptAll().catch(() => 0);
  }

  /** Resolves when directories that are empty are gone. */
  async settled(): Promise<void> {
    await this.#removals;
  }

  async #adoptAll(): Promise<number> {
    const { writer: self } = await this.#own.open();
    let records = 0;
    for (const name of [...(await this.#files.list(this.#own.writers))].sort()) {
      try {
        records += await this.#adoptOne(name, self);
      } catch {
        // Somebody else was faster, or it cannot be read now; there is a next time.
      }
    }
    return records;
  }

  async #adoptOne(name: string, self: string): Promise<number> {
    const { writer, adopter } = ownerOf(name);
    if (adopter !== undefined && this.#own.isOwn(adopter)) {
      // Taken over before, when it could not be read.
      const path = join(this.#own.writers, name);
      return this.#taken.has(path) ? 0 : this.#take(path, writer);
    }
    if ((await this.#own.isAlive(adopter ?? writer)) || !(await this.#isWorthIt(name))) return 0;
    return this.#take(await this.#takeOver(name, self), writer);
  }

  /** Whether there is something in it; one that was just made is empty and is left alone. */
  async #isWorthIt(name: string): Promise<boolean> {
    const path = join(this.#own.writers, name);
    // A link would lead out of the spool.
    if ((await this.#files.identity(path))?.kind !== 'directory') return false;
    const names = await this.#files.list(path);
    return names.some((each) => /\.(?:seg|ack)$/.test(each) || each === 'lock');
  }

  async #takeOver(name: string, adopter: string): Promise<string> {
    const { writers } = this.#own;
    const path = join(writers, `${ownerOf(name).writer}@${adopter}`);
    await this.#files.rename(join(writers, name), path);
    // Where that fails and the power does too, it has its old name, and is taken over again.
    await this.#files.syncDirectory(writers).catch(() => {});
    return path;
  }

  /** Takes the segments of a directory in; resolves to the number of records. */
  async #take(path: string, writer: string): Promise<number> {
    const names = await this.#files.list(path);
    const log: OrphanLog = { acknowledged: new SequenceSet(), offered: new SequenceSet() };
    const unread: FoundSegment[] = [];
    for (const name of names.filter((each) => each.endsWith('.seg')).sort()) {
      unread.push(await this.#find(join(path, name), log.acknowledged));
    }
    const seen = { acknowledged: log.acknowledged, found: new SequenceSet() };
    const segments: FoundSegment[] = [];
    for (const each of unread) segments.push(await this.#look(each, writer, seen));
    this.#taken.add(path);
    if (segments.length === 0) {
      await this.#removeDirectory(path);
      return 0;
    }
    const onGone = (): void => {
      this.#removals = this.#removals.then(() => this.#removeDirectory(path)).catch(() => {});
    };
    const records = this.#segments.adopt({ writer, log, segments, onGone });
    await this.#removeSideFiles(path, names);
    return records;
  }

  /**
   * Acknowledgements that cannot be read are taken for none: that costs duplicates, which the ledger
   * tells from others.
   */
  async #find(path: string, acknowledged: SequenceSet): Promise<FoundSegment> {
    const size = (await this.#files.identity(path))?.size ?? 0;
    const ackBytes = await readAcksOf(this.#files, path, acknowledged).catch((error: unknown) => {
      if (isPassing(error)) throw error;
      return 0;
    });
    // Behind one that is cut off the next would stand askew.
    const whole = wholeAckBytes(ackBytes);
    return { ...EMPTY, path, offset: size, committed: size, ackBytes: whole };
  }

  /** Reads a segment once, to know what is in it, and puts aside what is damaged. */
  async #look(unread: FoundSegment, writer: string, seen: Seen): Promise<FoundSegment> {
    const { path, committed: size } = unread;
    let open = 0;
    const found: { -readonly [K in keyof FoundSegment]: FoundSegment[K] } = { ...unread };
    const onFrame = ({ sequence, storedAtMs }: Frame): void => {
      found.firstStoredAtMs ??= storedAtMs;
      if (seen.acknowledged.has(sequence)) return;
      open += 1;
      if (seen.found.add(sequence)) found.records += 1;
    };
    try {
      const file = await this.#files.openFile(path);
      try {
        const { start, damage } = await scanSegment(file, { writer, size, onFrame });
        for (const each of damage) {
          if (each.torn) found.committed = each.from;
          if (!(await this.#putAside(path, writer, each))) found.stays = true;
        }
        found.offset = open === 0 ? found.committed : start;
        found.repeats = open > found.records;
      } finally {
        await file.close();
      }
    } catch (error) {
      if (isPassing(error)) throw error;
      // It stays, and whoever comes next tries again.
      found.offset = found.committed;
      found.stays = true;
      this.#segments.damaged();
    }
    return found;
  }

  /** Whether it is kept beside the spool; where that fails the segment itself stays. */
  async #putAside(path: string, writer: string, { from, bytes, torn }: Damage): Promise<boolean> {
    if (!torn) this.#segments.damaged();
    else if (bytes.every((byte) => byte === 0)) return true;
    const name = basename(path, '.seg');
    return this.#quarantine.keepDamaged(`${writer}-${name}-${from}`, bytes);
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
    const rest = await this.#files.list(path).catch(() => []);
    for (const name of rest) {
      // A side file whose segment is gone says nothing any more.
      if (name === 'lock' || name.endsWith('.ack')) await this.#files.unlink(join(path, name));
    }
    await this.#files.removeDirectory(path);
  }
}
