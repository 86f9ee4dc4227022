import { describe, expect, it } from 'vitest';
import { createRedactor } from '../../../src/redact/redactor.ts';
import type { RedactOptions } from '../../../src/redact/options.ts';
import { framesOnly, splitStack } from '../../../src/redact/text.ts';

const kinds = (text: string): readonly string[] => splitStack(text).map(({ kind }) => kind);
const framesOf = (text: string): string => framesOnly(splitStack(text));
const stackOf = (stack: string, options?: RedactOptions): unknown =>
  JSON.parse(JSON.stringify(createRedactor(options).redact({ stack })));

describe('a line of a stack trace', () => {
  it.each([
    'at f (a.js:1:1)',
    '    at f (a.js:1:1)',
    'at a.js:3:15',
    '\tat file:///srv/app/index.js:120:33',
    'at async f (node:internal/process:95:5)',
    'at async Promise.all (index 0)',
    'at Array.map (<anonymous>)',
    'at eval (eval at f (a.js:1:1), <anonymous>:1:1)',
  ])('names a place: %j', (line) => {
    expect(kinds(line)).toEqual(['frames']);
  });

  it.each([
    'the customer is Maria (VIP)',
    'ward 3, bed:12',
    'at ward:3 bed',
    'at the second line',
    'attention (Maria)',
    'at tel:5511912345678',
    'at tel (Maria Silva)',
    'at cpf:12345678909',
  ])('may hold words of people: %j', (line) => {
    expect(kinds(line)).toEqual(['message']);
    expect(framesOf(`Error: x\n    at f (a.js:1:1)\n${line}`)).toBe('Error\n    at f (a.js:1:1)\n');
  });

  it('is found after an empty first line too', () => {
    expect(splitStack('\nError: x\n    at f (a.js:1:1)')).toEqual([
      { kind: 'message', text: '\nError: x\n' },
      { kind: 'frames', text: '    at f (a.js:1:1)' },
    ]);
  });
});

describe('a stack trace without its messages', () => {
  const frame = '    at f (a.js:1:1)';
  it.each([
    ['TypeError: Maria', 'TypeError'],
    ['TypeError', 'TypeError'],
    ['Uncaught RangeError: Maria', 'RangeError'],
    ['TypeError [ERR_INVALID_ARG_TYPE]: Maria', 'TypeError'],
    ['app.errors.$Failed_2: Maria', 'app.errors.$Failed_2'],
    ['Maria Silva is gone', 'Error'],
    ['Maria [vip]: gone', 'Error'],
    [`${'M'.repeat(129)}: x`, 'Error'],
    ['7: x', 'Error'],
  ])('keeps of the message %j the type %s', (message, type) => {
    expect(framesOf(`${message}\n${frame}`)).toBe(`${type}\n${frame}`);
    expect(framesOf(message)).toBe(type);
  });

  it('joins the frames around a cause', () => {
    expect(framesOf(`${frame}\n[cause]: Error: Maria\n${frame}`)).toBe(`${frame}\n${frame}`);
  });
});

describe('a redacted stack trace', () => {
  const stack =
    'Error: cpf 123.456.789-09\n    at f (/srv/10.1.2.3/a.js:1:1)\n[cause]: 203.0.113.7\n';

  it('keeps addresses that are part of a place in code, unless everything is searched', () => {
    expect(stackOf(stack)).toEqual({
      stack: 'Error: cpf [cpf]\n    at f (/srv/10.1.2.3/a.js:1:1)\n[cause]: [ip]\n',
    });
    expect(stackOf(stack, { detect: 'all' })).toEqual({
      stack: 'Error: cpf [cpf]\n    at f (/srv/[ip]/a.js:1:1)\n[cause]: [ip]\n',
    });
  });

  it('loses a secret in a frame', () => {
    expect(stackOf('Error: x\n    at f (/srv/AKIAIOSFODNN7EXAMPLE/a.js:1:1)')).toEqual({
      stack: 'Error: x\n    at f (/srv/[key]/a.js:1:1)',
    });
  });

  it('is whole with detection off, unless only frames are wanted', () => {
    const redactor = createRedactor({ detect: 'off', stack: 'frames' });
    expect(redactor.redact({ stack })).toEqual({
      stack: 'Error\n    at f (/srv/10.1.2.3/a.js:1:1)\n',
    });
    expect(redactor.redact({ note: stack })).toEqual({ note: stack });
    expect(stackOf(stack, { detect: 'off' })).toEqual({ stack });
  });

  it('that does not travel is counted as dropped text', () => {
    const redactor = createRedactor({ stack: 'none' });
    redactor.redact({ stack, a: 1 });
    expect(redactor.stats().drop).toEqual({ text: 1 });
  });
});
