import { appendFileSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { Ledger, openLedgerFile } from '../../src/emulator/ledger.ts';
import { META, NOON, sampleEvent } from '../support/sample-requests.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

let directory: string;
let file: string;

beforeEach(() => {
  directory = join(temporaryFolder(), 'deep', 'ledger');
  file = join(directory, 'ledger.jsonl');
});

function withLedger<T>(use: (ledger: Ledger) => T): T {
  const ledger = new Ledger(openLedgerFile(directory));
  try {
    return use(ledger);
  } finally {
    ledger.close();
  }
}

function fill(ledger: Ledger): void {
  for (let n = 1; n <= 3; n += 1) {
    const meta = { ...META, trace_id: `t-${n}` };
    ledger.append(
      sampleEvent({ idempotencyKey: `key-${n}`, payload: `{"n":"é${n}"}`, meta }),
      NOON,
    );
  }
}

describe('the ledger file', () => {
  it('carries chain and de-duplication over a restart', () => {
    const before = withLedger((ledger) => {
      fill(ledger);
      return ledger.entries();
    });
    withLedger((ledger) => {
      expect(ledger.entries()).toEqual(before);
      fill(ledger);
      expect(ledger.entries()).toHaveLength(3);
      ledger.append(sampleEvent({ idempotencyKey: 'key-4' }), NOON);
      expect(ledger.verify()).toMatchObject({ ok: true, events: 4 });
    });
    expect(withLedger((ledger) => ledger.verify())).toMatchObject({ ok: true, events: 4 });
  });

  it('has an entry on disk before append returns', () => {
    withLedger((ledger) => {
      ledger.append(sampleEvent(), NOON);
      expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(ledger.entries()[0]);
    });
  });

  it('is for the user alone', () => {
    withLedger(fill);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('removes an append that was cut short, and goes on behind it', () => {
    withLedger(fill);
    appendFileSync(file, '{"sequence":4,"receivedAt":"2026');
    withLedger((ledger) => {
      expect(ledger.entries()).toHaveLength(3);
      ledger.append(sampleEvent({ idempotencyKey: 'key-4' }), NOON);
    });
    expect(withLedger((ledger) => ledger.verify())).toMatchObject({ ok: true, events: 4 });
  });

  it.each(['no JSON', '{"sequence":2}', 'null', '[]', ''])(
    'refuses to start on the line %j, and names it by number',
    (line) => {
      withLedger(fill);
      const lines = readFileSync(file, 'utf8').split('\n');
      writeFileSync(file, lines.with(1, line).join('\n'));
      expect(() => {
        withLedger(() => {});
      }).toThrow('ledger.jsonl is damaged: line 2 is not a ledger entry');
    },
  );

  it.each([
    'receivedAt',
    'idempotencyKey',
    'eventName',
    'type',
    'payload',
    'traceId',
    'txId',
    'hash',
  ])('shows a change of %s in the file at its place', (field) => {
    withLedger(fill);
    const lines = readFileSync(file, 'utf8').split('\n');
    const entry: object = JSON.parse(lines[1] ?? '');
    writeFileSync(file, lines.with(1, JSON.stringify({ ...entry, [field]: 'x' })).join('\n'));
    expect(withLedger((ledger) => ledger.verify())).toMatchObject({ ok: false, sequence: 2 });
  });

  it('shows a line that was taken out', () => {
    withLedger(fill);
    const lines = readFileSync(file, 'utf8').split('\n');
    writeFileSync(file, lines.toSpliced(0, 1).join('\n'));
    expect(withLedger((ledger) => ledger.verify())).toMatchObject({ ok: false, sequence: 1 });
  });
});
