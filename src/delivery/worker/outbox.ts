/** Gathers items, so that many cross between threads as one message. */
export interface Outbox<T> {
  /** Adds an item of so many bytes; it is posted with what is added shortly after. */
  add(item: T, bytes: number): void;
  /** Posts what has been gathered before anything else happens. */
  flush(): void;
}

/** What an {@link Outbox} is made of. */
export interface OutboxDeps<T> {
  readonly post: (items: readonly T[]) => void;
  /** Runs a function when the time to gather is over. */
  readonly defer: (run: () => void) => void;
  /** Bytes above which nothing more is gathered. */
  readonly fullBytes: number;
}

/** Makes an empty outbox. */
export function createOutbox<T>({ post, defer, fullBytes }: OutboxDeps<T>): Outbox<T> {
  let items: T[] = [];
  let gathered = 0;
  let deferred = false;

  function flush(): void {
    if (items.length === 0) return;
    const posted = items;
    items = [];
    gathered = 0;
    post(posted);
  }

  return {
    add(item, bytes) {
      items.push(item);
      gathered += bytes;
      if (gathered >= fullBytes) flush();
      else if (!deferred) {
        deferred = true;
        defer(() => {
          deferred = false;
          flush();
        });
      }
    },
    flush,
  };
}
