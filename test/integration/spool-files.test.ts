import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { nodeFiles } from '../../src/spool/node-files.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

let folder: string;
let path: string;

beforeEach(() => {
  folder = temporaryFolder();
  path = join(folder, 'file');
});

const modeOf = (at: string): number => statSync(at).mode & 0o777;

describe('the file system of the machine', () => {
  it('writes, reads, cuts, syncs and tells who is who', async () => {
    const file = await nodeFiles.createFile(path);
    expect(await file.write(Buffer.from('0123456789'), 2)).toBe(10);
    await file.truncate(8);
    await file.sync();
    const buffer = Buffer.alloc(20);
    expect(await file.read(buffer, 2)).toBe(6);
    expect(await file.read(buffer, 8)).toBe(0);
    const found = await nodeFiles.identity(path);
    expect(found).toMatchObject({ ...(await file.identity()), kind: 'file', size: 8, links: 1 });
    expect(nodeFiles.identityNow(path)).toEqual(found);
    await file.close();
    await nodeFiles.unlink(path);
    expect(await nodeFiles.identity(path)).toBeUndefined();
    expect(nodeFiles.identityNow(join(path, 'below'))).toBeUndefined();
  });

  it('keeps files and directories for their owner', async () => {
    await (await nodeFiles.createFile(path)).close();
    await nodeFiles.makeDirectory(join(folder, 'own'));
    nodeFiles.createFileNow(join(folder, 'now', 'file'), Buffer.from('now'));
    const made = [path, join(folder, 'own'), join(folder, 'now'), join(folder, 'now', 'file')];
    expect(made.map(modeOf)).toEqual([0o600, 0o700, 0o700, 0o600]);
    expect(readFileSync(join(folder, 'now', 'file'), 'utf8')).toBe('now');
  });

  it('makes no file where something is, and follows no link', async () => {
    const target = join(folder, 'target');
    writeFileSync(target, 'precious');
    symlinkSync(target, path);
    await expect(nodeFiles.createFile(path)).rejects.toMatchObject({ code: 'EEXIST' });
    await expect(nodeFiles.openFile(path)).rejects.toMatchObject({ code: 'ELOOP' });
    expect(() => {
      nodeFiles.createFileNow(path, Buffer.from('x'));
    }).toThrow(expect.objectContaining({ code: 'EEXIST' }));
    expect(await nodeFiles.identity(path)).toMatchObject({ kind: 'other' });
    expect(readFileSync(target, 'utf8')).toBe('precious');
  });

  it.skipIf(process.getuid?.() === 0)('reads a file that may not be written', async () => {
    writeFileSync(path, 'a copy');
    chmodSync(path, 0o400);
    const file = await nodeFiles.openFile(path);
    const buffer = Buffer.alloc(6);
    await file.read(buffer, 0);
    expect(buffer.toString()).toBe('a copy');
    await file.close();
  });

  it.skipIf(process.getuid?.() !== 0)('reads a file on a volume that takes no writes', async () => {
    expect(spawnSync('mount', ['-t', 'tmpfs', 'tmpfs', folder]).status).toBe(0);
    onTestFinished(() => {
      spawnSync('umount', ['-l', folder]);
    });
    writeFileSync(path, 'a copy');
    expect(spawnSync('mount', ['-o', 'remount,ro', folder]).status).toBe(0);
    const file = await nodeFiles.openFile(path);
    const buffer = Buffer.alloc(6);
    await file.read(buffer, 0);
    expect(buffer.toString()).toBe('a copy');
    await expect(file.write(buffer, 0)).rejects.toMatchObject({ code: 'EBADF' });
    await file.close();
  });

  it('lists, renames and removes directories, and knows the room there is', async () => {
    mkdirSync(join(folder, 'one'));
    await nodeFiles.rename(join(folder, 'one'), join(folder, 'two'));
    expect(await nodeFiles.list(folder)).toEqual(['two']);
    await nodeFiles.syncDirectory(folder);
    await nodeFiles.removeDirectory(join(folder, 'two'));
    expect(await nodeFiles.list(folder)).toEqual([]);
    const { free, total } = await nodeFiles.space(folder);
    expect(free).toBeGreaterThan(0);
    expect(total).toBeGreaterThanOrEqual(free);
  });
});
