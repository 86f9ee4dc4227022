/** Chance as the rest of the package sees it; tests bring their own. */
export interface Ids {
  /** A new id that no other process makes: a random UUID (RFC 9562, version 4). */
  readonly newId: () => string;
  /** A secret that nobody else has: 72 characters, 244 random bits. */
  readonly newSecret: () => string;
  /** A number in [0, 1). */
  readonly random: () => number;
}

/** Chance of the machine. */
export const systemIds: Ids = {
  newId: () => crypto.randomUUID(),
  newSecret: () => crypto.randomUUID() + crypto.randomUUID(),
  random: () => Math.random(),
};
