import { trace } from '@opentelemetry/api';
import { globalLoggerProvider } from './logs-global.ts';

/** A provider that can be flushed; those of the SDK can, those of the bare API cannot. */
interface FlushableProvider {
  forceFlush(): Promise<void>;
}

function isFlushable(provider: unknown): provider is FlushableProvider {
  return (
    typeof provider === 'object' &&
    provider !== null &&
    'forceFlush' in provider &&
    typeof provider.forceFlush === 'function'
  );
}

function isStandIn(provider: object): provider is { getDelegate(): unknown } {
  return 'getDelegate' in provider && typeof provider.getDelegate === 'function';
}

/** The tracer provider behind the API's stand-in, which may be one of another copy of the API. */
function tracerProvider(): unknown {
  const registered: object = trace.getTracerProvider();
  return isStandIn(registered) ? registered.getDelegate() : registered;
}

/** The providers that the program has registered and that can be flushed. */
export function globalProviders(): readonly FlushableProvider[] {
  return [tracerProvider(), globalLoggerProvider()].filter(isFlushable);
}
