import { describe, expect, it } from 'vitest';
import { readEnvironment } from '../../../src/config/environment.ts';
import { OwnProcessors } from '../../../src/register/own-processors.ts';

describe('the processors of a set-up', () => {
  it('share a client where their options are the same, and only there', async () => {
    const own = new OwnProcessors(readEnvironment({}));
    const options = (match: RegExp) =>
      ({
        apiKey: 'key',
        url: 'http://127.0.0.1:9',
        worker: false,
        redact: { rules: [{ match, action: 'drop' }] },
      }) as const;
    const processors = [
      own.create('span', options(/^a$/)),
      own.create('log', options(/^a$/)),
      own.create('log', options(/^b$/)),
    ];
    expect(own.cores()).toHaveLength(2);
    await Promise.all(processors.map((processor) => processor.shutdown()));
  });
});
