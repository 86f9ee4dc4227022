import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { describe, expect, it } from 'vitest';
import type { AuditEvent } from '../../src/record/event.ts';
import { createLogMapper } from '../../src/record/from-log.ts';
import { createSpanMapper } from '../../src/record/from-span.ts';
import { createRedactionCounters } from '../../src/redact/accounting.ts';
import { sha256Hex } from '../../src/redact/digest.ts';
import type { RedactOptions } from '../../src/redact/options.ts';
import { createRedaction } from '../../src/redact/redactor.ts';
import { resolveRedactOptions } from '../../src/redact/resolve.ts';
import { encodeRequest } from '../../src/wire/request.ts';
import { createGeneratedRecords } from '../support/generated-records.ts';
import { aContext } from '../support/otel-records.ts';
import { referenceBody } from '../support/reference-body.ts';
import { ENCODED_DIGESTS } from './encoded-digests.ts';

const RECORDS = 1200;

const MODES: Readonly<Record<string, RedactOptions>> = {
  'by default': {},
  'with a key': { key: { id: 'k1', secret: 's'.repeat(32) } },
  'in place': { naming: 'in-place' },
  'detecting everything': { detect: 'all' },
  'by rules alone': { detect: 'off', stack: 'none' },
  'keeping frames': { stack: 'frames', urlQueryAllow: ['q'] },
  'in allow mode': { mode: 'allow', rules: [{ match: 'order.**', action: 'keep' }] },
  'by own rules': {
    rules: [
      { match: 'tenant.*', action: 'truncate' },
      { match: /^url\./, action: 'drop' },
      { match: 'message', action: 'mask', class: 'text' },
      { match: 'user.email', action: 'keep' },
    ],
  },
};

/** The same events each time: spans and logs of the same few programs, in turn. */
function mappedEvents(): readonly AuditEvent[] {
  const records = createGeneratedRecords(20_261_125);
  const context = aContext({ clientIp: 'raw' });
  let key = 0;
  const keyFor = (): string => `key-${String((key += 1))}`;
  const mapSpan = createSpanMapper(context, keyFor);
  const mapLog = createLogMapper(context, keyFor);
  return Array.from({ length: RECORDS }, (_, index) =>
    index % 3 === 2 ? mapLog(records.log()) : mapSpan(records.span()),
  );
}

/** One digest over every byte of the requests for all events, and what was counted on the way. */
function digestOf(options: RedactOptions): string {
  const counters = createRedactionCounters();
  const redaction = createRedaction(resolveRedactOptions(options), counters);
  const hash = createHash('sha256');
  for (const event of mappedEvents()) {
    const { idempotencyKey, requestId, body, bytes } = encodeRequest(
      redaction.event(event),
      sha256Hex,
    );
    hash.update(`${idempotencyKey}\n${requestId}\n${String(bytes)}\n`);
    hash.update(body).update('\n');
  }
  return hash.update(canonicalize(counters.snapshot()) ?? '').digest('hex');
}

describe('the bytes of 1,200 generated records', () => {
  it.each(Object.entries(MODES))('have not changed when redacted %s', (name, options) => {
    expect(digestOf(options)).toBe(ENCODED_DIGESTS[name]);
  });

  it.each(Object.entries(MODES))('are those of a plain encoder when redacted %s', (_, options) => {
    const redaction = createRedaction(resolveRedactOptions(options), createRedactionCounters());
    let whole = 0;
    for (const event of mappedEvents()) {
      const redacted = redaction.event(event);
      const { body, bytes } = encodeRequest(redacted, sha256Hex);
      expect(bytes).toBe(Buffer.byteLength(body));
      if (Buffer.byteLength(canonicalize(redacted.payload) ?? '') > 12_000) continue;
      whole += 1;
      expect(Buffer.from(body).toString()).toBe(referenceBody(redacted));
    }
    expect(whole).toBeGreaterThan(RECORDS / 2);
  });

  it('do not depend on what the redactor met before', () => {
    const options = resolveRedactOptions({});
    const seasoned = createRedaction(options, createRedactionCounters());
    for (const [index, event] of mappedEvents().entries()) {
      const request = encodeRequest(seasoned.event(event), sha256Hex);
      // One that met nothing is dear to make; the seasoned one meets them all.
      if (index % 10 !== 0) continue;
      const fresh = createRedaction(options, createRedactionCounters());
      expect(request).toEqual(encodeRequest(fresh.event(event), sha256Hex));
    }
  });
});
