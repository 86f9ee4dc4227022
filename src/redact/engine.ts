import { createRedactionCounters, type RedactionCounters } from './accounting.ts';
import { createDecisions } from './decisions.ts';
import { createDigester, type Digester } from './digest.ts';
import { createMark } from './marker.ts';
import { createNameTree } from './name-tree.ts';
import { createNaming } from './naming.ts';
import type { ResolvedRedaction } from './resolve.ts';
import type { Decision } from './rules.ts';
import { createSearch, type Search } from './search.ts';
import { createTree, type RedactTree } from './tree.ts';
import { createWholeValue, type WholeValue } from './whole-value.ts';

/** The parts of redaction, put together by one configuration. */
export interface Engine {
  readonly digester: Digester;
  /** Whether a text holds nothing that a search would find; counts nothing. */
  readonly isClean: (text: string) => boolean;
  readonly decide: (path: string) => Decision;
  readonly wholeValue: WholeValue;
  readonly search: Search;
  readonly tree: RedactTree;
}

/** Puts the parts together; what they do is counted in `counters`. */
export function createEngine(resolved: ResolvedRedaction, counters: RedactionCounters): Engine {
  const digester = createDigester(resolved.keys[0]);
  const search = createSearch(resolved, createMark(digester, counters), counters);
  const unseen = createRedactionCounters();
  const probe = createSearch(resolved, createMark(digester, unseen), unseen);
  const isClean = (name: string): boolean => probe(name, 'name') === name;
  const decide = createDecisions(resolved);
  const names = createNameTree({ decide, search, isClean });
  const wholeValue = createWholeValue(digester, counters);
  const chooseName = createNaming(resolved.naming);
  return {
    digester,
    isClean,
    decide,
    wholeValue,
    search,
    tree: createTree({ names, wholeValue, chooseName, search }),
  };
}
