/** A mark that redaction left in a text. */
export interface FoundMark {
  readonly action: 'hash' | 'mask' | 'cut' | 'error';
  /** The class of data, or `query` for the value of a query parameter. */
  readonly class: string;
}

const DIGEST = '(?: |%20)(?:sha256|hmac-sha256:[A-Za-z0-9_-]{1,32}):[0-9a-f]{32}';
const NAMES = 'email|ip|cpf|cnpj|card|phone|jwt|bearer|key|secret|masked|query';
const MARK = new RegExp(
  `\\[(?:(?<name>${NAMES})(?<digest>${DIGEST})?|(?<error>REDACTION_ERROR)|\\+\\d+ characters not kept)\\]`,
  'g',
);

const WHOLE_DIGEST = /^(?:sha256:|hmac-sha256:[A-Za-z0-9_-]{1,32}:)?[0-9a-f]{64}$/;

/** Whether a value is a digest and nothing else. */
export function isDigest(text: string): boolean {
  return WHOLE_DIGEST.test(text);
}

/** The marks in a text, in order. */
export function marksIn(text: string): readonly FoundMark[] {
  return Array.from(text.matchAll(MARK), ({ groups }) => {
    if (groups?.['error'] !== undefined) return { action: 'error', class: 'text' };
    const name = groups?.['name'];
    if (name === undefined) return { action: 'cut', class: 'text' };
    const action = groups?.['digest'] === undefined ? 'mask' : 'hash';
    return { action, class: name === 'masked' ? 'text' : name };
  });
}

/** The text without the digests in its marks: no detector shall take their digits for data. */
export function withoutDigests(text: string): string {
  return text.replace(MARK, (mark: string, name: string | undefined) =>
    name === undefined ? mark : `[${name}]`,
  );
}

/** Whether a text holds marks and signs, but no letter or digit besides. */
export function isOnlyMarks(text: string): boolean {
  return !/[\p{L}\p{N}]/u.test(text.replace(MARK, ''));
}
