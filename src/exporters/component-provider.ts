import type { ImmutableLogOptions } from '../config/options.ts';
import { readRulesFile, rulesFromText } from '../config/rules-file.ts';
import { refuseConfig } from '../errors.ts';
import { ImmutableLogLogRecordExporter, ImmutableLogSpanExporter } from './exporters.ts';

/**
 * A component for OpenTelemetry's declarative configuration, in the shape of the specification's
 * `PluginComponentProvider`: ready for a registry, once the SDK has one. `./register` understands
 * the entry today.
 */
export interface ComponentProvider<T> {
  /** What it makes, in the words of the configuration schema. */
  readonly type: 'SpanExporter' | 'LogRecordExporter';
  /** The key of the entry: `immutablelog`. */
  readonly name: 'immutablelog';
  /**
   * Makes the component from the entry of the file: the options of the exporters in snake case,
   * such as `api_key` or `ignore_paths`.
   *
   * @throws {@link ExporterError} `config_invalid`, naming the option
   */
  create(properties: unknown): T;
}

function camel(name: string): string {
  return name.replace(/_([a-z])/g, (_match, letter: string) => letter.toUpperCase());
}

function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

// Under these names stand names of somebody else's.
const VERBATIM = new Set(['headers']);

function camelCased(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(camelCased);
  if (!isTable(value)) return value;
  const entries = Object.entries(value).filter(([, item]) => item !== null);
  return Object.fromEntries(
    entries.map(([name, item]) => [camel(name), VERBATIM.has(name) ? item : camelCased(item)]),
  );
}

/**
 * The options of an exporter as they stand in a configuration file; `redact.rules` may be the path
 * of a file of rules. What they hold is checked by the exporter itself.
 *
 * @throws ExporterError `config_invalid` when it is no mapping, or when the rules cannot be read.
 */
export function optionsFromProperties(properties: unknown): ImmutableLogOptions {
  if (properties === null || properties === undefined) return {};
  const options = camelCased(properties);
  if (!isTable(options)) refuseConfig('immutablelog must be a mapping of options');
  const { redact } = options;
  if (!isTable(redact) || !('rules' in redact)) return options;
  const withRules: Readonly<Record<string, unknown>> = {
    ...options,
    redact: { ...redact, rules: rulesOf(redact['rules']) },
  };
  return withRules;
}

/** Rules stand in the file itself or in one of their own; there is no other way to name a pattern. */
function rulesOf(rules: unknown): unknown {
  return typeof rules === 'string' ? readRulesFile(rules) : rulesFromText(rules);
}

/** Makes the span exporter from an entry of a configuration file. */
export const spanExporterProvider: ComponentProvider<ImmutableLogSpanExporter> = Object.freeze({
  type: 'SpanExporter',
  name: 'immutablelog',
  create: (properties) => new ImmutableLogSpanExporter(optionsFromProperties(properties)),
} satisfies ComponentProvider<ImmutableLogSpanExporter>);

/** Makes the log record exporter from an entry of a configuration file. */
export const logRecordExporterProvider: ComponentProvider<ImmutableLogLogRecordExporter> =
  Object.freeze({
    type: 'LogRecordExporter',
    name: 'immutablelog',
    create: (properties) => new ImmutableLogLogRecordExporter(optionsFromProperties(properties)),
  } satisfies ComponentProvider<ImmutableLogLogRecordExporter>);
