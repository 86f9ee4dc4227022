/** What `OTEL_TRACES_EXPORTER` or `OTEL_LOGS_EXPORTER` asks for. */
export interface ExporterList {
  /** Whether events go to the ledger. */
  readonly ours: boolean;
  /** The exporters beside it, by their names; without repeats. */
  readonly others: readonly string[];
}

/**
 * Reads such a variable. The ledger is meant unless the value is `none` alone, which turns the
 * signal off; `immutablelog` is understood and is no exporter of the SDK's.
 */
export function readExporterList(value: string | undefined): ExporterList {
  const names = (value ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '');
  const named = names.includes('immutablelog');
  const off = names.includes('none');
  return {
    ours: named || !off,
    others: off ? [] : [...new Set(names)].filter((name) => name !== 'immutablelog'),
  };
}
