declare const redacted: unique symbol;

/**
 * Proof that a value went through the redactor. Only `redactor.ts` makes one; the encoder
 * takes nothing else, so the compiler refuses every way around redaction.
 */
export type Redacted<T> = T & { readonly [redacted]: true };
