import type { LogRecordLike, ResourceLike, ScopeLike, SpanLike } from '../../src/index.ts';

/** The records whose events the README shows. */

const RESOURCE: ResourceLike = {
  attributes: { 'service.name': 'shop', 'deployment.environment.name': 'production' },
};

const SCOPE: ScopeLike = { name: 'shop' };

const SPAN_CONTEXT = {
  traceId: '5b8efff798038103d269b633813fc60c',
  spanId: 'eee19b7ec3c1b174',
  traceFlags: 1,
};

/** A server span with an e-mail address in an attribute and in the query. */
export const SPAN: SpanLike = {
  name: 'POST /orders',
  kind: 1,
  spanContext: () => SPAN_CONTEXT,
  startTime: [1_795_446_000, 1],
  endTime: [1_795_446_000, 12_345_679],
  duration: [0, 12_345_678],
  status: { code: 0 },
  attributes: {
    'http.request.method': 'POST',
    'http.response.status_code': 201,
    'http.route': '/orders',
    'url.path': '/orders',
    'url.query': 'notify=ana%40example.com',
    'client.address': '198.51.100.7',
    'user.id': 'usr_1',
    'user.email': 'ana@example.com',
  },
  events: [],
  links: [],
  resource: RESOURCE,
  instrumentationScope: SCOPE,
  droppedAttributesCount: 0,
  droppedEventsCount: 0,
  droppedLinksCount: 0,
};

/** A log record of the same trace, with the given body and attributes. */
export function logRecord(
  body: unknown,
  attributes: Readonly<Record<string, unknown>>,
): LogRecordLike {
  return {
    hrTime: [1_795_446_000, 5_000_000],
    hrTimeObserved: [1_795_446_000, 5_100_000],
    spanContext: SPAN_CONTEXT,
    severityText: 'INFO',
    severityNumber: 9,
    eventName: 'order.placed',
    body,
    attributes,
    resource: RESOURCE,
    instrumentationScope: SCOPE,
    droppedAttributesCount: 0,
  };
}
