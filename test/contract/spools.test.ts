import { describe } from 'vitest';
import { systemClock } from '../../src/runtime/clock.ts';
import { FileSpool } from '../../src/spool/file-spool.ts';
import { nodeFiles } from '../../src/spool/node-files.ts';
import { createNodeLiveness } from '../../src/spool/node-liveness.ts';
import { fakeSpool } from '../support/fake-spool.ts';
import { simulatedFiles } from '../support/simulated-files.ts';
import { simulatedSpool } from '../support/simulated-spool.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { spoolContract } from './spool-contract.ts';

describe('the spool in an array', () => {
  spoolContract(() => fakeSpool());
});

describe('the spool on a simulated disk', () => {
  spoolContract(() => simulatedSpool({ files: simulatedFiles() }));
});

describe('the spool on a simulated disk, with a segment for each record', () => {
  spoolContract(() => simulatedSpool({ files: simulatedFiles(), segmentBytes: 1 }));
});

describe('the spool on a simulated disk that writes three bytes at a time', () => {
  const faults = { fail: () => undefined, shorten: (bytes: number) => Math.min(bytes, 3) };
  spoolContract(() => simulatedSpool({ files: simulatedFiles({ faults }) }));
});

describe('the spool on the disk of this machine', () => {
  spoolContract(
    () =>
      new FileSpool({
        directory: temporaryFolder(),
        maxBytes: 2 ** 30,
        files: nodeFiles,
        liveness: createNodeLiveness(systemClock),
        clock: systemClock,
        newWriter: () => 'writer',
        onDamage: () => {},
        onReadError: () => {},
      }),
  );
});
