/** Whether a value of one type can stand where the other is wanted. */
export type Assignable<From, To> = From extends To ? true : false;

/** Compiles only for `true`. */
export type Assert<T extends true> = T;
