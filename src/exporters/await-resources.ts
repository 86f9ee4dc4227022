import type { ResourceLike } from '../record/otel-types.ts';
import type { Clock } from '../runtime/clock.ts';
import { endsWithin } from '../runtime/clock.ts';

/** A record with the resource it came from. */
interface WithResource {
  readonly resource: ResourceLike;
}

// A record that cannot even be read costs itself, later, and not its batch, here.
function resourceOf(record: WithResource): ResourceLike | undefined {
  try {
    return record.resource;
  } catch {
    return undefined;
  }
}

/** Resources of a batch whose attributes are still being detected. */
export function pendingResources(records: readonly WithResource[]): readonly ResourceLike[] {
  let pending: Set<ResourceLike> | undefined;
  let last: ResourceLike | undefined;
  for (const record of records) {
    const resource = resourceOf(record);
    // One resource is behind nearly every batch; asking it once is enough.
    if (resource === undefined || resource === last) continue;
    last = resource;
    if (resource.asyncAttributesPending === true) (pending ??= new Set()).add(resource);
  }
  return pending === undefined ? [] : [...pending];
}

/**
 * Waits until the resources know their attributes: reading them earlier gives half of them,
 * without an error. The built-in processors wait too; a custom one may not.
 *
 * @returns whether they all ended within `ms`
 */
export function awaitResources(
  resources: readonly ResourceLike[],
  clock: Clock,
  ms: number,
): Promise<boolean> {
  const all = Promise.all(resources.map(async (resource) => resource.waitForAsyncAttributes?.()));
  return endsWithin(clock, all, { ms, hold: 'background' });
}
