import type { ClientCore } from '../client-core.ts';
import { ImmutableLogClient, coreOf } from '../client.ts';
import type { Environment } from '../config/env.ts';
import { MAPPING_OPTION_NAMES } from '../config/option-names.ts';
import type { ImmutableLogOptions } from '../config/options.ts';
import { ImmutableLogLogRecordExporter } from '../exporters/log-record-exporter.ts';
import { ImmutableLogSpanExporter } from '../exporters/span-exporter.ts';
import { REGISTER_DEFAULTS } from './defaults.ts';

/** Makes exporters that share their clients. */
export interface OwnExporters {
  /**
   * An exporter with these options, then the environment, then the defaults of `./register`.
   *
   * @throws ExporterError `config_invalid`, naming the option.
   */
  create(
    signal: 'span' | 'log',
    options: ImmutableLogOptions,
  ): ImmutableLogSpanExporter | ImmutableLogLogRecordExporter;
  /** What is behind the exporters made so far. */
  cores(): readonly ClientCore[];
}

type Options = Readonly<Record<string, unknown>>;

/** A default for each option that neither the options nor the environment know. */
function fill(given: Options, fromEnvironment: Options, defaults: Options): Options {
  const open = Object.entries(defaults).filter(
    ([name]) => given[name] === undefined && fromEnvironment[name] === undefined,
  );
  return { ...given, ...Object.fromEntries(open) };
}

function pick(options: Options, wanted: (name: string) => boolean): Options {
  return Object.fromEntries(Object.entries(options).filter(([name]) => wanted(name)));
}

const MAPPING: ReadonlySet<string> = new Set(MAPPING_OPTION_NAMES);
/** They name the origin of direct events too, so the client knows them. */
const SHARED: ReadonlySet<string> = new Set(['service', 'env']);

/** Makes a maker that has made nothing yet. */
export function createOwnExporters(environment: Environment): OwnExporters {
  const clients = new Map<string, ImmutableLogClient>();
  const known: Options = { ...environment.options };

  function clientFor(options: Options): ImmutableLogClient {
    const filled = fill(options, known, { ...REGISTER_DEFAULTS.client });
    const key = JSON.stringify(filled);
    const client = clients.get(key) ?? new ImmutableLogClient(filled);
    clients.set(key, client);
    return client;
  }

  return {
    create(signal, options) {
      const given: Options = { ...options };
      const client = clientFor(pick(given, (name) => !MAPPING.has(name) || SHARED.has(name)));
      const mapping = fill(
        pick(given, (name) => MAPPING.has(name)),
        known,
        { ...REGISTER_DEFAULTS.mapping },
      );
      return signal === 'span'
        ? new ImmutableLogSpanExporter({ ...mapping, client })
        : new ImmutableLogLogRecordExporter({ ...mapping, client });
    },
    cores: () => [...clients.values()].map(coreOf),
  };
}
