import { copyAttributes } from './attribute-value.ts';
import type { JsonObjectDraft } from './bare-object.ts';
import { bareObject } from './bare-object.ts';
import type { MappingContext } from './context.ts';
import { resolveEnv, resolveService } from './context.ts';
import { hasKeys } from './draft.ts';
import type { JsonObject } from './json.ts';
import type { ResourceLike } from './otel-types.ts';

/** What all records of one resource have in common. */
export interface RenderedResource {
  /** The same object for every record of the resource; `undefined` when it has no attributes. */
  readonly attributes: JsonObject | undefined;
  readonly service: string;
  readonly env: string;
}

const isWithheld = (key: string): boolean =>
  key === 'process.owner' ||
  key.startsWith('process.command') ||
  key.startsWith('process.executable.');

function rendered(context: MappingContext, resource: ResourceLike): RenderedResource {
  const all = copyAttributes(resource.attributes);
  const attributes: JsonObjectDraft = bareObject();
  for (const [key, value] of Object.entries(all)) {
    if (!isWithheld(key)) attributes[key] = value;
  }
  return {
    attributes: hasKeys(attributes) ? attributes : undefined,
    service: resolveService(context, all),
    env: resolveEnv(context, all),
  };
}

/**
 * Makes a function that renders a resource once and then gives the same result for the same
 * object, so that later steps can keep what they made of it by identity.
 *
 * Command lines, executables and the owner of the process are withheld: they carry secrets
 * and names of people. A resource whose asynchronous attributes are pending is rendered but
 * not kept; one that cannot be read costs nothing but itself.
 */
export function createResourceCache(
  context: MappingContext,
): (resource: ResourceLike) => RenderedResource {
  const cache = new WeakMap<ResourceLike, RenderedResource>();
  const nameless: RenderedResource = {
    attributes: undefined,
    service: resolveService(context, {}),
    env: resolveEnv(context, {}),
  };

  return (resource) => {
    const known = cache.get(resource);
    if (known !== undefined) return known;
    try {
      const result = rendered(context, resource);
      if (resource.asyncAttributesPending !== true) cache.set(resource, result);
      return result;
    } catch {
      return nameless;
    }
  };
}
