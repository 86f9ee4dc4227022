/**
 * Gives each record object a key when it is first seen, and the same key whenever it is seen
 * again: an SDK that exports a record twice does not make two events of it.
 *
 * @param writerId - differs between processes and exporters
 */
export function createFirstSightKeys(writerId: string): (record: object) => string {
  const keys = new WeakMap<object, string>();
  let sequence = 0;
  return (record) => {
    const known = keys.get(record);
    if (known !== undefined) return known;
    sequence += 1;
    const key = `${writerId}-${sequence}`;
    keys.set(record, key);
    return key;
  };
}
