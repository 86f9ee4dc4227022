import { readAcks, wholeAckBytes } from './acks.ts';
import type { FilePort } from './file-port.ts';
import type { Quarantine } from './quarantine.ts';
import type { DamagedRange } from './scan.ts';
import { scanFrames } from './scan.ts';
import { HEADER_BYTES, isHeader } from './segment-header.ts';
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
  async function readAll(path: string, size: number): Promise<Buffer> {
    const file = await files.openFile(path);
    try {
      return await readUpTo(file, size, 0);
    } finally {
      await file.close();
    }
  }

  async function readAckFile(segment: Segment, into: SequenceSet): Promise<void> {
    const path = ackPath(segment);
    const found = await files.identity(path);
    if (found === undefined) return;
    const buffer = await readAll(path, found.size);
    readAcks(buffer, into);
    // Behind one that is cut off the next would stand askew.
    segment.ackBytes = wholeAckBytes(buffer.length);
  }

  /** What is damaged is kept beside the spool; where that fails the segment itself stays. */
  async function putAside(segment: Segment, bytes: Buffer, range: DamagedRange): Promise<void> {
    const name = segment.path.split(/[/\\]/).at(-1)?.replace('.seg', '') ?? '';
    const { from, to, torn } = range;
    if (torn) segment.committed = from;
    else onDamage(segment);
    if (torn && bytes.subarray(from, to).every((byte) => byte === 0)) return;
    const damagedName = `${segment.writer}-${name}-${from}`;
    if (!(await quarantine.keepDamaged(damagedName, bytes.subarray(from, to)))) {
      segment.offered += 1;
    }
  }

  async function look(segment: Segment, log: SurveyLog): Promise<boolean> {
    const buffer = await readAll(segment.path, segment.committed);
    const start = isHeader(buffer.subarray(0, HEADER_BYTES)) ? HEADER_BYTES : 0;
    const options = { atEnd: true, limit: Infinity };
    const { frames, damaged } = scanFrames(buffer.subarray(start), options);
    for (const { from, to, torn } of damaged) {
      await putAside(segment, buffer, { from: start + from, to: start + to, torn });
    }
    segment.offset = start;
    segment.firstStoredAtMs = frames[0]?.storedAtMs ?? 0;
    const open = frames.filter(({ sequence }) => !log.acknowledged.has(sequence));
    segment.records = open.filter(({ sequence }) => log.found.add(sequence)).length;
    if (open.length === 0) segment.offset = segment.committed;
    return open.length > segment.records;
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
