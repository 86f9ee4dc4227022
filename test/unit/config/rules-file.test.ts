import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readRulesFile } from '../../../src/config/rules-file.ts';
import { isExporterError } from '../../../src/errors.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

function fileOf(content: string | Uint8Array): string {
  const file = join(temporaryFolder(), 'hunter2.json');
  writeFileSync(file, content);
  return file;
}

function refusalOf(path: string): string {
  try {
    readRulesFile(path);
    return 'no error';
  } catch (error) {
    return isExporterError(error) && error.code === 'config_invalid' ? error.message : 'another';
  }
}

describe('a file of rules', () => {
  it('holds the option redact.rules, regular expressions written as in JavaScript', () => {
    const rules = [
      { match: 'patient.**', action: 'hash' },
      { match: '/^a\\/b$/', action: 'mask', class: 'email' },
    ];
    expect(readRulesFile(fileOf(JSON.stringify(rules)))).toEqual([
      { match: 'patient.**', action: 'hash' },
      { match: /^a\/b$/i, action: 'mask', class: 'email' },
    ]);
    expect(readRulesFile(fileOf('[]'))).toEqual([]);
  });

  it('may begin with a byte order mark', () => {
    expect(readRulesFile(fileOf('\uFEFF[{"match":"a","action":"drop"}]'))).toHaveLength(1);
  });

  it('is refused by its place and its mistake when it is wrong, and nothing of it is told', () => {
    const mistakes = [
      ['[{"match":"hunter2"', 'redact.rules must be JSON'],
      ['', 'redact.rules must be JSON'],
      ['null', 'redact.rules must be an array'],
      ['["hunter2"]', 'redact.rules[0] must be an object'],
      [
        '[{"match":"a","action":"mask"},{"hunter2":1}]',
        'redact.rules[1] must hold match, action and class alone',
      ],
      [
        '[{"match":"/(hunter2/","action":"mask"}]',
        'redact.rules[0].match must be a valid regular expression',
      ],
      [
        '[{"match":"a","action":"hunter2"}]',
        'redact.rules[0].action must be one of hash, mask, drop, truncate, keep',
      ],
      [Uint8Array.of(0xff, 0xfe, 0x5b, 0), 'the file of redact.rules must be UTF-8'],
      [`[${' '.repeat(1024 ** 2)}]`, 'the file of redact.rules must be at most 1 MiB'],
    ] as const;
    for (const [content, mistake] of mistakes) {
      const message = refusalOf(fileOf(content));
      expect(message).toContain(mistake);
      expect(message).not.toContain('hunter2');
    }
  });

  it.each([
    ['that is not there', 'hunter2.json', 'cannot be read (ENOENT)'],
    ['that is a folder', '.', 'must be a regular file'],
    ['that never ends', '/dev/zero', 'must be a regular file'],
    ['whose path no system takes', 'hunter2\0', 'cannot be read (ERR_INVALID_ARG_VALUE)'],
  ])('%s is refused, and its path not told', (_name, path, mistake) => {
    expect(refusalOf(path)).toBe(`the file of redact.rules ${mistake}`);
  });
});
