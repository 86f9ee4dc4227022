import { ProxyTracerProvider, trace } from '@opentelemetry/api';
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

/** The tracer provider behind the API's stand-in, which cannot be flushed itself. */
function tracerProvider(): unknown {
  const registered = trace.getTracerProvider();
  return registered instanceof ProxyTracerProvider ? registered.getDelegate() : registered;
}

/** The providers that the program has registered and that can be flushed. */
export function globalProviders(): readonly FlushableProvider[] {
  return [tracerProvider(), globalLoggerProvider()].filter(isFlushable);
}
