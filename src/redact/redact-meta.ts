import type { JsonObject } from '../record/json.ts';
import type { MetaDraft } from '../record/meta.ts';
import { type CleanText, noCleanText, searchOnce } from './clean-text.ts';
import { copyUntil } from './json-shape.ts';
import type { Decision } from './rules.ts';
import type { Search } from './search.ts';
import type { Surface } from './surface.ts';
import type { RedactTree } from './tree.ts';
import type { WholeValue } from './whole-value.ts';

/** Redacts the `meta` of an event. */
export type RedactMeta = (
  meta: Readonly<Record<string, string>>,
) => Readonly<Record<string, string>>;

/** What the redaction of `meta` is made of. */
export interface MetaParts {
  readonly tree: RedactTree;
  readonly search: Search;
  readonly decide: (path: string) => Decision;
  readonly wholeValue: WholeValue;
}

/** A key that the mapping fills. */
interface KnownKey {
  /** `fixed`: words from closed lists, ids, and the address that travels only when asked for. */
  readonly surface: Surface | 'fixed';
  /** Attributes that the value may have come from: a rule about one of them is about it too. */
  readonly sources: readonly string[];
}

function known(surface: Surface | 'fixed', sources: readonly string[] = []): KnownKey {
  return { surface, sources };
}

/** What one redaction knows about such a key. */
interface KnownState extends Pick<KnownKey, 'surface'> {
  /** The rule about one of its sources that changes the value. */
  readonly decision: Decision | undefined;
  readonly last: CleanText;
}

const KNOWN: ReadonlyMap<string, KnownKey> = new Map([
  ['type', known('fixed')],
  ['log_level', known('fixed')],
  ['trace_id', known('fixed')],
  ['http_status', known('fixed')],
  ['client_ip', known('fixed')],
  ['event_name', known('name')],
  ['service', known('name')],
  ['env', known('name')],
  ['environment', known('name')],
  ['request_id', known('name')],
  ['http_method', known('name')],
  ['http_route', known('text', ['http.route'])],
  ['error_type', known('name', ['error.type', 'exception.type'])],
  ['error_message', known('text', ['exception.message'])],
  ['immutable_trail', known('name')],
]);

/** Builds the redaction of `meta`. Keys of the caller fall under the rules for attributes. */
export function createRedactMeta({ tree, search, decide, wholeValue }: MetaParts): RedactMeta {
  const states = new Map<string, KnownState>();
  for (const [key, { surface, sources }] of KNOWN) {
    const decisions = sources.map(decide);
    const decision = decisions.find(({ action }) => action !== 'scan' && action !== 'keep');
    states.set(key, { surface, decision, last: noCleanText() });
  }

  function knownValue(key: string, text: string, how: KnownState): string {
    const { decision, surface, last } = how;
    if (surface === 'fixed') return text;
    if (decision !== undefined) {
      const value = wholeValue(text, decision, { prefix: 'sha256:', holdsDigests: false });
      return typeof value === 'string' ? value : '';
    }
    const searched = searchOnce(text, { surface, search, last }) ?? '';
    // The ledger reserves the colon in a trail, and a digest has some.
    return key === 'immutable_trail' ? searched.replaceAll(':', '-') : searched;
  }

  return (meta) => {
    // Most `meta` stays as it is and is then the caller's own object: nobody changes either.
    let out: MetaDraft | undefined;
    for (const key of Object.keys(meta)) {
      const text = meta[key] ?? '';
      const how = states.get(key);
      if (how === undefined) {
        out ??= copyUntil(meta, key);
        Object.assign(out, tree({ [key]: text } satisfies JsonObject, 'name'));
        continue;
      }
      const value = knownValue(key, text, how);
      const isKept = value !== '' || how.surface === 'fixed';
      if (value !== text || !isKept) out ??= copyUntil(meta, key);
      if (out !== undefined && isKept) out[key] = value;
    }
    return out ?? meta;
  };
}
