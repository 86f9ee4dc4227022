import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ScanBudget, createRedactionCounters } from '../../../src/redact/accounting.ts';
import type { RedactOptions } from '../../../src/redact/options.ts';
import { createRedactor } from '../../../src/redact/redactor.ts';
import { resolveRedactOptions } from '../../../src/redact/resolve.ts';
import type { TextKind } from '../../../src/redact/rules.ts';
import { createScanText, noCleanText, scanOnce } from '../../../src/redact/text.ts';

const short = (text: string): string =>
  createHash('sha256').update(text).digest('hex').slice(0, 32);
const email = `[email sha256:${short('a@b.co')}]`;
const key = { id: 'k1', secret: 's'.repeat(32) };
const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJlLXNpZ25hdHVyZQ';

const textOf = (text: string, options?: RedactOptions): string =>
  createRedactor(options).redactText(text);
const redact = (value: unknown, options?: RedactOptions): unknown =>
  JSON.parse(JSON.stringify(createRedactor(options).redact(value)));

describe('free text', () => {
  it('keeps a digest of an e-mail address and masks what is easily guessed', () => {
    expect(textOf('A@b.co from 203.0.113.7, CPF 123.456.789-09')).toBe(
      `${email} from [ip], CPF [cpf]`,
    );
  });

  it('has digests of all of them with a key, but never of a credential', () => {
    const text = textOf(`cpf 123.456.789-09 bearer ${jwt}`, { key });
    expect(text).toMatch(/^cpf \[cpf hmac-sha256:k1:[0-9a-f]{32}\] /);
    expect(text).not.toContain(jwt);
    expect(text.match(/sha256/g)).toHaveLength(1);
  });

  it('has the digest of what was percent-encoded, not of its spelling', () => {
    expect(textOf('to a%2540b.co')).toBe(`to ${email}`);
  });

  it('loses the credentials and query values of URLs, once each', () => {
    const redactor = createRedactor();
    const text = redactor.redactText('GET https://u:p@h.co/x?page=2&token=abcdef failed');
    expect(text).toBe('GET https://[secret]@h.co/x?page=2&token=[query] failed');
    expect(redactor.stats().mask).toEqual({ secret: 1 });
  });
});

describe('text that was redacted before', () => {
  it.each([
    'password=[secret] token: [secret] "api_key":"[query]" a=[masked]',
    `from [ip], CPF [cpf], card [card], ${email}`,
    'GET https://h.co/x?page=2&token=[query] failed',
    'Authorization: Bearer [bearer] and [jwt]',
  ])('stays as it is, and nothing is counted again: %s', (text) => {
    const redactor = createRedactor();
    expect(redactor.redactText(text)).toBe(text);
    expect([redactor.stats().hash, redactor.stats().mask]).toEqual([{}, {}]);
  });
});

describe('the kind of text a value is', () => {
  const cpf = '123.456.789-09';

  it('decides how it is scanned', () => {
    expect(redact({ message: cpf, colour: cpf, mail: 'x a@b.co' })).toEqual({
      message: '[cpf]',
      colour: cpf,
      mail: `x ${email}`,
    });
    expect(redact({ colour: cpf }, { detect: 'all' })).toEqual({ colour: '[cpf]' });
  });

  it('of a URL or query lets through only the values that are allowed', () => {
    const value = {
      'url.full': 'https://h.co/a%40b.co?page=2&q=x#t=1',
      'url.query': 'page=2&q=x',
      'http.target': '/p?Page=3&Signature=abc',
    };
    expect(redact(value, { urlQueryAllow: ['page', 'Signature'] })).toEqual({
      'url.full': `https://h.co/[email%20sha256:${short('a@b.co')}]?page=2&q=[query]#t=[query]`,
      'url.query': 'page=2&q=[query]',
      'http.target': '/p?Page=3&Signature=[secret]',
    });
  });

  it.each([
    ['redis', 'set session:1 [1 other arguments]', 'set session:1 [1 other arguments]'],
    ['redis', 'get user:529.982.247-25', 'get user:[cpf]'],
    ['valkey', 'hset u:7 mail ana@example.com n 42', 'hset u:7 mail [email …] n 42'],
    ['memcached', 'incr visits 1', 'incr visits 1'],
    ['redis', 'AUTH default hunter2', 'AUTH [secret]'],
    ['redis', 'auth [1 other arguments]', 'auth [1 other arguments]'],
    ['redis', 'config set requirepass hunter2', 'config set requirepass [secret]'],
    ['redis', 'hello 3 auth default hunter2', 'hello 3 auth [secret]'],
    ['postgresql', 'get user 7', 'get user ?'],
    [
      'mongodb',
      '{"find":"a","filter":{"n":"Ana","age":7}}',
      '{"find":"?","filter":{"n":"?","age":"?"}}',
    ],
    ['elasticsearch', ' [{"a":[1,null,true]}] ', '[{"a":["?",null,true]}]'],
    ['mongodb', '{"filter":{"n":"Ana"', '{"filter":{?:?'],
    [undefined, 'set session:1 [1 other arguments]', 'set session:? [? other arguments]'],
  ])('reads what %s is told as it is written: %s', (system, statement, told) => {
    const short = (value: unknown): string =>
      String(value).replace(/\[email sha256:\w+\]/, '[email …]');
    for (const [text, name] of [
      ['db.query.text', 'db.system.name'],
      ['db.statement', 'db.system'],
    ] as const) {
      const kept = redact({ [text]: statement, ...(system !== undefined && { [name]: system }) });
      expect(short(Object(kept)[text])).toBe(told);
    }
  });

  it('of a statement loses its literals', () => {
    expect(redact({ 'db.query.text': "SELECT * FROM t WHERE a = 'x' AND b = 3" })).toEqual({
      'db.query.text': 'SELECT * FROM t WHERE a = ? AND b = ?',
    });
  });

  it('is not looked at when detection is off', () => {
    const value = { 'url.full': 'https://u:p@h.co', message: 'a@b.co', 'a@b.co': 1 };
    expect(redact(value, { detect: 'off' })).toEqual(value);
  });
});

describe('the scan', () => {
  it('turns a value into a marker and counts it when something fails', () => {
    const counters = createRedactionCounters();
    const broken = (): string => {
      throw new Error('a@b.co');
    };
    const scanText = createScanText(
      resolveRedactOptions({}),
      broken,
      counters,
      new ScanBudget(counters),
    );
    expect(scanText('a@b.co', 'text')).toBe('[REDACTION_ERROR]');
    expect(scanText('fine', 'text')).toBe('fine');
    expect(counters.snapshot().errors).toBe(1);
  });
});

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
  it('is scanned once as long as it comes again', () => {
    const { asked, ask } = observed();
    expect([ask('GET', 'name'), ask('GET', 'name')]).toEqual(['GET', 'GET']);
    expect(asked).toEqual(['name:GET']);
  });

  it('is scanned anew as text of another kind', () => {
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

describe('a text that is too long to be scanned', () => {
  const MOST = 65_536;
  const REACH = 4096;
  const marker = (characters: number): string => `[+${characters} characters not kept]`;
  /** How much is kept of a text; all of it stands before the marker as it was. */
  function keptOf(text: string): number {
    const result = textOf(text);
    const kept = result.lastIndexOf('[+');
    expect(result).toBe(text.slice(0, kept) + marker(text.length - kept));
    return kept;
  }

  it('is one of more than 65,536 characters; one of just as many is kept whole', () => {
    const redactor = createRedactor();
    const whole = `a ${'x'.repeat(MOST - 2)}`;
    expect(redactor.redactText(whole)).toBe(whole);
    expect(redactor.stats().cut).toBe(0);
    expect(redactor.redactText(`${whole}y`)).toMatch(/x\[\+4097 characters not kept\]$/);
    expect(redactor.stats().cut).toBe(1);
  });

  it('is cut at the last white space that is not after the limit', () => {
    const padded = (end: string): string => 'x'.repeat(MOST - 9) + end;
    expect(keptOf(padded('one two three'))).toBe(MOST - 2);
    expect(keptOf(padded('one 23456 three'))).toBe(MOST);
    expect(keptOf(padded('one\ttwo345 three'))).toBe(MOST - 6);
    expect(keptOf(padded('one\ntwo34567'))).toBe(MOST - 6);
  });

  it('is cut no further back than 4096 characters', () => {
    const withSpaceAt = (at: number): string => `${'x'.repeat(at)} ${'x'.repeat(MOST)}`;
    expect(keptOf(withSpaceAt(MOST - REACH + 1))).toBe(MOST - REACH + 1);
    expect(keptOf(withSpaceAt(MOST - REACH - 1))).toBe(MOST - REACH);
    expect(keptOf(withSpaceAt(1))).toBe(MOST - REACH);
  });

  it('is scanned in what is kept of it', () => {
    const text = `cpf 123.456.789-09 ${'word '.repeat(14_000)}`;
    expect(textOf(text)).toMatch(/^cpf \[cpf\] word /);
  });

  it.each([
    'marialongname@example.com',
    '123.456.789-09',
    '4111111111111111',
    'AKIAIOSFODNN7EXAMPLE',
  ])('keeps no part of what lies across the cut between two words: %s', (value) => {
    for (let inside = 1; inside < value.length; inside += 1) {
      const head = `${'x'.repeat(MOST - inside - 1)} `;
      const result = textOf(`${head}${value} and more`);
      expect(result).toBe(`${head.trimEnd()}${marker(value.length + ' and more'.length + 1)}`);
    }
  });

  it.each([
    ['"maria.silva@example.com"', 'maria'],
    ['"123.456.789-09"', '123.456'],
    ['"4111111111111111"', '41111'],
    ['4111 1111 1111 1111', '4111'],
    ['+55 11 91234-5678', '+55'],
    ['"AKIAIOSFODNN7EXAMPLE"', 'AKIA'],
    ['"https://maria:hunter22@shop.example/x"', 'maria'],
  ])('keeps no head of %s that lies across the cut, white space or not', (value, head) => {
    const filler = value.includes(' ') ? 'word, ' : '{"k":1},';
    for (const limit of [MOST, MOST - REACH]) {
      for (let inside = 1; inside < value.length; inside += 1) {
        const before = `${filler.repeat(20_000).slice(0, limit - inside - 1)} `;
        const result = textOf(`${before}${value} ${filler.repeat(2_000)}`);
        expect(result.slice(-100)).not.toContain(head);
      }
    }
  });

  it('is not cut inside a code point', () => {
    const result = textOf(`x${'😀'.repeat(40_000)}`);
    expect(Buffer.from(result, 'utf8').toString('utf8')).toBe(result);
  });

  it('without white space is cut well before the cap, so that no token is halved', () => {
    const text = `${'x'.repeat(MOST - 200)}:${jwt}${'A'.repeat(400)}`;
    expect(textOf(text)).not.toContain('eyJ');
  });
});

const redactStack = (stack: string, options?: RedactOptions): unknown => redact({ stack }, options);

/** What is left of a stack trace without its messages; nothing is looked for in it. */
const framesOf = (stack: string): unknown =>
  createScanText(
    resolveRedactOptions({ detect: 'off', stack: 'frames' }),
    (value) => value,
    createRedactionCounters(),
    new ScanBudget(createRedactionCounters()),
  )(stack, 'stack');

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
    expect(framesOf(line)).toBe(line);
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
    expect(framesOf(line)).not.toContain(line);
    expect(framesOf(`Error: x\n    at f (a.js:1:1)\n${line}`)).toBe('Error\n    at f (a.js:1:1)\n');
  });

  it('is found after an empty first line too', () => {
    expect(framesOf('\nError: x\n    at f (a.js:1:1)')).toBe('Error\n    at f (a.js:1:1)');
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

  it('is nothing but frames where there is no message, and nothing where there is nothing', () => {
    expect(framesOf(frame)).toBe(frame);
    expect(framesOf('')).toBe('');
  });

  it('joins the frames around a cause', () => {
    expect(framesOf(`${frame}\n[cause]: Error: Maria\n${frame}`)).toBe(`${frame}\n${frame}`);
  });
});

describe('a redacted stack trace', () => {
  const stack =
    'Error: cpf 123.456.789-09\n    at f (/srv/10.1.2.3/a.js:1:1)\n[cause]: 203.0.113.7\n';
  const long = [
    'TypeError: no such customer: a@b.co, 123.456.789-09',
    '  at the second line of the message',
    '    at load (/srv/app/customer.js:10:5)',
    '    at async /srv/app/index.js:3:1',
    '  [cause]: Error: 203.0.113.7 refused',
    '    at <anonymous>',
    '    at new Socket (node:net:120:9)',
  ].join('\n');

  it('keeps its frames and loses what its messages say about people', () => {
    expect(redact({ err: { stack: long } })).toEqual({
      err: {
        stack: long
          .replace('a@b.co, 123.456.789-09', `${email}, [cpf]`)
          .replace('203.0.113.7', '[ip]'),
      },
    });
  });

  it.each(['text', 'off'] as const)('keeps type and frames only, with detection %s', (detect) => {
    expect(redact({ stack: long }, { stack: 'frames', detect })).toEqual({
      stack: [
        'TypeError',
        '    at load (/srv/app/customer.js:10:5)',
        '    at async /srv/app/index.js:3:1',
        '    at new Socket (node:net:120:9)',
      ].join('\n'),
    });
  });

  it('keeps addresses that are part of a place in code, unless everything is scanned', () => {
    expect(redactStack(stack)).toEqual({
      stack: 'Error: cpf [cpf]\n    at f (/srv/10.1.2.3/a.js:1:1)\n[cause]: [ip]\n',
    });
    expect(redactStack(stack, { detect: 'all' })).toEqual({
      stack: 'Error: cpf [cpf]\n    at f (/srv/[ip]/a.js:1:1)\n[cause]: [ip]\n',
    });
  });

  it('loses a secret in a frame', () => {
    expect(redactStack('Error: x\n    at f (/srv/AKIAIOSFODNN7EXAMPLE/a.js:1:1)')).toEqual({
      stack: 'Error: x\n    at f (/srv/[key]/a.js:1:1)',
    });
  });

  it('is whole with detection off, unless only frames are wanted', () => {
    const redactor = createRedactor({ detect: 'off', stack: 'frames' });
    expect(redactor.redact({ stack })).toEqual({
      stack: 'Error\n    at f (/srv/10.1.2.3/a.js:1:1)\n',
    });
    expect(redactor.redact({ note: stack })).toEqual({ note: stack });
    expect(redactStack(stack, { detect: 'off' })).toEqual({ stack });
  });

  it('that does not travel, as asked, is counted as dropped text', () => {
    const redactor = createRedactor({ stack: 'none' });
    expect(redactor.redact({ 'exception.stacktrace': stack, a: 1 })).toEqual({ a: 1 });
    expect(redactor.stats().drop).toEqual({ text: 1 });
  });
});

describe('the frames of a stack', () => {
  const frame = '    at run (/srv/app/index.js:1:2)\n';
  const stackOf = (message: string, frames: string): unknown =>
    createRedactor().redact({ 'exception.stacktrace': `Error: ${message}\n${frames}` });

  it('stay, whatever their message, and go on being searched', () => {
    const redactor = createRedactor();
    const scan = (text: string): string =>
      (redactor.redact({ stack: text }) as { readonly stack: string }).stack;
    for (let round = 0; round < 3; round += 1) {
      expect(scan(`Error: 529.982.247-25\n${frame.repeat(3)}`)).toBe(
        `Error: [cpf]\n${frame.repeat(3)}`,
      );
      expect(scan(`Error\n${frame}    at x (/home/ana@example.com/a.js:1:2)\n`)).not.toContain(
        'ana@',
      );
    }
    for (let index = 0; index < 100; index += 1) {
      const frames = `    at f${String(index)} (/srv/app/index.js:1:2)\n`;
      expect(scan(`Error\n${frames}`)).toBe(`Error\n${frames}`);
    }
  });

  it('are searched anew by each redactor', () => {
    expect(stackOf('x', frame)).toEqual({ 'exception.stacktrace': `Error: x\n${frame}` });
  });
});
