import { describe, expect, it } from 'vitest';
import { noCleanText, scanOnce } from '../../../src/redact/text.ts';
import type { TextKind } from '../../../src/redact/rules.ts';

function observed() {
  const asked: string[] = [];
  const last = noCleanText();
  const scanText = (text: string, textKind: TextKind): string => {
    asked.push(`${textKind}:${text}`);
    return textKind === 'text' ? text.replace('maria', '[x]') : text;
  };
  const ask = (text: string, textKind: TextKind) => scanOnce(text, { textKind, scanText, last });
  return { asked, last, ask };
}

describe('the last clean text of a place', () => {
  it('is searched once as long as it comes again', () => {
    const { asked, ask } = observed();
    expect([ask('GET', 'name'), ask('GET', 'name')]).toEqual(['GET', 'GET']);
    expect(asked).toEqual(['name:GET']);
  });

  it('is searched anew as text of another kind', () => {
    const { ask } = observed();
    expect(ask('maria', 'name')).toBe('maria');
    expect(ask('maria', 'text')).toBe('[x]');
    expect(ask('maria', 'name')).toBe('maria');
  });

  it('is never one in which something was found', () => {
    const { asked, last, ask } = observed();
    expect([ask('maria', 'text'), ask('maria', 'text')]).toEqual(['[x]', '[x]']);
    expect(asked).toHaveLength(2);
    expect(last.text).toBeUndefined();
  });

  it('is at most 64 characters long', () => {
    const { asked, ask } = observed();
    for (const length of [64, 64, 65, 65]) ask('x'.repeat(length), 'name');
    expect(asked.map((text) => text.length - 'name:'.length)).toEqual([64, 65, 65]);
  });
});
