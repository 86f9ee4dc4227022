import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { namesIn, registeredProject } from '../support/registered-app.ts';

const { ledger, folder, write, run } = registeredProject();

const SCRIPT = 'natural-end.mjs';

describe('OTEL_CONFIG_FILE', () => {
  const FILE = `
file_format: "1.0"
resource:
  attributes:
    - { name: service.name, value: from-file }
propagator:
  composite: [{ tracecontext: }]
tracer_provider:
  processors:
    - simple: { exporter: { console: {} } }
    - batch:
        schedule_delay: 100
        exporter:
          immutablelog:
            api_key: \${LEDGER_KEY}
            url: \${LEDGER_URL}
            spans: all
            env: file-env
  sampler:
    parent_based: { root: { always_on: } }
logger_provider:
  processors:
    - batch:
        exporter:
          immutablelog: { api_key: "\${LEDGER_KEY}", url: "\${LEDGER_URL}" }
`;
  const env = (file: string): Record<string, string> => ({
    OTEL_CONFIG_FILE: file,
    LEDGER_KEY: 'local',
    LEDGER_URL: ledger().url,
    IMTBL_API_KEY: 'wrong',
    IMTBL_URL: 'http://127.0.0.1:9',
  });

  it('has its immutablelog entries understood, and everything else done by the SDK', async () => {
    const { exit, out } = await run(SCRIPT, { env: env(write('otel.yaml', FILE)) });
    expect(exit).toBe(3);
    expect(namesIn(ledger())).toEqual({ 'job.run': 1, 'job.done': 1, 'job.cleaned_up': 1 });
    const span = ledger()
      .events()
      .find(({ eventName }) => eventName === 'job.run');
    expect(span?.meta).toMatchObject({ service: 'from-file', env: 'file-env' });
    expect(out).toContain("name: 'job.run'");
    expect(out).toContain(`started from OTEL_CONFIG_FILE, sends to ${ledger().url}; `);
  });

  it.each([
    ['itself', 'rules: [{ match: "/^MAIN[.]plate$/i", action: drop }]'],
    ['a file of their own', 'rules: rules.json, detect: all'],
  ])('may say what is taken out, by rules in %s', async (_where, options) => {
    write('rules.json', JSON.stringify([{ match: '/^MAIN\\.plate$/i', action: 'drop' }]));
    const text = FILE.replace(
      'spans: all',
      `spans: all\n            redact: { ${options} }`,
    ).replace('  attributes:', '  attributes:\n    - { name: main.plate, value: AB1234 }');
    const { exit } = await run(SCRIPT, { env: env(write('otel.yaml', text)) });
    expect(exit).toBe(3);
    const holding = ledger()
      .events()
      .filter(({ payload }) => payload.includes('AB1234'))
      .map(({ eventName }) => eventName);
    expect(holding).toEqual(['job.done']);
    expect(namesIn(ledger())).toEqual({ 'job.run': 1, 'job.done': 1, 'job.cleaned_up': 1 });
  });

  it('sends nothing of an entry whose rules cannot be read, the rest of it still holds', async () => {
    const text = FILE.replace('spans: all', 'redact: { rules: missing.json }');
    const { exit, out, err } = await run(SCRIPT, { env: env(write('otel.yaml', text)) });
    expect(exit).toBe(3);
    expect(out).toContain("name: 'job.run'");
    expect(`${out}${err}`).toContain(
      'nothing is sent to ImmutableLog, the application runs on: ' +
        'the file of redact.rules cannot be read (ENOENT)',
    );
    expect(namesIn(ledger())).toEqual({ 'job.done': 1 });
  });

  it('may name an exporter that cannot be made, the rest of it still holds', async () => {
    const file = write('otel.yaml', FILE.replace('spans: all', 'sapns: all'));
    const { exit, out } = await run(SCRIPT, { env: env(file) });
    expect(exit).toBe(3);
    expect(out).toContain("name: 'job.run'");
    expect(namesIn(ledger())).toEqual({ 'job.done': 1 });
  });

  it('says that it sends nowhere where its destination cannot be read', async () => {
    const text = FILE.replaceAll(/(?:, )?url: "?\$\{LEDGER_URL\}"?/g, '');
    const file = write('otel.yaml', text);
    const { exit, out, err } = await run(SCRIPT, { env: { ...env(file), IMTBL_URL: 'ledger:9' } });
    expect(exit).toBe(3);
    expect(`${out}${err}`.match(/IMTBL_URL cannot be used/g)).toHaveLength(1);
    expect(`${out}${err}`).toContain('sends to nowhere until that is put right; ');
    expect(ledger().requests()).toEqual([]);
  });

  /** What the SDK takes, each with our entries in another shape. */
  const SHAPES: readonly (readonly [string, string])[] = [
    [
      'a processor is an alias of another',
      `
tracer_provider:
  processors:
    - &ours
      batch: { exporter: { immutablelog: { url: "\${LEDGER_URL}", spans: all } } }
logger_provider:
  processors: [*ours]`,
    ],
    [
      'the list of processors is an alias',
      `
tracer_provider:
  processors: &ours
    - simple: { exporter: { console: } }
    - batch: { exporter: { immutablelog: { url: "\${LEDGER_URL}", spans: all } } }
logger_provider: { processors: *ours }`,
    ],
    [
      'the exporter is an alias, with anchors inside that others use',
      `
tracer_provider:
  processors:
    - batch:
        exporter: &ours
          immutablelog: { url: &url "\${LEDGER_URL}", headers: &headers { x-a: "1" }, spans: all }
    - simple: { exporter: { console: } }
logger_provider: { processors: [{ simple: { exporter: *ours } }] }
resource: { attributes: [{ name: where, value: *url }, { name: list, value: [a], type: string_array }] }`,
    ],
    [
      'anchors stand under a key of their own',
      `
x-shared: &all
  processors: [{ batch: { exporter: { immutablelog: { url: "\${LEDGER_URL}", spans: all } } } }]
tracer_provider: *all
logger_provider: *all`,
    ],
    [
      'a key is written twice, and a second document follows',
      `
tracer_provider:
  processors: []
tracer_provider:
  processors: [{ batch: { exporter: { immutablelog: { url: "\${LEDGER_URL}", spans: all } } } }]
logger_provider:
  processors: [{ batch: { exporter: { immutablelog: { url: "\${LEDGER_URL}" } } } }]
---
other: document`,
    ],
    [
      'texts look like other things',
      `
resource:
  attributes: [{ name: digits, value: "007" }, { name: dollars, value: "$$\${X}" }, { name: empty, value: "\${LEDGER_URL}" }]
tracer_provider:
  limits:
    attribute_count_limit: \${LIMIT}
  processors:
    - batch:
        exporter:
          immutablelog:
            url: \${LEDGER_URL}
            spans: all
logger_provider:
  processors: [{ batch: { exporter: { immutablelog: { url: "\${LEDGER_URL}" } } } }]`,
    ],
  ];

  interface Resourceful {
    readonly resource: unknown;
  }

  const resourceIn = (text: string): object =>
    text.includes('dollars') ? { digits: '007', dollars: '$y', empty: ledger().url } : {};

  it.each(SHAPES)('is understood where %s', async (_, text) => {
    const file = write('otel.yaml', `file_format: "1.0"\n${text}\n`);
    const settings = { ...env(file), IMTBL_API_KEY: 'local', LIMIT: '64', X: 'y' };
    const { exit, out, err } = await run(SCRIPT, { env: settings });
    expect(exit).toBe(3);
    expect(namesIn(ledger())).toEqual({ 'job.run': 1, 'job.done': 1, 'job.cleaned_up': 1 });
    expect(`${out}${err}`.match(/started from OTEL_CONFIG_FILE/g)).toHaveLength(1);
    const payloads = ledger()
      .events()
      .map(({ payload }) => JSON.parse(payload) as Resourceful);
    const kept = { ...resourceIn(text), 'telemetry.sdk.language': 'nodejs' };
    for (const { resource } of payloads) expect(resource).toMatchObject(kept);
  });

  const OURS = `
tracer_provider: { processors: [{ batch: { exporter: { immutablelog: { url: "\${LEDGER_URL}" } } } }] }
`;
  /** What the SDK refuses, and how it is told. */
  const REFUSED: readonly (readonly [string, string, RegExp])[] = [
    ['of a foreign version', `file_format: "9.0"\n${OURS}`, /Unsupported file_format/],
    ['without a version', OURS, /Unsupported file_format/],
    ['against its schema', `file_format: "1.0"\n${OURS}log_level: 7\n`, /log_level/],
    [
      'with an exporter that nobody knows',
      `file_format: "1.0"\n${OURS}logger_provider: { processors: [{ simple: { exporter: { nobody: } } }] }\n`,
      /SDK will not be setup/,
    ],
    ['with a variable written wrongly', `file_format: "1.0"\n${OURS}x: \${A B}\n`, /substitution/],
    ['with an alias of nothing', `file_format: "1.0"\n${OURS}x: *nothing\n`, /alias/],
    ['that is no mapping', 'just a text', /OTEL_CONFIG_FILE/],
  ];

  it.each(REFUSED)('that the SDK refuses is said in one line: %s', async (_, text, why) => {
    const { exit, out, err } = await run(SCRIPT, { env: env(write('otel.yaml', text)) });
    expect(exit).toBe(3);
    const said = `${out}${err}`
      .split('\n')
      .filter((line) => /immutablelog|OpenTelemetry|OTEL/.test(line));
    expect(said).toEqual([expect.stringMatching(why)]);
    expect(ledger().requests()).toEqual([]);
  });

  it.each([
    ['that is not there', 'missing.yaml', /OTEL_CONFIG_FILE cannot be used.*ENOENT/],
    ['that is a folder', '.', /OTEL_CONFIG_FILE cannot be used.*EISDIR/],
  ])('%s is said in one line', async (_, name, why) => {
    const { exit, out, err } = await run(SCRIPT, { env: env(join(folder(), name)) });
    expect(exit).toBe(3);
    const said = `${out}${err}`
      .split('\n')
      .filter((line) => /immutablelog|OpenTelemetry|OTEL/.test(line));
    expect(said).toEqual([expect.stringMatching(why)]);
    expect(said[0]).not.toContain(folder());
  });

  it('that switches the SDK off is said in one line', async () => {
    const file = write('otel.yaml', `file_format: "1.0"\ndisabled: true\n${OURS}`);
    const { exit, out, err } = await run(SCRIPT, { env: env(file) });
    expect(exit).toBe(3);
    const said = `${out}${err}`.split('\n').filter((line) => line.includes('immutablelog'));
    expect(said).toEqual([expect.stringContaining('OTEL_CONFIG_FILE sets nothing up')]);
  });
});
