/**
 * NestJS: each request becomes one audit event, named by a decorator.
 *
 *   npx immutablelog emulator --port 4800
 *   IMTBL_URL=http://127.0.0.1:4800 IMTBL_API_KEY=local \
 *     node --import ./examples/nestjs/instrumentation.js examples/nestjs/main.js
 *   curl -H 'content-type: application/json' -d '{"sku":"c-1"}' http://127.0.0.1:3000/orders
 *
 * Plain JavaScript, so that it runs as it is; `decorate` does what `@Get(':id')` does in TypeScript.
 */
import 'reflect-metadata';
import { Controller, Get, Module, NotFoundException, Param, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import express from 'express';
import { requestBodyDigest } from 'opentelemetry-exporter-immutablelog';
import { AuditEvent, AuditInterceptor } from './audit.js';

class AppController {
  health() {
    return { ok: true };
  }

  queue() {
    return { waiting: 0 };
  }

  /** @param {string} id */
  order(id) {
    if (id === '0') throw new NotFoundException('no such order');
    return { id };
  }

  place() {
    return { id: '1001' };
  }

  report() {
    throw new TypeError('no report for ana@example.com');
  }
}

/** @param {keyof AppController} method @param {MethodDecorator[]} decorators */
function decorate(method, ...decorators) {
  const descriptor = Object.getOwnPropertyDescriptor(AppController.prototype, method);
  for (const apply of decorators) apply(AppController.prototype, method, descriptor ?? {});
}
Controller()(AppController);
decorate('health', Get('health'));
decorate('queue', Get('internal/queue'));
decorate('order', Get('orders/:id'));
Param('id')(AppController.prototype, 'order', 0);
decorate('place', Post('orders'), AuditEvent('order.placed', { trail: 'order-1001' }));
decorate('report', Get('report'));

// oxlint-disable-next-line typescript/no-extraneous-class -- all of a module is in its decorator
class AppModule {}
Module({ controllers: [AppController] })(AppModule);

const app = await NestFactory.create(AppModule, { bodyParser: false, logger: false });
app.use(express.json({ verify: requestBodyDigest() }));
app.useGlobalInterceptors(new AuditInterceptor());
await app.listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1');
console.log(await app.getUrl());

process.once('SIGTERM', () => void app.close());
