import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeDurableDirectory, requireSafeNow, spoolPaths } from '../../../src/spool/directory.ts';
import type { FilePort } from '../../../src/spool/files.ts';
import { faultyFiles } from '../../support/faulty-files.ts';
import { splitBySync } from '../../support/simulated-disk.ts';
import { simulatedFiles } from '../../support/simulated-files.ts';

describe('the paths of a spool', () => {
  it('are absolute, also where the directory is given as a relative one', () => {
    const { root, writers, quarantine } = spoolPaths('var/spool');
    expect(root).toBe(resolve('var/spool'));
    expect(writers).toBe(resolve('var/spool/v1'));
    expect(quarantine).toBe(resolve('var/spool/quarantine'));
  });
});

describe('a directory that survives the power', () => {
  it('is made with its ancestors, and each parent is synced behind its child', async () => {
    const files = simulatedFiles();
    await makeDurableDirectory(files, '/a/b/c');
    expect(files.effects.map(({ kind }) => kind)).toEqual([
      'mkdir',
      'syncdir',
      'mkdir',
      'syncdir',
      'mkdir',
      'syncdir',
    ]);
  });

  it('is synced when it is there: who made it may have been killed before that', async () => {
    const files = simulatedFiles();
    await files.makeDirectory('/a');
    await makeDurableDirectory(files, '/a');
    expect(files.effects.map(({ kind }) => kind)).toEqual(['mkdir', 'syncdir']);
  });

  it.each(['EACCES', 'EPERM'])(
    'is taken as it is when it is there, in one that may not be read (%s)',
    async (code) => {
      const files = faultyFiles();
      await files.makeDirectory('/a');
      files.failNext({ operation: 'syncdir', code });
      await expect(makeDurableDirectory(files, '/a')).resolves.toBeUndefined();
    },
  );

  it('is shared with a process that was faster, and synced all the same', async () => {
    const files = simulatedFiles();
    const faster: FilePort = {
      ...files,
      async makeDirectory(path) {
        await files.makeDirectory(path);
        throw Object.assign(new Error('there already'), { code: 'EEXIST' });
      },
    };
    await makeDurableDirectory(faster, '/a');
    expect(files.effects[0]?.kind).toBe('mkdir');
    expect(files.effects.at(-1)?.kind).toBe('syncdir');
  });

  it('is refused where a file stands in its place', async () => {
    const files = simulatedFiles();
    await files.createFile('/a');
    await expect(makeDurableDirectory(files, '/a')).rejects.toMatchObject({ code: 'ENOTDIR' });
    expect(() => {
      requireSafeNow(files, spoolPaths('/a'));
    }).toThrow(expect.objectContaining({ code: 'ENOTDIR' }));
  });

  it.each(['/a/b', '/a/b/c/d'])(
    'is not lost because the sync of an ancestor had failed at first (%s)',
    async (path) => {
      const files = faultyFiles();
      files.failNext({ operation: 'syncdir', code: 'EIO' });
      await expect(makeDurableDirectory(files, path)).rejects.toMatchObject({ code: 'EIO' });
      await makeDurableDirectory(files, path);
      const { unsynced } = splitBySync(files.effects);
      expect(unsynced).toEqual([]);
    },
  );

  it('does not sync what lies above its volume', async () => {
    const files = simulatedFiles();
    await files.makeDirectory('/a');
    await files.makeDirectory('/a/b');
    const mounted: FilePort = {
      ...files,
      async identity(path) {
        const found = await files.identity(path);
        return found === undefined || path === '/' ? found : { ...found, device: 2 };
      },
    };
    await makeDurableDirectory(mounted, '/a/b/c');
    const synced = files.effects.filter(({ kind }) => kind === 'syncdir');
    expect(synced).toHaveLength(2);
  });

  it('is not said to be made when it cannot be synced', async () => {
    const files = faultyFiles();
    files.failNext({ operation: 'syncdir', code: 'EIO' });
    await expect(makeDurableDirectory(files, '/a')).rejects.toMatchObject({ code: 'EIO' });
  });
});
