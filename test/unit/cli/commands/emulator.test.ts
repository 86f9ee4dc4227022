import { describe, expect, it } from 'vitest';
import { EVENT_HEADING, eventLine, violationLine } from '../../../../src/cli/commands/emulator.ts';
import type { LedgerEntry } from '../../../../src/emulator/index.ts';
import { META, sealedEntry } from '../../../support/sample-requests.ts';

function entryWith(meta: Record<string, string>): LedgerEntry {
  return sealedEntry({ meta: { ...META, ...meta } });
}

describe('the line of an event', () => {
  it('has time, type, name, service, environment, short trace id and key under their headings', () => {
    const line = eventLine(
      entryWith({ env: 'test', trace_id: '0af7651916cd43dd8448eb211c80319c' }),
    );
    expect(line.split(/ {2,}/)).toEqual([
      '15:00:00.000',
      'success',
      'user.created',
      'billing',
      'test',
      '0af76519',
      'key-1',
    ]);
    for (const [heading, value] of [
      ['EVENT', 'user.created'],
      ['SERVICE', 'billing'],
      ['ENV', 'test'],
      ['TRACE', '0af76519'],
      ['IDEMPOTENCY KEY', 'key-1'],
    ] as const) {
      expect(line.indexOf(value)).toBe(EVENT_HEADING.indexOf(heading));
    }
  });

  it('has a dash where there is no trace', () => {
    expect(eventLine(entryWith({}))).toMatch(/ - +key-1$/);
  });

  it('cuts a name that is too long, and keeps the columns', () => {
    const line = eventLine(entryWith({ event_name: '😀'.repeat(40) }));
    expect(line).toContain(`${'😀'.repeat(31)}…  billing`);
  });

  it('does not let a name write to the terminal', () => {
    const line = eventLine(entryWith({ event_name: 'a\u001b]0;title\u0007\n' }));
    expect(line).toContain('a\\x1b]0;title\\x07\\x0a');
    expect(line).not.toMatch(/\p{Cc}/u);
  });
});

describe('the line of a violation', () => {
  it('says what was refused and why', () => {
    const violation = {
      status: 400,
      reason: 'payload must be a string',
      idempotencyKey: 'k',
      arrivedAtMs: 0,
    };
    expect(violationLine(violation).trim()).toBe('REFUSED  400 payload must be a string');
  });
});
