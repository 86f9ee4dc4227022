import { ImmutableLogClient } from 'opentelemetry-exporter-immutablelog';

export const client: ImmutableLogClient = new ImmutableLogClient({ apiKey: 'key' });
