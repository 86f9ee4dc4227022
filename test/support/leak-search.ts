/** A secret that was found where it must not be. */
export interface Leak {
  /** Name of the secret; never the secret itself. */
  readonly secret: string;
  /** In which of its forms. */
  readonly form: string;
  /** In which of the texts. */
  readonly place: string;
}

/** Texts by the name of the place where they were found. */
export type Places = Readonly<Record<string, string>>;

const MIN_BASE64 = 8;

/**
 * Base64 of a text that stands somewhere inside a longer one: what comes before shifts it by 0, 1
 * or 2 bytes, and the digits at both ends depend on the neighbours, so those are left out.
 */
function base64Forms(secret: string): readonly string[] {
  return [0, 1, 2].map((shift) => {
    const digits = Buffer.from('\0'.repeat(shift) + secret, 'utf8').toString('base64');
    return digits.replace(/=+$/, '').slice(shift === 0 ? 0 : shift + 1, -1);
  });
}

function percentEncodeAll(text: string): string {
  const bytes = [...Buffer.from(text, 'utf8')];
  return bytes.map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
}

function formsOf(secret: string): readonly (readonly [form: string, text: string])[] {
  const once = encodeURIComponent(secret);
  const json = JSON.stringify(secret).slice(1, -1);
  const forms: [string, string][] = [
    ['raw', secret],
    ['JSON-escaped', json],
    ['JSON-escaped twice', JSON.stringify(json).slice(1, -1)],
    ['percent-encoded', once],
    ['percent-encoded twice', encodeURIComponent(once)],
    ['percent-encoded wholly', percentEncodeAll(secret)],
    ['hexadecimal', Buffer.from(secret, 'utf8').toString('hex')],
  ];
  for (const digits of base64Forms(secret)) {
    if (digits.length >= MIN_BASE64) forms.push(['base64', digits]);
  }
  return forms;
}

/** Looks for each secret in each place, in every form in which it would still be readable. */
export function findLeaks(secrets: Places, places: Places): readonly Leak[] {
  const lowerCase = Object.entries(places).map(([place, text]) => [place, text.toLowerCase()]);
  const leaks: Leak[] = [];
  for (const [secret, value] of Object.entries(secrets)) {
    for (const [form, text] of formsOf(value)) {
      const wanted = text.toLowerCase();
      for (const [place = '', haystack = ''] of lowerCase) {
        if (haystack.includes(wanted)) leaks.push({ secret, form, place });
      }
    }
  }
  return leaks;
}
