/** A piece of a value: plain, taken out by redaction (hashed or masked), or likely left in raw. */
export type Segment =
  | { readonly kind: 'plain' | 'hash' | 'mask'; readonly text: string }
  | { readonly kind: 'raw'; readonly text: string; readonly label: string };

const HASH_KEY = /(?:_hash|[._]sha256)$/;
const HEX_DIGEST = /^[0-9a-f]{32,128}$/;
/** What stands between the brackets of a masked value. */
const MARKS =
  'email ip cpf cnpj card phone iban cep rg cnh pis pix birth_date mac name jwt bearer key secret text masked REDACTION_ERROR';
/** Digits and a key id alone: what only resembles a mark may hold the very data it should hide. */
const MARK = new RegExp(
  [
    String.raw`\[[a-z_]{2,12} (?:sha256|hmac-sha256:[\w-]{1,32}):[0-9a-f]{32,64}\]`,
    String.raw`(?<!\w)(?:hmac-sha256:[\w-]{1,32}:|sha256:)[0-9a-f]{16,128}(?!\w)`,
    String.raw`\[(?:${MARKS.replaceAll(' ', '|')})\]`,
  ].join('|'),
  'g',
);

/** Cuts a value into its segments; together they are the value. The key says how to read digests. */
export function segmentsOf(key: string, text: string): readonly Segment[] {
  if (HASH_KEY.test(key) && HEX_DIGEST.test(text)) return [{ kind: 'hash', text }];
  const segments: Segment[] = [];
  let from = 0;
  for (const match of text.matchAll(MARK)) {
    segments.push(...searchPlain(text.slice(from, match.index)));
    segments.push({ kind: match[0].includes('sha256:') ? 'hash' : 'mask', text: match[0] });
    from = match.index + match[0].length;
  }
  segments.push(...searchPlain(text.slice(from)));
  return segments;
}

function searchPlain(text: string): readonly Segment[] {
  const segments: Segment[] = [];
  let from = 0;
  for (const { start, end, label } of findPersonalData(text)) {
    if (start > from) segments.push({ kind: 'plain', text: text.slice(from, start) });
    segments.push({ kind: 'raw', text: text.slice(start, end), label });
    from = end;
  }
  if (from < text.length) segments.push({ kind: 'plain', text: text.slice(from) });
  return segments;
}

interface Finding {
  readonly start: number;
  readonly end: number;
  /** In words, for a person. */
  readonly label: string;
}

interface Pattern {
  readonly label: string;
  /** Global; every repetition in it is bounded, so that no text makes it slow. */
  readonly expression: RegExp;
  readonly holds?: (match: string) => boolean;
}

/** In order of preference: of two that overlap the earlier one in the list counts. */
const PATTERNS: readonly Pattern[] = [
  { label: 'bearer token', expression: /\bbearer\s{1,4}[\w.~+/=-]{8,4096}/gi },
  { label: 'JSON Web Token', expression: /\beyJ[\w-]{6,2048}\.[\w-]{6,4096}\.[\w-]{0,1024}/g },
  {
    label: 'e-mail address',
    expression: /[\w.%+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z]{2,24}(?![\w@])/g,
  },
  {
    label: 'CPF',
    expression: /(?<![\w.-])\d{3}\.?\d{3}\.?\d{3}-?\d{2}(?![\w-])/g,
    holds: hasCpfCheckDigits,
  },
  {
    label: 'telephone number',
    expression: /(?<!\w)\+\d(?:[ ().-]{0,2}\d){7,14}(?!\w)/g,
  },
  {
    label: 'IP address',
    expression: /(?<![\w.-])(?<![A-Za-z]\/)\d{1,3}(?:\.\d{1,3}){3}(?![\w-]|\.\w)/g,
    holds: isOthersAddress,
  },
];

/** Something that every pattern needs; most names and values have nothing of it. */
const WORTH_A_LOOK = /[@0-9]|bearer|eyJ/i;

/**
 * Finds what looks like raw personal data or a token. Few and plain patterns, an opinion of its own
 * beside the redaction that should have left nothing to find: finding nothing proves nothing.
 */
function findPersonalData(text: string): readonly Finding[] {
  const found: Finding[] = [];
  if (!WORTH_A_LOOK.test(text)) return found;
  for (const { label, expression, holds } of PATTERNS) {
    for (const match of text.matchAll(expression)) {
      const finding = { start: match.index, end: match.index + match[0].length, label };
      const isTaken = found.some(({ start, end }) => start < finding.end && finding.start < end);
      if (!isTaken && (holds?.(match[0]) ?? true)) found.push(finding);
    }
  }
  return found.sort((a, b) => a.start - b.start);
}

function hasCpfCheckDigits(text: string): boolean {
  const digits = Array.from(text.replaceAll(/\D/g, ''), Number);
  if (new Set(digits).size === 1) return false;
  return [9, 10].every((place) => {
    const sum = digits
      .slice(0, place)
      .reduce((all, digit, at) => all + digit * (place + 1 - at), 0);
    return ((sum * 10) % 11) % 10 === digits[place];
  });
}

/** An address that may be a person's: not this machine, not the wildcard. */
function isOthersAddress(text: string): boolean {
  const octets = text.split('.').map(Number);
  return octets.every((octet) => octet <= 255) && octets[0] !== 127 && octets[0] !== 0;
}

/** One value of a payload with the way to it. */
export interface Leaf {
  /** Names and places above the key, such as `attributes` or `links[0]`. */
  readonly parents: string;
  readonly key: string;
  /** A text as it is, anything else as JSON. */
  readonly text: string;
}

/** Levels that are unfolded; what is deeper is shown as JSON, so that no payload exhausts the stack. */
const MAX_DEPTH = 24;

/** All values of a payload in its order. A text that is no JSON is one value. */
export function leavesOf(payload: string): Leaf[] {
  let value: unknown;
  try {
    value = JSON.parse(payload);
  } catch {
    return [{ parents: '', key: '', text: payload }];
  }
  const leaves: Leaf[] = [];
  collect(value, { parents: '', key: '', depth: 0 }, leaves);
  return leaves;
}

interface Way {
  readonly parents: string;
  readonly key: string;
  readonly depth: number;
}

function collect(value: unknown, way: Way, leaves: Leaf[]): void {
  const children = way.depth < MAX_DEPTH ? childrenOf(value) : [];
  if (children.length === 0) {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    leaves.push({ parents: way.parents, key: way.key, text });
    return;
  }
  const parents = join(way.parents, way.key);
  for (const [key, child] of children)
    collect(child, { parents, key, depth: way.depth + 1 }, leaves);
}

function childrenOf(value: unknown): readonly (readonly [string, unknown])[] {
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value))
    return value.map((item: unknown, index) => [`[${index}]`, item] as const);
  return Object.entries(value);
}

function join(parents: string, key: string): string {
  return parents === '' || key.startsWith('[') ? parents + key : `${parents}.${key}`;
}
