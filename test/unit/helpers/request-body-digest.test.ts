import { createHash } from 'node:crypto';
import { PassThrough, Readable } from 'node:stream';
import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { RPCType, setRPCMetadata } from '@opentelemetry/core';
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { requestBodyDigest } from '../../../src/helpers/request-body-digest.ts';
import { spanWitness } from '../../support/otel-setup.ts';

const KEY = 'http.request.body.sha256';
const TEXT = '{ "a": 1 }';
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

let ended: ReadableSpan[];

beforeEach(() => {
  ended = [];
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
});

afterEach(() => {
  context.disable();
});

/** Runs within a span and gives its attributes after it has ended. */
async function attributesAfter(run: () => Promise<unknown> | void): Promise<object | undefined> {
  const provider = new BasicTracerProvider({ spanProcessors: [spanWitness(ended)] });
  const span = provider.getTracer('test').startSpan('request');
  await context.with(trace.setSpan(context.active(), span), run);
  span.end();
  return ended[0]?.attributes;
}

async function textOf(stream: Readable): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  return text;
}

describe('the digest of a body', () => {
  it('is set by the verify option of body-parser', async () => {
    const attributes = await attributesAfter(() => {
      requestBodyDigest()({}, {}, Buffer.from(TEXT));
    });
    expect(attributes).toEqual({ [KEY]: sha256(TEXT) });
  });

  it('is that of the bytes, over any number of chunks, which pass unchanged', async () => {
    const euro = Buffer.from('€');
    const chunks = [euro.subarray(0, 1), euro.subarray(1), Buffer.from('x')];
    let text = '';
    const attributes = await attributesAfter(async () => {
      text = await textOf(
        requestBodyDigest()({}, {}, Readable.from(chunks, { objectMode: false })),
      );
    });
    expect(text).toBe('€x');
    expect(attributes).toEqual({ [KEY]: sha256('€x') });
  });

  it('is set by the preParsing hook of Fastify, which gets the length it compares', async () => {
    let received: unknown;
    const attributes = await attributesAfter(async () => {
      const payload = await new Promise<Readable>((resolve) => {
        requestBodyDigest()({}, {}, Readable.from([Buffer.from(TEXT)]), (_error, copy) => {
          resolve(copy);
        });
      });
      expect(await textOf(payload)).toBe(TEXT);
      received = Reflect.get(payload, 'receivedEncodedLength');
    });
    expect(received).toBe(TEXT.length);
    expect(attributes).toEqual({ [KEY]: sha256(TEXT) });
  });

  it('keeps the length that an earlier hook has counted', () => {
    const payload = Object.assign(new PassThrough(), { receivedEncodedLength: 7 });
    const copy = requestBodyDigest()({}, {}, payload);
    expect(Reflect.get(copy, 'receivedEncodedLength')).toBe(7);
  });

  it('is not set for an empty body', async () => {
    const attributes = await attributesAfter(async () => {
      requestBodyDigest()({}, {}, Buffer.alloc(0));
      await textOf(requestBodyDigest()({}, {}, Readable.from([])));
    });
    expect(attributes).toEqual({});
  });

  it('is not set for a body that broke off, and the reader learns of it', async () => {
    const attributes = await attributesAfter(async () => {
      const source = new PassThrough();
      const copy = requestBodyDigest()({}, {}, source);
      source.write('half');
      setImmediate(() => source.destroy());
      await expect(textOf(copy)).rejects.toThrow('ended before its body did');
    });
    expect(attributes).toEqual({});
  });

  it('hands an error of the source on', async () => {
    const source = new PassThrough();
    const copy = requestBodyDigest()({}, {}, source);
    setImmediate(() => source.destroy(new Error('reset by peer')));
    await expect(textOf(copy)).rejects.toThrow('reset by peer');
  });

  it('goes to the span of the request, not to that of a middleware within it', async () => {
    const provider = new BasicTracerProvider({ spanProcessors: [spanWitness(ended)] });
    const tracer = provider.getTracer('test');
    const server = tracer.startSpan('POST /orders');
    const middleware = tracer.startSpan('middleware - jsonParser');
    const inside = setRPCMetadata(trace.setSpan(context.active(), middleware), {
      type: RPCType.HTTP,
      span: server,
    });
    context.with(inside, () => {
      requestBodyDigest()({}, {}, Buffer.from(TEXT));
    });
    middleware.end();
    server.end();
    expect(ended.map(({ attributes }) => attributes[KEY])).toEqual([undefined, sha256(TEXT)]);
  });

  it('harms nothing without a span', async () => {
    requestBodyDigest()({}, {}, Buffer.from(TEXT));
    expect(await textOf(requestBodyDigest()({}, {}, Readable.from([TEXT])))).toBe(TEXT);
  });
});
