import type { ClientCore } from '../client-core.ts';
import { ImmutableLogClient, coreOf } from '../client.ts';
import { readEnvironment } from '../config/env.ts';
import { MAPPING_OPTION_NAMES, requireKnownOptions } from '../config/option-names.ts';
import type { ImmutableLogOptions, MappingOptions } from '../config/options.ts';
import type { MappingConfig } from '../config/resolve-mapping.ts';
import { resolveMappingConfig } from '../config/resolve-mapping.ts';

/** Options of an exporter that shares a client with others; the client stays open at its end. */
export interface SharedClientOptions extends MappingOptions {
  /** Through which events are sent; its options hold for delivery and redaction. */
  readonly client: ImmutableLogClient;
}

/** Options of an exporter: those of a client of its own, or a client to share. */
export type ExporterOptions = ImmutableLogOptions | SharedClientOptions;

/** What an exporter is built on. */
export interface ExporterParts {
  readonly core: ClientCore;
  readonly ownsClient: boolean;
  readonly mapping: MappingConfig;
}

/**
 * Takes the options of an exporter apart and makes its client, unless one was given.
 *
 * @throws ExporterError `config_invalid`, naming the option.
 */
export function resolveExporterOptions(options: ExporterOptions): ExporterParts {
  const environment = readEnvironment(process.env);
  if ('client' in options) {
    requireKnownOptions(options, ['client', ...MAPPING_OPTION_NAMES]);
    const mapping = resolveMappingConfig(options, environment);
    return { core: coreOf(options.client), ownsClient: false, mapping };
  }
  const mapping = resolveMappingConfig(options, environment);
  const { spans, logs, ignorePaths, warningType, clientIp, ...clientOptions } = options;
  const client = new ImmutableLogClient(clientOptions);
  return { core: coreOf(client), ownsClient: true, mapping };
}
