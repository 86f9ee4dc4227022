/** A decorator that names the events of a route, and the interceptor that reads it. */
import { SetMetadata } from '@nestjs/common';
import {
  ATTR_IMMUTABLELOG_EVENT_NAME,
  ATTR_IMMUTABLELOG_TRAIL,
  requestSpan,
} from 'opentelemetry-exporter-immutablelog';
import { tap } from 'rxjs';

const AUDIT_EVENT = 'audit-event';

/**
 * Names the event of a route; without it the name is method and route, as in `POST /orders`.
 *
 * @param {string} name
 * @param {{ trail?: string }} [options]
 */
export const AuditEvent = (name, { trail } = {}) =>
  SetMetadata(AUDIT_EVENT, {
    [ATTR_IMMUTABLELOG_EVENT_NAME]: name,
    ...(trail !== undefined && { [ATTR_IMMUTABLELOG_TRAIL]: trail }),
  });

/** Puts the name, and the error of a handler that throws, on the span of the request. */
export class AuditInterceptor {
  /**
   * @param {import('@nestjs/common').ExecutionContext} context
   * @param {import('@nestjs/common').CallHandler} next
   */
  intercept(context, next) {
    const span = requestSpan();
    span?.setAttributes(Reflect.getMetadata(AUDIT_EVENT, context.getHandler()) ?? {});
    return next.handle().pipe(tap({ error: (error) => span?.recordException(error) }));
  }
}
