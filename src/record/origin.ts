import type { AuditEvent, EventType } from './event.ts';
import { setField, unlessEmpty } from './fields.ts';
import type { JsonObject, JsonObjectDraft } from './json.ts';
import { bareObject, isJsonObject, wellFormed } from './json.ts';
import type { AttributesLike, ResourceLike, ScopeLike } from './otel-types.ts';
import type { Draft, SCOPE } from './schema.ts';
import { ValueCopier } from './values.ts';

/** What the mapping of a record needs to know beside the record. */
export interface MappingContext {
  /** The `service` option; it goes before everything else. */
  readonly service: string | undefined;
  /** The service of the environment; it stands in where neither option nor resource has one. */
  readonly serviceFallback: string | undefined;
  /** The `env` option. */
  readonly env: string | undefined;
  /** The deployment environment of the process environment. */
  readonly envFallback: string | undefined;
  /** The ledger type of severity WARN. */
  readonly warningType: EventType;
  /** Whether the address of a client becomes `meta.client_ip`. */
  readonly clientIp: 'off' | 'raw';
  /** Wall clock in milliseconds since the epoch, for records without a valid time. */
  readonly now: () => number;
}

/** What all records of one resource have in common. */
export interface RenderedResource {
  /** The same object for every record of the resource; `undefined` when it has no attributes. */
  readonly attributes: JsonObject | undefined;
  readonly schemaUrl: string | undefined;
  readonly service: string;
  readonly env: string;
}

/**
 * Makes a function that renders a resource once and then gives the same result for the same
 * object, so that later steps can keep what they made of it by identity.
 *
 * Command lines, executables and the owner of the process are withheld: they carry secrets
 * and names of people. A resource whose asynchronous attributes are pending is not kept, and not even
 * read unless asked for, since an SDK warns of that; one that cannot be read costs nothing but itself.
 *
 * @param pending - whether to read a resource that does not know all its attributes yet
 */
export function createResourceCache(
  context: MappingContext,
  pending: 'read' | 'leave' = 'leave',
): (resource: ResourceLike) => RenderedResource {
  const cache = new WeakMap<ResourceLike, RenderedResource>();
  const nameless: RenderedResource = {
    attributes: undefined,
    schemaUrl: undefined,
    service: resolveService(context, {}),
    env: resolveEnv(context, {}),
  };

  return (resource) => {
    const known = cache.get(resource);
    if (known !== undefined) return known;
    try {
      const isPending = resource.asyncAttributesPending === true;
      if (isPending && pending === 'leave') return nameless;
      const result = rendered(context, resource);
      if (!isPending) cache.set(resource, result);
      return result;
    } catch {
      return nameless;
    }
  };
}

/** Makes a function that puts into an event of a record what its resource knows by now. */
export function createOriginSetter(
  context: MappingContext,
): (event: AuditEvent, resource: ResourceLike) => AuditEvent {
  const resourceOf = createResourceCache(context, 'read');
  return (event, resource) => {
    const { attributes, schemaUrl, service, env } = resourceOf(resource);
    const { meta, payload } = event;
    if (!isJsonObject(payload) || attributes === undefined) return event;
    return {
      ...event,
      meta: { ...meta, service, env, environment: env },
      payload: {
        ...payload,
        resource: attributes,
        ...(schemaUrl !== undefined && { resource_schema_url: schemaUrl }),
      },
    };
  };
}

function rendered(context: MappingContext, resource: ResourceLike): RenderedResource {
  const copier = new ValueCopier();
  const all = copier.attributes(resource.attributes);
  const attributes: JsonObjectDraft = bareObject();
  for (const [key, value] of Object.entries(all)) {
    if (!isWithheld(key)) attributes[key] = value;
  }
  return {
    attributes: unlessEmpty(attributes),
    schemaUrl: copier.text(resource.schemaUrl),
    service: resolveService(context, all),
    env: resolveEnv(context, all),
  };
}

const isWithheld = (key: string): boolean =>
  key === 'process.owner' ||
  key.startsWith('process.command') ||
  key.startsWith('process.executable.');

const UNKNOWN_SERVICE = 'unknown_service';
const DEFAULT_ENV = 'production';

/**
 * Names the service of a record: option, then `service.name` of the resource unless the SDK
 * made it up (`unknown_service:node`), then environment, then `unknown_service`.
 */
export function resolveService(context: MappingContext, resource: AttributesLike): string {
  const named = nameOf(resource['service.name']);
  const known = named?.startsWith(UNKNOWN_SERVICE) === true ? undefined : named;
  return wellFormed(
    nameOf(context.service) ?? known ?? nameOf(context.serviceFallback) ?? UNKNOWN_SERVICE,
  );
}

/**
 * Names the deployment environment of a record: option, then the resource by its stable and
 * its old attribute name, then environment, then `production`.
 */
export function resolveEnv(context: MappingContext, resource: AttributesLike): string {
  return wellFormed(
    nameOf(context.env) ??
      nameOf(resource['deployment.environment.name']) ??
      nameOf(resource['deployment.environment']) ??
      nameOf(context.envFallback) ??
      DEFAULT_ENV,
  );
}

function nameOf(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
}

/** Makes a function that renders an instrumentation scope once per object; `undefined` when there is none. */
export function createScopeCache(): (scope: ScopeLike | undefined) => JsonObject | undefined {
  const cache = new WeakMap<ScopeLike, JsonObject>();
  return (scope) => {
    if (typeof scope !== 'object') return undefined;
    const known = cache.get(scope);
    if (known !== undefined) return known;
    try {
      const result = renderedScope(scope);
      if (result !== undefined) cache.set(scope, result);
      return result;
    } catch {
      return undefined;
    }
  };
}

function renderedScope(scope: ScopeLike): JsonObject | undefined {
  const copier = new ValueCopier();
  const draft: Draft<typeof SCOPE> = bareObject();
  setField(draft, 'attributes', unlessEmpty(copier.attributes(scope.attributes)));
  if (typeof scope.name === 'string') draft.name = copier.value(scope.name);
  setField(draft, 'schema_url', copier.text(scope.schemaUrl));
  setField(draft, 'version', copier.text(scope.version));
  return unlessEmpty(draft);
}
