import type { EventType } from './event.ts';
import type { AttributesLike } from './otel-types.ts';
import { wellFormed } from './well-formed.ts';

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

const UNKNOWN_SERVICE = 'unknown_service';
const DEFAULT_ENV = 'production';

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
}

/**
 * Names the service of a record: option, then `service.name` of the resource unless the SDK
 * made it up (`unknown_service:node`), then environment, then `unknown_service`.
 */
export function resolveService(context: MappingContext, resource: AttributesLike): string {
  const named = text(resource['service.name']);
  const known = named?.startsWith(UNKNOWN_SERVICE) === true ? undefined : named;
  return wellFormed(
    text(context.service) ?? known ?? text(context.serviceFallback) ?? UNKNOWN_SERVICE,
  );
}

/**
 * Names the deployment environment of a record: option, then the resource by its stable and
 * its old attribute name, then environment, then `production`.
 */
export function resolveEnv(context: MappingContext, resource: AttributesLike): string {
  return wellFormed(
    text(context.env) ??
      text(resource['deployment.environment.name']) ??
      text(resource['deployment.environment']) ??
      text(context.envFallback) ??
      DEFAULT_ENV,
  );
}
