import { describe, expect, it } from 'vitest';
import { createEmulator } from '../../src/emulator/index.ts';
import type { LogRecordLike } from '../../src/index.ts';
import { ImmutableLogLogRecordExporter, createRedactor } from '../../src/index.ts';
import { runScript } from '../support/run-script.ts';
import { blocksUnder, codesIn, tableRows } from './docs.ts';

const jsonUnder = (path: string, heading: string): readonly unknown[] =>
  blocksUnder(path, heading, 'json').map((text): unknown => JSON.parse(text));

/** The log record that the README shows, as the SDK would hand it over. */
function recordOf(shown: object): LogRecordLike {
  const { body, attributes, ...rest }: Partial<LogRecordLike> = { ...shown };
  return {
    hrTime: [1_795_446_000, 5_000_000],
    hrTimeObserved: [1_795_446_000, 5_100_000],
    spanContext: {
      traceId: '5b8efff798038103d269b633813fc60c',
      spanId: 'eee19b7ec3c1b174',
      traceFlags: 1,
    },
    severityNumber: 9,
    ...rest,
    body,
    attributes: attributes ?? {},
    resource: {
      attributes: { 'service.name': 'shop', 'deployment.environment.name': 'production' },
    },
    instrumentationScope: { name: 'shop' },
    droppedAttributesCount: 0,
  };
}

describe('the events in the documentation', () => {
  it('are what the ledger gets of the record in the README', async () => {
    await using ledger = await createEmulator();
    const exporter = new ImmutableLogLogRecordExporter({ url: ledger.url, apiKey: 'key' });
    const [before, after] = jsonUnder('README.md', 'One event, in and out');
    const code = await new Promise((resolve) => {
      exporter.export([recordOf({ ...(before as object) })], (result) => {
        resolve(result.code);
      });
    });
    await exporter.shutdown();
    expect(code).toBe(0);
    const [event] = ledger.events();
    expect({ meta: event?.meta, payload: JSON.parse(event?.payload ?? 'null') }).toEqual(after);
  });

  it('are what the example of the mapping prints, a span and a log record', async () => {
    const { exit, out } = await runScript('examples/mapping/main.js');
    expect(exit).toBe(0);
    const printed = out.split(/(?<=^\}\n)/m).map((text): unknown => JSON.parse(text));
    expect(printed).toEqual([
      ...jsonUnder('examples/mapping/README.md', 'A span'),
      ...jsonUnder('examples/mapping/README.md', 'A log record of the same request'),
    ]);
  });
});

describe('the table of what redaction does by itself', () => {
  const redactor = createRedactor();
  const cases = tableRows('examples/redaction/README.md', 'What is built in').flatMap(
    ([names = '', value = '', result = '']) =>
      codesIn(names).map((name) => ({ name, value: codesIn(value)[0] ?? '', result })),
  );

  it('has a row for each way to treat a value', () => {
    expect(cases.length).toBeGreaterThan(20);
  });

  it.each(cases)('holds for $name', ({ name, value, result }) => {
    const given: unknown = JSON.parse(value);
    const digested = { [`${name}_hash`]: expect.stringMatching(/^[0-9a-f]{64}$/) as unknown };
    const [code] = codesIn(result);
    const shown = code === undefined ? {} : { [name]: JSON.parse(code) as unknown };
    const expected = result === 'a digest' ? digested : shown;
    expect({ ...(redactor.redact({ [name]: given }) as object) }).toEqual(expected);
  });
});
