import { ImmutableLogClient, coreOf } from '../client.ts';
import type { Environment } from '../config/environment.ts';
import type { ClientOptions, ImmutableLogOptions, MappingOptions } from '../config/options.ts';
import { splitOptions } from '../config/option-table.ts';
import type { ClientCore } from '../core.ts';
import {
  ImmutableLogLogRecordProcessor,
  ImmutableLogSpanProcessor,
} from '../exporters/processors.ts';

/** What holds here where neither the environment nor a configuration file says otherwise. */
export interface RegisterDefaults {
  /** Options of the client that both processors share. */
  readonly client: ClientOptions;
  /** Options of the processors. */
  readonly mapping: Pick<MappingOptions, 'spans' | 'logs'>;
}

/**
 * The defaults in which `./register` differs from the exporters: auto-instrumentations make many
 * spans, and every event counts.
 */
export const REGISTER_DEFAULTS: RegisterDefaults = Object.freeze<RegisterDefaults>({
  client: Object.freeze({ worker: true }),
  mapping: Object.freeze({ spans: 'entry' }),
});

type Options = Readonly<Record<string, unknown>>;

/** Makes our processors; those with the same options share a client. */
export class OwnProcessors {
  readonly #known: Options;
  readonly #clients = new Map<string, ImmutableLogClient>();

  constructor(environment: Environment) {
    this.#known = { ...environment.options };
  }

  /**
   * A processor with these options, then the environment, then the defaults of `./register`.
   *
   * @throws ExporterError `config_invalid`, naming the option.
   */
  create(
    signal: 'span' | 'log',
    options: ImmutableLogOptions,
  ): ImmutableLogSpanProcessor | ImmutableLogLogRecordProcessor {
    const split = splitOptions(options);
    const client = this.#clientFor(this.#fill(split.client, { ...REGISTER_DEFAULTS.client }));
    const mapping = this.#fill(split.mapping, { ...REGISTER_DEFAULTS.mapping });
    return signal === 'span'
      ? new ImmutableLogSpanProcessor({ ...mapping, client })
      : new ImmutableLogLogRecordProcessor({ ...mapping, client });
  }

  /** What is behind the processors made so far. */
  cores(): readonly ClientCore[] {
    return [...this.#clients.values()].map(coreOf);
  }

  #clientFor(options: Options): ImmutableLogClient {
    // A pattern would be `{}` in JSON, as any other.
    const key = JSON.stringify(options, (_name, value: unknown) =>
      value instanceof RegExp ? String(value) : value,
    );
    const client = this.#clients.get(key) ?? new ImmutableLogClient(options);
    this.#clients.set(key, client);
    return client;
  }

  /** A default for each option that neither the options nor the environment know. */
  #fill(given: Options, defaults: Options): Options {
    const open = Object.entries(defaults).filter(
      ([name]) => given[name] === undefined && this.#known[name] === undefined,
    );
    return { ...given, ...Object.fromEntries(open) };
  }
}
