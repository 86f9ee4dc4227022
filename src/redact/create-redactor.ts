import { toJsonValue } from '../record/attribute-value.ts';
import type { JsonValue } from '../record/json.ts';
import { createRedactionCounters, type RedactionStats } from './accounting.ts';
import type { DataClass } from './detectors/detector.ts';
import { createEngine } from './engine.ts';
import { ERROR_MARKER } from './marker.ts';
import type { RedactOptions } from './options.ts';
import { resolveRedactOptions } from './resolve.ts';

/** Redaction on its own, for what a program sends or writes elsewhere. */
export interface Redactor {
  /**
   * A redacted copy of a value as JSON holds it. A string counts as free text, an object as a
   * direct payload. Never throws and never changes the value.
   */
  redact(value: unknown): JsonValue;
  /** Free text with everything found in it replaced. Never throws. */
  redactText(text: string): string;
  /** What stands in an attribute for a value of a class. */
  digest(value: string, dataClass?: DataClass): string;
  /** Counts of what was done so far. */
  stats(): RedactionStats;
}

/**
 * Makes a {@link Redactor}, the same that every event passes.
 *
 * @throws ExporterError `config_invalid`, naming the option.
 */
export function createRedactor(options?: RedactOptions): Redactor {
  const counters = createRedactionCounters();
  const { tree, search, digester } = createEngine(resolveRedactOptions(options), counters);
  return {
    redact(value) {
      try {
        const copy = toJsonValue(value);
        return tree(copy, typeof copy === 'string' ? 'text' : 'name') ?? null;
      } catch {
        counters.error();
        return ERROR_MARKER;
      }
    },
    redactText: (text) => search(text, 'text') ?? '',
    digest: (value, dataClass = 'text') => digester.ofValue(value, dataClass),
    stats: () => counters.snapshot(),
  };
}
