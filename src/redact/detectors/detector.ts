/**
 * What kind of personal data or secret a piece of text is.
 *
 * `text` is for a piece that cannot be read far enough to say what it is, for example one that is
 * percent-encoded more than three times; it is treated as sensitive because nobody can tell.
 */
export type DataClass =
  | 'email'
  | 'ip'
  | 'cpf'
  | 'cnpj'
  | 'card'
  | 'phone'
  | 'jwt'
  | 'bearer'
  | 'key'
  | 'secret'
  | 'text';

/** One piece of personal data or one secret, by its place in the text that was searched. */
export interface Detection {
  /** Offset of the first character, in UTF-16 units. */
  readonly start: number;
  /** Offset behind the last character, in UTF-16 units. */
  readonly end: number;
  readonly class: DataClass;
}

/**
 * Finds one kind of personal data or secret.
 *
 * - It is total: any string gives an answer, none throws.
 * - Its work is linear in the length of the text, whatever the text.
 * - Its detections come in order and do not overlap.
 */
export interface Detector {
  readonly class: DataClass;
  /**
   * Whether a text, or any part of it, may hold what is looked for: a quick look for something
   * that every finding has. `false` is certain, also for each part of the text; `true` is not.
   */
  mayFind(text: string): boolean;
  find(text: string): readonly Detection[];
}
