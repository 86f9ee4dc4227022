import type { Random } from './random.ts';

/** What stands in front of a value and behind it. */
export type Surrounding = readonly [before: string, behind: string];

const SIGNS: readonly Surrounding[] = [
  ['', ''],
  [' ', ' '],
  ['"', '"'],
  ["'", "'"],
  ['`', '`'],
  ['(', ')'],
  ['[', ']'],
  ['{', '}'],
  ['<', '>'],
  ['«', '»'],
  ['“', '”'],
  ['‘', '’'],
  ['「', '」'],
  ['（', '）'],
  ['→', '←'],
  ['->', '->'],
  ['=> ', ' =>'],
  ['|', '|'],
  ['\t', '\t'],
  ['\n', '\n'],
  ['\r\n', '\r\n'],
  ['\\n', '\\n'],
  ['\\t', '\\t'],
  ['*', '*'],
  ['**', '**'],
  ['- ', ''],
  ['• ', ''],
  ['… ', '…'],
  ['# ', ''],
  ['', ','],
  ['', ';'],
  ['', '.'],
  ['', '. '],
  ['', '!'],
  ['', '? '],
  ['\u00a0', '\u00a0'],
  ['\u2009', '\u2009'],
  ['，', '。'],
  ['：', '；'],
  ['\u001b[32m', '\u001b[39m'],
  ['\u001b[1;31m', '\u001b[0m'],
  ['\u001b[38;5;208m', '\u001b[m'],
];

const ASSIGNMENTS: readonly Surrounding[] = [
  ['value=', ' ok'],
  ['valor: ', ''],
  ['x="', '" y="1"'],
  ["{ value: '", "' }"],
  ['{"value":"', '","n":1}'],
  ['{\\"value\\":\\"', '\\"}'],
  ['<value>', '</value>'],
  ["VALUES ('", "')"],
  ['Detail: Key (value)=(', ') already exists.'],
  ['[input] ', ' [/input]'],
  ['(value, ', ')'],
  ['a,b,', ',c'],
  ['a;b;', ';c'],
  ['key:', ''],
];

const SENTENCES: readonly Surrounding[] = [
  ['received ', ' from the form'],
  ['recebemos ', ' do formulário'],
  ['O cliente informou ', ' e saiu'],
  ['não encontrado: ', ''],
  ['El usuario envió ', ' ayer'],
  ['no encontrado ', '.'],
  ['Ungültig: ', '!'],
  ['Der Wert ', ' ist falsch'],
  ['La valeur ', ' est invalide'],
  ['reçu ', ', merci'],
  ['用户 ', ' 已登录'],
  ['ユーザー', 'です'],
  ['Пользователь ', ' вошёл'],
  ['Error: cannot parse ', ' as input'],
  ['2026-11-23T15:00:00Z INFO got ', ' in 12 ms'],
  ['Nov 23 15:00:00 web-1 app[4711]: saw ', ' again'],
  ['WARN  [main] c.e.App - rejected ', ' (attempt 2)'],
];

/** The surroundings in which values are looked for. */
export const SURROUNDINGS: readonly Surrounding[] = [...SIGNS, ...ASSIGNMENTS, ...SENTENCES];

/** Surroundings of whole assignments and headers, which must stand apart from other words. */
export const SEPARATED: readonly Surrounding[] = [
  ...SENTENCES.filter(([, behind]) => behind === ''),
  ...SIGNS.filter(
    ([before]) =>
      /^(?:|[\s"'`([{<|“«→-]+)$/u.test(before.replace('\u001b[', '').replace(/^[\d;]+m/u, '')) &&
      before !== '\\n',
  ).filter(([, behind]) => !/[.!?;,]/u.test(behind)),
];

/** How one and the same value is written, where characters have more than one spelling. */
export type Spell = (value: string, random: Random) => string;

function each(value: string, pattern: RegExp, spell: (sign: string) => string): string {
  return value.replace(pattern, spell);
}

function code(sign: string, digits: number): string {
  return sign.charCodeAt(0).toString(16).padStart(digits, '0');
}

const fullWidth: Spell = (value) =>
  each(value, /[0-9@]/gu, (sign) => String.fromCharCode(sign.charCodeAt(0) + 0xfee0));
const zeroWidth: Spell = (value, random) => {
  const at = random.between(2, value.length - 2);
  return (
    value.slice(0, at) + random.pick(['\u200b', '\u200d', '\u2060', '\ufeff']) + value.slice(at)
  );
};
const dashes: Spell = (value, random) =>
  value.replaceAll('-', random.pick(['\u2011', '\u2013', '\u2010']));
const spaces: Spell = (value, random) =>
  value.replaceAll(' ', random.pick(['\u00a0', '\u2009', '\u202f']));
const percent: Spell = (value) => encodeURIComponent(value);
const percentAll: Spell = (value) => each(value, /[\x20-\x7e]/gu, (sign) => `%${code(sign, 2)}`);
const jsonEscapes: Spell = (value) =>
  each(value, /[@+&/-]/gu, (sign) => (sign === '/' ? '\\/' : `\\u${code(sign, 4)}`));
const jsonEscapesUpper: Spell = (value) =>
  each(value, /[@+&-]/gu, (sign) => `\\u${code(sign, 4).toUpperCase()}`);
const entities: Spell = (value, random) =>
  each(value, /[@+./-]/gu, (sign) =>
    random.pick([`&#${sign.charCodeAt(0)};`, `&#x${code(sign, 2)};`]),
  );

/** The spellings that are common to all classes of personal data. */
export const SPELLINGS: Readonly<Record<string, Spell>> = {
  plain: (value) => value,
  fullWidth,
  zeroWidth,
  dashes,
  spaces,
  percent,
  percentAll,
  jsonEscapes,
  jsonEscapesUpper,
  entities,
};

/** A text as JSON writes it inside a string, and that string inside another one. */
export function nested(text: string, levels: number): string {
  return levels === 0 ? text : nested(JSON.stringify(text).slice(1, -1), levels - 1);
}
