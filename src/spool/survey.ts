import { readAcks, wholeAckBytes } from './acks.ts';
import type { Damage } from './damage.ts';
import { createDamageLog } from './damage.ts';
import type { FilePort } from './file-port.ts';
import type { Quarantine } from './quarantine.ts';
import { scanWindows } from './scan-windows.ts';
import { segmentStart } from './segment-header.ts';
import type { Segment } from './segment.ts';
import { ackPath } from './segment.ts';
import type { SequenceSet } from './sequence-set.ts';
import { isPassing } from './system-error.ts';
import { readUpTo } from './whole.ts';

/** What looking through segments needs. */
export interface SurveyDeps {
  readonly files: FilePort;
  readonly quarantine: Quarantine;
  readonly onDamage: (segment: Segment) => void;
}

/** What is known of the records of a writer while its segments are looked through. */
export interface SurveyLog {
  readonly acknowledged: SequenceSet;
  /** Found in a segment that was looked through before. */
  readonly found: SequenceSet;
}

/** Looks through the segments of a writer that is gone. */
export interface Survey {
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
  records(segment: Segment, log: SurveyLog): Promise<boolean>;
}

/** Makes it. */
export function createSurvey({ files, quarantine, onDamage }: SurveyDeps): Survey {
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

  async function look(segment: Segment, log: SurveyLog): Promise<boolean> {
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
