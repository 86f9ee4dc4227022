/**
 * pino, winston and console: what they log becomes audit events, in the trace of its request.
 *
 *   npx immutablelog emulator --port 4800
 *   IMTBL_URL=http://127.0.0.1:4800 IMTBL_API_KEY=local \
 *     node --import ./examples/loggers/instrumentation.js examples/loggers/main.js
 */
import { trace } from '@opentelemetry/api';
import { pino } from 'pino';
import winston from 'winston';

const pinoLog = pino({ level: 'debug' });
const winstonLog = winston.createLogger({
  level: 'debug',
  transports: [new winston.transports.Console()],
});

trace.getTracer('accounts').startActiveSpan('sign-in', (span) => {
  // `event.name` names the event; without it the name is `log.info`.
  pinoLog.info({ 'event.name': 'account.signed_in', 'user.id': 'usr_1' }, 'ana@example.com is in');
  winstonLog.warn('password of ana@example.com is old', { 'event.name': 'account.password_old' });
  console.error('no mail sent to %s', 'ana@example.com');

  // Below the floor `logs: 'info'`: seen in the terminal, not in the ledger.
  pinoLog.debug('cache hit');
  winstonLog.debug('cache hit');
  console.debug('cache hit');
  span.end();
});
