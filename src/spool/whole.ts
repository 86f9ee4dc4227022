import type { FileIdentity, FilePort, OpenFile } from './file-port.ts';
import { SHORT_WRITE } from './system-error.ts';

/** Writes all bytes at a position, in as many writes as it takes. */
export async function writeAll(file: OpenFile, bytes: Uint8Array, position: number): Promise<void> {
  for (let at = 0; at < bytes.byteLength;) {
    const written = await file.write(at === 0 ? bytes : bytes.subarray(at), position + at);
    if (written <= 0) throw Object.assign(new Error('short write'), { code: SHORT_WRITE });
    at += written;
  }
}

/** Whether the file that was opened at a path is still the one that is found there. */
export async function stillStands(
  files: FilePort,
  path: string,
  { inode, device }: FileIdentity,
): Promise<boolean> {
  const found = await files.identity(path);
  return found !== undefined && found.inode === inode && found.device === device;
}

/** Reads up to so many bytes from a position; fewer only at the end of the file. */
export async function readUpTo(file: OpenFile, size: number, position: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(size);
  let at = 0;
  while (at < size) {
    const read = await file.read(buffer.subarray(at), position + at);
    if (read <= 0) break;
    at += read;
  }
  return buffer.subarray(0, at);
}
