import { describe, expect, it } from 'vitest';
import { Pool } from 'undici';
import { readEnvironment } from '../../../src/config/environment.ts';
import { resolveWorker, setWorkerAside } from '../../../src/config/resolve.ts';

const wanted = readEnvironment({ IMTBL_WORKER: 'true' });

describe('the option worker', () => {
  it('is off by default, and goes before its variable', () => {
    expect(resolveWorker({}, undefined)).toBe(false);
    expect(resolveWorker({}, true)).toBe(true);
    expect(resolveWorker({ worker: false }, true)).toBe(false);
    expect(resolveWorker({ worker: true }, false)).toBe(true);
  });

  it('does not go with a dispatcher, and says so by both names', () => {
    const dispatcher = new Pool('http://127.0.0.1:9');
    expect(() => resolveWorker({ worker: true, dispatcher }, undefined)).toThrow(
      expect.objectContaining({
        code: 'config_invalid',
        message: 'worker: true and dispatcher do not go together',
      }),
    );
  });

  it('must be true or false', () => {
    const given = { worker: 'yes' as never };
    expect(() => resolveWorker(given, undefined)).toThrow('worker must be true or false');
  });
});

describe('IMTBL_WORKER', () => {
  it.each([
    ['true', true],
    ['TRUE', true],
    ['1', true],
    ['false', false],
    ['0', false],
  ])('reads %s as %s', (text, expected) => {
    expect(readEnvironment({ IMTBL_WORKER: text }).options.worker).toBe(expected);
  });

  it('is ignored when it is neither', () => {
    const { options, ignored } = readEnvironment({ IMTBL_WORKER: 'yes' });
    expect(options.worker).toBeUndefined();
    expect(ignored).toEqual([{ variable: 'IMTBL_WORKER', expected: 'true or false' }]);
  });

  it('gives way to a dispatcher, with a warning', () => {
    const dispatcher = new Pool('http://127.0.0.1:9');
    const { options, ignored } = setWorkerAside(wanted, { dispatcher });
    expect(options.worker).toBe(false);
    expect(ignored).toEqual([
      { variable: 'IMTBL_WORKER', expected: 'no option dispatcher beside it' },
    ]);
  });

  it('is left alone otherwise', () => {
    const dispatcher = new Pool('http://127.0.0.1:9');
    const unset = readEnvironment({});
    expect(setWorkerAside(wanted, {})).toBe(wanted);
    expect(setWorkerAside(wanted, { dispatcher, worker: false })).toBe(wanted);
    expect(setWorkerAside(unset, { dispatcher })).toBe(unset);
  });
});
