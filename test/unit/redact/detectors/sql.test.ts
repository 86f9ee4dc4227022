import { describe, expect, it } from 'vitest';
import { stripSqlLiterals } from '../../../../src/redact/detectors/sql.ts';

const cases: readonly (readonly [string, string, string])[] = [
  [
    'strings and numbers',
    "SELECT a FROM t WHERE b='x' AND c = -1.5e3",
    'SELECT a FROM t WHERE b=? AND c = -?',
  ],
  ['doubled quotes', "x = 'it''s' OR y = 1", 'x = ? OR y = ?'],
  ['escaped quotes', String.raw`x = 'it\'s' AND y = 'z'`, 'x = ? AND y = ?'],
  ['a backslash at the end of a string', String.raw`p = 'C:\' AND q = 'secret'`, 'p = ? AND q = ?'],
  [
    'a backslash in an escape clause',
    String.raw`a LIKE 'x\_' ESCAPE '\' AND b = 's'`,
    'a LIKE ? ESCAPE ? AND b = ?',
  ],
  [
    'prefixed strings',
    String.raw`VALUES (N'a', E'b\'c', X'1F', U&'d', _utf8'e')`,
    'VALUES (?, ?, ?, ?, ?)',
  ],
  ['dollar quoting', 'SELECT $$a $b$ c$$, $tag$ $$ $tag$', 'SELECT ?, ?'],
  ['hexadecimal numbers', 'id = 0xDEADBEEF', 'id = ?'],
  ['line comments', 'SELECT a -- joe\nFROM t # ann\nWHERE b', 'SELECT a \nFROM t \nWHERE b'],
  ['block comments', "SELECT /* 'x' /* nested */ */ a /*trace='1'*/", 'SELECT  a '],
  [
    'double-quoted values',
    'WHERE name = "Joe" AND x IN ("a", "b")',
    'WHERE name = ? AND x IN (?, ?)',
  ],
  ['double-quoted values behind a function', 'VALUES (NOW(), "Joe")', 'VALUES (NOW(), ?)'],
  ['documents', '{"name":"Joe","age":42}', '{"name":?,?:?}'],
];

const kept: readonly string[] = [
  'SELECT * FROM users WHERE id = $1 AND name = ? AND x = :name AND y = @p1',
  'SELECT "u"."name", `t`.`col2` FROM "users 2" AS "u" JOIN `t` ON "u"."id" = "t"."id"',
  'UPDATE t1 SET col_2 = $2 WHERE id::text = %s',
  'SELECT a->>? FROM t2 WHERE b @> $1',
  '',
];

describe('removal of literals from statements', () => {
  it.each(cases)('takes out %s', (_name, statement, expected) => {
    expect(stripSqlLiterals(statement)).toBe(expected);
  });

  it.each(kept)('leaves %j unchanged', (statement) => {
    expect(stripSqlLiterals(statement)).toBe(statement);
  });

  it.each([
    "SELECT 'joe",
    'SELECT $$joe',
    'SELECT /* joe',
    'SELECT "joe',
    String.raw`SELECT 'joe\'`,
  ])('lets nothing of an open literal through in %j', (statement) => {
    expect(stripSqlLiterals(statement)).not.toContain('joe');
  });

  it('takes the rest of a statement that can be read in two ways', () => {
    const statement = String.raw`VALUES ('C:\', ' joe', 'x')`;
    expect(stripSqlLiterals(statement)).toBe('VALUES (?');
  });

  it('gives the same when applied again', () => {
    for (const [, , expected] of cases) expect(stripSqlLiterals(expected)).toBe(expected);
  });
});

describe('a statement with strings of its own notation', () => {
  it.each([
    ["SELECT q'!it's Z!' FROM t", 'SELECT ? FROM t'],
    ["SELECT q'[a]b]' , nq'{Z}' FROM t", 'SELECT ? , ? FROM t'],
    ["SELECT Q'<Z>' FROM t", 'SELECT ? FROM t'],
    ["SELECT q'!open Z", 'SELECT ?'],
    ['CALL f("Z", 1)', 'CALL f(?, ?)'],
    ['EXEC set_password "Z"', 'EXEC set_password ?'],
    ['SELECT concat("Z", name) FROM t', 'SELECT concat(?, name) FROM t'],
    ['SELECT md5("Z")', 'SELECT md5(?)'],
    ['CREATE USER a IDENTIFIED BY "Z"', 'CREATE USER a IDENTIFIED BY ?'],
    ['SELECT "q" FROM "quotes" ORDER BY "name"', 'SELECT "q" FROM "quotes" ORDER BY "name"'],
  ])('%s', (statement, expected) => {
    expect(stripSqlLiterals(statement)).toBe(expected);
  });
});
