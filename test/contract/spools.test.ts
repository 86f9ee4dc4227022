import { systemClock } from '../../src/runtime/clock.ts';
import { createFileSpool } from '../../src/spool/file-spool.ts';
import { nodeFiles } from '../../src/spool/node-files.ts';
import { createNodeLiveness } from '../../src/spool/node-liveness.ts';
import { fakeSpool } from '../support/fake-spool.ts';
import { simulatedFiles } from '../support/simulated-files.ts';
import { simulatedSpool } from '../support/simulated-spool.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { spoolContract } from './spool-contract.ts';

spoolContract('the spool in an array', () => fakeSpool());

spoolContract('the spool on a simulated disk', () => simulatedSpool({ files: simulatedFiles() }));

spoolContract('the spool on a simulated disk, with a segment for each record', () =>
  simulatedSpool({ files: simulatedFiles(), segmentBytes: 1 }),
);

spoolContract('the spool on a simulated disk that writes three bytes at a time', () => {
  const faults = { fail: () => undefined, shorten: (bytes: number) => Math.min(bytes, 3) };
  return simulatedSpool({ files: simulatedFiles({ faults }) });
});

spoolContract('the spool on the disk of this machine', () =>
  createFileSpool({
    directory: temporaryFolder(),
    maxBytes: 2 ** 30,
    files: nodeFiles,
    liveness: createNodeLiveness(systemClock),
    clock: systemClock,
    newWriter: () => 'writer',
    onDamage: () => {},
  }),
);
