/** A list that keeps the newest items and forgets the oldest, at constant cost per item. */
export interface BoundedLog<T> {
  /** Adds one item; the oldest is forgotten when the log is full. */
  add(item: T): void;
  /** The kept items, oldest first, as a copy. */
  items(): readonly T[];
}

/** Creates a log of at most `capacity` items. */
export function createBoundedLog<T>(capacity: number): BoundedLog<T> {
  let kept: T[] = [];
  return {
    add(item) {
      if (capacity === 0) return;
      kept.push(item);
      // Cut only at twice the capacity: the copy is then paid once per `capacity` items.
      if (kept.length >= capacity * 2) kept = kept.slice(-capacity);
    },
    items: () => kept.slice(Math.max(0, kept.length - capacity)),
  };
}
