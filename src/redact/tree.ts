import type { JsonArray, JsonObject, JsonObjectDraft, JsonValue } from '../record/json.ts';
import { bareObject, isJsonArray } from '../record/json.ts';
import type { RedactionCounters } from './accounting.ts';
import type { DataClass } from './detectors/detector.ts';
import type { Digester } from './digest.ts';
import { canonicalNumber, publicPart } from './digest.ts';
import type { Decision } from './rules.ts';
import { inherit, wordsOf } from './rules.ts';
import type { CleanText, ScanText } from './text.ts';
import { ERROR_MARKER, isMask, maskOf, noCleanText, scanOnce } from './text.ts';

/** A copy of the entries that come before the key `until`. */
export function copyUntil<Value extends JsonValue>(
  source: Readonly<Record<string, Value>>,
  until: string,
): JsonObjectDraft<Value> {
  const copy = bareObject<Value>();
  for (const key of Object.keys(source)) {
    if (key === until) break;
    const value = source[key];
    if (value !== undefined) copy[key] = value;
  }
  return copy;
}

/** A value without anything inside it. */
export type Leaf = string | number | boolean | null;

/** Where a digest will stand: it names itself there, or its attribute's name says what it is. */
export interface DigestPlace {
  /** `''` under a name like `user.email_hash`, else `sha256:`; unused with a key. */
  readonly prefix: string;
  /** Whether bare hex under this name is a digest that somebody made before. */
  readonly holdsDigests: boolean;
}

/** Applies the decision of a rule to a leaf; `undefined` when it does not travel. */
export type ApplyRule = (
  leaf: Leaf,
  decision: Decision,
  place: DigestPlace,
) => JsonValue | undefined;

const BARE = /^[0-9a-f]{64}$/;
const SELF_DESCRIBING = /^(?:sha256:|hmac-sha256:[A-Za-z0-9_-]{1,32}:)[0-9a-f]{64}$/;
const LONGEST_DIGEST = 128;

function isDigest(text: string, { holdsDigests }: DigestPlace): boolean {
  if (text.length < 64 || text.length > LONGEST_DIGEST) return false;
  return SELF_DESCRIBING.test(text) || (holdsDigests && BARE.test(text));
}

/** Built-in rules go by names, and `email_verified: true` is no e-mail address. */
function isExempt(leaf: Leaf, { own, stringsOnly }: Decision): boolean {
  if (leaf === null) return true;
  return !own && (typeof leaf === 'boolean' || (stringsOnly && typeof leaf === 'number'));
}

function textOf(leaf: Leaf, dataClass: DataClass): string {
  return typeof leaf === 'number' ? canonicalNumber(leaf, dataClass) : String(leaf);
}

/** Builds what applies the decision of a rule to a value. */
export function createApplyRule(digester: Digester, counters: RedactionCounters): ApplyRule {
  return (leaf, decision, place) => {
    const { action, class: dataClass } = decision;
    if (action === 'drop') {
      counters.count('drop', dataClass);
      return undefined;
    }
    if (action === 'error') {
      counters.error();
      return ERROR_MARKER;
    }
    if (action === 'keep' || action === 'scan' || isExempt(leaf, decision)) return leaf;
    const text = textOf(leaf, dataClass);
    // Data that was redacted before stays as it is, so that redacting it again changes nothing.
    if (action === 'hash' && (isMask(text) || isDigest(text, place))) return leaf;
    counters.count(action, dataClass);
    if (action === 'mask') return maskOf(dataClass);
    if (action === 'truncate') return publicPart(text, dataClass) ?? maskOf(dataClass);
    const digest = digester.ofValue(text, dataClass);
    return digester.keyed ? digest : place.prefix + digest;
  };
}

/** The name under which a digest is stored, and the form it has there. */
export interface DigestName extends DigestPlace {
  /** Whether the name becomes that of a digest, such as `user.email_hash`. */
  readonly renamed: boolean;
}

/** The name of a digest that takes the place of a value. */
export function digestName(name: string): string {
  return `${name}_hash`;
}

/** Whether a name says that its value is a digest. */
export function isDigestName(key: string): boolean {
  const words = wordsOf(key);
  return words.endsWith('_hash') || words.endsWith('_sha256') || words.endsWith('_digest');
}

const IN_PLACE: DigestName = { renamed: false, prefix: 'sha256:', holdsDigests: false };
const SUFFIXED: DigestName = { renamed: true, prefix: '', holdsDigests: false };
const DIGEST_IN_PLACE: DigestName = { ...IN_PLACE, holdsDigests: true };
const DIGEST_BARE: DigestName = { ...SUFFIXED, renamed: false, holdsDigests: true };

/** An array that holds objects or arrays keeps its name: the digests in it name themselves. */
function isFlat(value: JsonValue | undefined): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return isJsonArray(value) && value.every((item) => typeof item !== 'object' || item === null);
}

/** An attribute whose value becomes a digest. */
export interface DigestedName {
  readonly key: string;
  /** The name of the digest, {@link digestName} of `key`; kept, because it is asked for often. */
  readonly hashed: string;
  /** Whether bare hex under `key` is a digest. */
  readonly holdsDigests: boolean;
}

/** Chooses where digests go, by the `naming` option. */
export type ChooseName = (source: JsonObject, name: DigestedName) => DigestName;

/**
 * Where the digest of the value under a key goes: `user.email` → `user.email_hash`. When that name
 * is taken the digest stays in place and names itself, so that nothing is overwritten.
 */
export function createNaming(naming: 'suffix' | 'in-place'): ChooseName {
  if (naming === 'in-place') {
    return (_source, { holdsDigests }) => (holdsDigests ? DIGEST_IN_PLACE : IN_PLACE);
  }
  return (source, { key, hashed, holdsDigests }) => {
    const flat = isFlat(source[key]);
    if (holdsDigests) return flat ? DIGEST_BARE : DIGEST_IN_PLACE;
    return flat && !Object.hasOwn(source, hashed) ? SUFFIXED : IN_PLACE;
  };
}

/** Where an entry is put: its key before, the object it is from and the one it goes into. */
export interface NewEntry {
  readonly key: string;
  readonly source: JsonObject;
  readonly out: JsonObject;
}

/** The name, or the first of `name#2`, `name#3` … that no other entry has. */
export function freeName(name: string, { key, source, out }: NewEntry): string {
  if (name === key) return name;
  const taken = (candidate: string): boolean =>
    Object.hasOwn(source, candidate) || Object.hasOwn(out, candidate);
  if (!taken(name)) return name;
  let count = 2;
  while (taken(`${name}#${count}`)) count += 1;
  return `${name}#${count}`;
}

/** A name at its place in a tree, with all that depends on names alone. */
export interface NameNode extends DigestedName {
  /** The dotted path from the root of the tree; `''` for the root. */
  readonly path: string;
  /** What rules say about the value, those about its containers included; none for the root. */
  readonly decision: Decision | undefined;
  /** The name with personal data in it replaced. */
  readonly safe: string;
  /** The last text under this name in which nothing was found. */
  readonly clean: CleanText;
  /** The names below that were met before. */
  readonly known: Map<string, NameNode>;
  /** The names below of the object that was met last. */
  last: KnownKeys | undefined;
}

/** The keys of an object with their places in the tree. */
interface KnownKeys {
  readonly keys: readonly string[];
  readonly nodes: readonly NameNode[];
}

/** What names are judged by. */
export interface NameParts {
  /** What rules say about a dotted path. Total. */
  readonly decide: (path: string) => Decision;
  readonly scanText: ScanText;
  /** Whether a text holds nothing that a scan would find. Total. */
  readonly isClean: (text: string) => boolean;
}

/** Remembers the names of trees. */
export interface NameTree {
  root(): NameNode;
  /** The place of one key. */
  child(parent: NameNode, key: string): NameNode;
  /** The places of all keys of an object, in their order. */
  children(parent: NameNode, keys: readonly string[]): readonly NameNode[];
}

/** Names of attributes are few; a program that makes them up without end costs time, not memory. */
const MAX_NODES = 4096;
const MAX_PATH_KEPT = 512;

function isSame(some: readonly string[], others: readonly string[]): boolean {
  if (some.length !== others.length) return false;
  for (let index = 0; index < some.length; index += 1) {
    if (some[index] !== others[index]) return false;
  }
  return true;
}

/**
 * Builds a memory of names: everything that is decided by names is decided once per path. It is
 * bounded, and a name that shows personal data is never kept in it.
 */
export function createNameTree({ decide, scanText, isClean }: NameParts): NameTree {
  const newRoot = (): NameNode => ({
    path: '',
    decision: undefined,
    key: '',
    hashed: '',
    safe: '',
    holdsDigests: false,
    clean: noCleanText(),
    known: new Map(),
    last: undefined,
  });
  let root = newRoot();
  let kept = 0;

  function newChild(parent: NameNode, key: string): NameNode {
    const path = parent.path === '' ? key : `${parent.path}.${key}`;
    const safe = scanText(key, 'name') ?? '';
    const node: NameNode = {
      path,
      decision: inherit(decide(path), parent.decision),
      safe,
      key,
      hashed: digestName(safe),
      holdsDigests: isDigestName(key),
      clean: noCleanText(),
      known: new Map(),
      last: undefined,
    };
    if (path.length > MAX_PATH_KEPT || node.safe !== key || !isClean(path)) return node;
    if (kept >= MAX_NODES) {
      root = newRoot();
      kept = 0;
    }
    parent.known.set(key, node);
    kept += 1;
    return node;
  }

  function child(parent: NameNode, key: string): NameNode {
    return parent.known.get(key) ?? newChild(parent, key);
  }

  function children(parent: NameNode, keys: readonly string[]): readonly NameNode[] {
    // Records of one origin have the same keys, so the last answer is mostly the answer.
    if (parent.last !== undefined && isSame(parent.last.keys, keys)) return parent.last.nodes;
    const nodes = keys.map((key) => child(parent, key));
    const isKept = nodes.every((node) => parent.known.get(node.key) === node);
    parent.last = isKept ? { keys, nodes } : undefined;
    return nodes;
  }

  return { root: () => root, child, children };
}

/** What the walk over a tree is made of; all of it total. */
export interface TreeParts {
  readonly names: NameTree;
  /** Applies a rule to a leaf. */
  readonly applyRule: ApplyRule;
  readonly chooseName: ChooseName;
  /** Scans a string that no rule is about. */
  readonly scanText: ScanText;
}

/** Redacts a tree whose strings are of the given kind, where their names do not say more. */
export type RedactTree = (tree: JsonValue, textKind: 'name' | 'text') => JsonValue | undefined;

type Walk = (tree: JsonValue) => JsonValue | undefined;

const SAME_NAME: DigestName = { renamed: false, prefix: 'sha256:', holdsDigests: false };

function isDropped({ decision }: NameNode): boolean {
  return decision?.action === 'drop';
}

function newName({ hashed, safe }: NameNode, { renamed }: DigestName): string {
  return renamed ? hashed : safe;
}

/** Builds the walk over trees of one kind of text. */
function createWalk(parts: TreeParts, textKind: 'name' | 'text'): Walk {
  const { names, applyRule, chooseName, scanText } = parts;

  function leafAt(leaf: Leaf, node: NameNode, digest: DigestName): JsonValue | undefined {
    const { decision, clean: last } = node;
    if (decision !== undefined && decision.action !== 'scan') {
      return applyRule(leaf, decision, digest);
    }
    if (typeof leaf !== 'string') return leaf;
    const known = decision?.textKind ?? 'name';
    return scanOnce(leaf, { textKind: known === 'name' ? textKind : known, scanText, last });
  }

  function arrayAt(source: JsonArray, node: NameNode, digest: DigestName): JsonArray | undefined {
    let out: JsonValue[] | undefined;
    for (let index = 0; index < source.length; index += 1) {
      const item = source[index] ?? null;
      const next = valueAt(item, node, digest);
      if (next !== item) out ??= source.slice(0, index);
      if (out !== undefined && next !== undefined) out.push(next);
    }
    const result = out ?? source;
    return result.length === 0 && isDropped(node) ? undefined : result;
  }

  function digestOf(source: JsonObject, child: NameNode): DigestName {
    return child.decision?.action === 'hash' ? chooseName(source, child) : SAME_NAME;
  }

  function objectAt(source: JsonObject, node: NameNode): JsonObject | undefined {
    let out: JsonObjectDraft | undefined;
    let kept = 0;
    for (const child of names.children(node, Object.keys(source))) {
      const { key, safe } = child;
      const before = source[key] ?? null;
      const digest = digestOf(source, child);
      const value = valueAt(before, child, digest);
      if (value !== before || safe !== key) out ??= copyUntil(source, key);
      if (value === undefined) continue;
      kept += 1;
      if (out === undefined) continue;
      const name = value === before ? safe : newName(child, digest);
      out[freeName(name, { key, source, out })] = value;
    }
    return kept === 0 && isDropped(node) ? undefined : (out ?? source);
  }

  function valueAt(value: JsonValue, node: NameNode, digest: DigestName): JsonValue | undefined {
    if (typeof value !== 'object' || value === null) return leafAt(value, node, digest);
    return isJsonArray(value) ? arrayAt(value, node, digest) : objectAt(value, node);
  }

  return (tree) => valueAt(tree, names.root(), SAME_NAME);
}

/**
 * Builds the walk over a tree.
 *
 * - The tree given is never changed; a part in which nothing changes is shared with it.
 * - A rule about a container is about every leaf in it, unless an earlier rule is about the leaf.
 * - A container of which a rule leaves nothing goes together with its name.
 */
export function createTree(parts: TreeParts): RedactTree {
  const walks = { name: createWalk(parts, 'name'), text: createWalk(parts, 'text') };
  return (tree, textKind) => walks[textKind](tree);
}
