import { diag } from '@opentelemetry/api';
import { runAsOwn } from './own-context.ts';
import { ownWords } from './own-words.ts';

const logger = diag.createComponentLogger({ namespace: 'opentelemetry-exporter-immutablelog' });

/** How much a sentence matters: `info` for what was done, `warn` for what was not. */
export type Weight = 'info' | 'warn';

/**
 * Says one sentence of the set-up through OpenTelemetry's `diag`, in such a way that it never
 * becomes an event. It must hold no key, no URL and no value of the environment.
 */
export function announce(weight: Weight, sentence: string): void {
  runAsOwn(() => {
    logger[weight](ownWords(sentence));
  });
}
