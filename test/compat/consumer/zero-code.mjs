// An application that sets nothing up. Argument: the line, 2 or 3.
import { trace } from '@opentelemetry/api';

const { logs } = await import(
  process.argv[2] === '2' ? '@opentelemetry/api-logs' : '@opentelemetry/api'
);
trace.getTracer('app').startActiveSpan('job.run', (span) => {
  logs.getLogger('app').emit({ eventName: 'job.done' });
  span.end();
});
