/** One value of a payload with the way to it. */
export interface Leaf {
  /** Names and places above the key, such as `attributes` or `links[0]`. */
  readonly parents: string;
  readonly key: string;
  /** A text as it is, anything else as JSON. */
  readonly text: string;
  readonly isText: boolean;
}

/** Levels that are unfolded; what is deeper is shown as JSON, so that no payload exhausts the stack. */
const MAX_DEPTH = 24;

/** All values of a payload in its order. A text that is no JSON is one value. */
export function leavesOf(payload: string): Leaf[] {
  let value: unknown;
  try {
    value = JSON.parse(payload);
  } catch {
    return [{ parents: '', key: '', text: payload, isText: true }];
  }
  const leaves: Leaf[] = [];
  collect(value, { parents: '', key: '', depth: 0 }, leaves);
  return leaves;
}

interface Way {
  readonly parents: string;
  readonly key: string;
  readonly depth: number;
}

function collect(value: unknown, way: Way, leaves: Leaf[]): void {
  const children = way.depth < MAX_DEPTH ? childrenOf(value) : [];
  if (children.length === 0) {
    const isText = typeof value === 'string';
    const text = isText ? value : JSON.stringify(value);
    leaves.push({ parents: way.parents, key: way.key, text, isText });
    return;
  }
  const parents = join(way.parents, way.key);
  for (const [key, child] of children)
    collect(child, { parents, key, depth: way.depth + 1 }, leaves);
}

function childrenOf(value: unknown): readonly (readonly [string, unknown])[] {
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value))
    return value.map((item: unknown, index) => [`[${index}]`, item] as const);
  return Object.entries(value);
}

function join(parents: string, key: string): string {
  return parents === '' || key.startsWith('[') ? parents + key : `${parents}.${key}`;
}
