import { ValueCopier } from './attribute-value.ts';
import { bareObject } from './bare-object.ts';
import { hasKeys, setAttributes, setField } from './draft.ts';
import type { JsonObject } from './json.ts';
import type { ScopeLike } from './otel-types.ts';

function rendered(scope: ScopeLike): JsonObject | undefined {
  const copier = new ValueCopier();
  const draft = bareObject();
  setAttributes(draft, copier.attributes(scope.attributes));
  setField(draft, 'name', typeof scope.name === 'string' ? copier.value(scope.name) : undefined);
  if (typeof scope.schemaUrl === 'string' && scope.schemaUrl !== '') {
    draft['schema_url'] = copier.value(scope.schemaUrl);
  }
  if (typeof scope.version === 'string' && scope.version !== '') {
    draft['version'] = copier.value(scope.version);
  }
  return hasKeys(draft) ? draft : undefined;
}

/** Makes a function that renders an instrumentation scope once per object; `undefined` when there is none. */
export function createScopeCache(): (scope: ScopeLike | undefined) => JsonObject | undefined {
  const cache = new WeakMap<ScopeLike, JsonObject>();
  return (scope) => {
    if (typeof scope !== 'object') return undefined;
    const known = cache.get(scope);
    if (known !== undefined) return known;
    try {
      const result = rendered(scope);
      if (result !== undefined) cache.set(scope, result);
      return result;
    } catch {
      return undefined;
    }
  };
}
