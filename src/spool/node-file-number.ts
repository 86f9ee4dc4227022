import { statfs, lstat } from 'node:fs/promises';
import process from 'node:process';

/**
 * File systems that one kernel has to itself, and on which a file keeps its number for life: ext,
 * XFS, Btrfs, tmpfs, ZFS, F2FS. Those of the network and of virtual machines are left out: there,
 * each machine may see other numbers.
 */
const LASTING: ReadonlySet<number> = new Set([
  0xef_53, 0x58_46_53_42, 0x91_23_68_3e, 0x01_02_19_94, 0x2f_c1_2f_c1, 0xf2_f5_20_10,
]);

/** The number of a file that every process sees that sees the file; empty where none is known. */
export async function fileNumber(path: string): Promise<string> {
  if (process.platform !== 'linux') return '';
  try {
    const [{ type }, { ino }] = await Promise.all([statfs(path), lstat(path, { bigint: true })]);
    return LASTING.has(type) ? String(ino) : '';
  } catch {
    return '';
  }
}

/** Whether a file is surely not the one that had a number. */
export async function isCopy(path: string, number: string): Promise<boolean> {
  if (number === '') return false;
  const here = await fileNumber(path);
  return here !== '' && here !== number;
}
