/** A piece of a text that looks like raw personal data or a secret. */
export interface Finding {
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
export function findPersonalData(text: string): readonly Finding[] {
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
