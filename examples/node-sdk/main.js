/**
 * NodeSDK with both exporters.
 *
 *   npx immutablelog emulator --port 4800
 *   IMTBL_URL=http://127.0.0.1:4800 IMTBL_API_KEY=local node examples/node-sdk/main.js
 *
 * An application of your own stays as it is: `node --import ./instrumentation.js app.js`.
 */
import './instrumentation.js';
import { trace } from '@opentelemetry/api';
import { SeverityNumber, logs } from '@opentelemetry/api-logs';

const tracer = trace.getTracer('signup');
const logger = logs.getLogger('signup');

tracer.startActiveSpan('user.signup', (span) => {
  span.setAttribute('user.id', 'usr_1');
  span.setAttribute('user.email', 'ana@example.com');
  logger.emit({
    eventName: 'user.created',
    severityNumber: SeverityNumber.INFO,
    body: 'welcome mail queued for ana@example.com',
    attributes: { 'user.id': 'usr_1' },
  });
  span.end();
});
