import { createRedactionCounters } from '../redact/accounting.ts';
import { canonicalForm } from '../redact/canonical.ts';
import type { DataClass } from '../redact/detectors/detector.ts';
import { createDigester } from '../redact/digest.ts';
import { createMark } from '../redact/marker.ts';
import type { RedactKey } from '../redact/options.ts';
import { resolveKey } from '../redact/resolve-key.ts';

/** What is asked about values. */
export interface DigestView {
  readonly dataClass: DataClass;
  /** The key that events are sent with. */
  readonly key: RedactKey | undefined;
  /** What stands in an attribute, what stands in free text, or both, in this order. */
  readonly columns: readonly ('attribute' | 'text')[];
  /** The option `redact.naming` of the events. */
  readonly naming: 'suffix' | 'in-place';
}

/**
 * Makes the function that shows what is stored for a value, one line without line break. It is
 * made of the parts that redaction itself is made of, and never shows the value.
 *
 * @throws ExporterError `config_invalid` for a bad key.
 */
export function createDigestLine(view: DigestView): (value: string) => string {
  const { dataClass, key, columns, naming } = view;
  const digester = createDigester(key === undefined ? undefined : resolveKey(key));
  const prefix = digester.keyed || naming === 'suffix' ? '' : 'sha256:';
  const forms = {
    attribute: (value: string) =>
      prefix + digester.ofValue(canonicalForm(value, dataClass), dataClass),
    text: createMark(digester, createRedactionCounters()),
  };
  return (value) => columns.map((column) => forms[column](value, dataClass)).join('  ');
}
