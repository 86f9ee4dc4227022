import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { AuditEvent } from '../../../src/record/event.ts';
import type { JsonObject } from '../../../src/record/json.ts';
import type { Redacted } from '../../../src/redact/redactor.ts';
import type { WireRequest } from '../../../src/wire/request.ts';
import { MAX_PAYLOAD_BYTES, encodeRequest } from '../../../src/wire/request.ts';

const sha256Hex = (text: string): string => createHash('sha256').update(text).digest('hex');

function encode(changes: Partial<AuditEvent> = {}): WireRequest {
  const event: AuditEvent = {
    signal: 'direct',
    idempotencyKey: 'key-1',
    meta: { type: 'info', event_name: 'e', request_id: 'req-1' },
    payload: { b: 1, a: 'é"\n' },
    ...changes,
  };
  // Only the redactor mints this type; what is encoded here holds no personal data.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return encodeRequest(event as Redacted<AuditEvent>, sha256Hex);
}

interface Body {
  readonly payload: string;
  readonly meta: Record<string, string>;
}
const textOf = ({ body }: WireRequest): string => Buffer.from(body).toString();
const bodyOf = (request: WireRequest): Body => JSON.parse(textOf(request)) as Body;

describe('encodeRequest', () => {
  it('writes payload as a text and meta as an object, and nothing else', () => {
    expect(textOf(encode())).toBe(
      '{"payload":"{\\"a\\":\\"é\\\\\\"\\\\n\\",\\"b\\":1}","meta":{"event_name":"e","request_id":"req-1","type":"info"}}',
    );
  });

  it('counts the bytes of the body', () => {
    const request = encode();
    expect(request.bytes).toBe(request.body.byteLength);
    expect(request.bytes).toBeGreaterThan(textOf(request).length);
  });

  it('names the request by meta.request_id, else by the key', () => {
    expect(encode()).toMatchObject({ idempotencyKey: 'key-1', requestId: 'req-1' });
    expect(encode({ meta: {} }).requestId).toBe('key-1');
  });

  it.each([null, 'text', 5, [1, 2]])('takes %j for a payload', (payload) => {
    expect(bodyOf(encode({ payload })).payload).toBe(JSON.stringify(payload));
  });

  it('clamps what is too long', () => {
    const { payload } = bodyOf(encode({ payload: { a: '€'.repeat(10_000) } }));
    expect(Buffer.byteLength(payload)).toBeLessThanOrEqual(MAX_PAYLOAD_BYTES);
    expect(JSON.parse(payload)).toHaveProperty('truncated.bytes', 30_008);
  });

  it('leaves a payload of exactly 12,000 bytes whole', () => {
    const { payload } = bodyOf(encode({ payload: { a: 'x'.repeat(MAX_PAYLOAD_BYTES - 8) } }));
    expect(payload).not.toContain('truncated');
    expect(payload).toHaveLength(MAX_PAYLOAD_BYTES);
  });

  it('leaves a payload whole that is too long with its escapes alone', () => {
    for (const text of ['"'.repeat(5990), '\\'.repeat(5990), '\n'.repeat(5990)]) {
      const payload = { a: text };
      expect(bodyOf(encode({ payload })).payload).toBe(JSON.stringify(payload));
    }
  });

  it('writes meta of any size', () => {
    const meta = Object.fromEntries(
      Array.from({ length: 200 }, (_, index) => [`key_${String(1000 + index)}`, 'é'.repeat(500)]),
    );
    const request = encode({ meta });
    expect(bodyOf(request).meta).toEqual(meta);
    expect(request.bytes).toBe(request.body.byteLength);
  });

  it('writes nothing of one event into the next', () => {
    const short = encode({ payload: 1 });
    encode({ payload: { a: 'x'.repeat(9000), b: '漢字' } });
    encode({ payload: { a: 'x'.repeat(90_000) } });
    expect(encode({ payload: 1 })).toEqual(short);
  });

  it('writes the same text for a resource that many payloads share', () => {
    const resource: JsonObject = { z: 1, a: { y: 'q"', b: 2 } };
    const payloads = (['span', 'log'] as const).map(
      (signal) =>
        bodyOf(encode({ signal, payload: { signal, resource, scope: { name: 's' } } })).payload,
    );
    expect(payloads).toEqual([
      '{"resource":{"a":{"b":2,"y":"q\\""},"z":1},"scope":{"name":"s"},"signal":"span"}',
      '{"resource":{"a":{"b":2,"y":"q\\""},"z":1},"scope":{"name":"s"},"signal":"log"}',
    ]);
  });

  it('holds meta to its limits after redaction made it longer', () => {
    const { meta } = bodyOf(
      encode({
        meta: {
          event_name: `${'n'.repeat(255)}😀`,
          error_message: 'e'.repeat(600),
          http_route: 'r'.repeat(600),
          service: 's'.repeat(300),
        },
      }),
    );
    expect(meta).toEqual({
      event_name: 'n'.repeat(255),
      error_message: 'e'.repeat(500),
      http_route: 'r'.repeat(512),
      service: 's'.repeat(300),
    });
  });
});
