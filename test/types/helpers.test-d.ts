import type { json } from 'express';
import type { preParsingHookHandler } from 'fastify';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import type {
  Handler,
  ImmutableLogClient,
  ImmutableLogSpanExporter,
  RequestBodyDigest,
  withImmutableLogFlush,
} from '../../src/index.ts';
import type { Assert, Assignable } from './assert.ts';

type Verify = NonNullable<NonNullable<Parameters<typeof json>[0]>['verify']>;
type NodeHttp = (
  request: IncomingMessage,
  response: ServerResponse,
  payload: IncomingMessage,
) => Readable;
type Options = NonNullable<Parameters<typeof withImmutableLogFlush>[1]>;
type LambdaHandler = (
  event: { id: string },
  context: { getRemainingTimeInMillis(): number; awsRequestId: string },
) => Promise<{ statusCode: number }>;

/** The helpers fit what they are made for. */
export type Helpers = [
  Assert<Assignable<RequestBodyDigest, Verify>>,
  Assert<Assignable<RequestBodyDigest, preParsingHookHandler>>,
  Assert<Assignable<RequestBodyDigest, NodeHttp>>,
  Assert<
    Assignable<{ client: ImmutableLogClient; exporters: [ImmutableLogSpanExporter] }, Options>
  >,
  Assert<
    Assignable<
      LambdaHandler,
      Handler<Parameters<LambdaHandler>[0], Parameters<LambdaHandler>[1], { statusCode: number }>
    >
  >,
];
