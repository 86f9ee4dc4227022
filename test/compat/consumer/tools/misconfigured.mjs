// Ends with the error of a client that cannot be made.
import { ImmutableLogClient } from 'opentelemetry-exporter-immutablelog';

export const client = new ImmutableLogClient({ apiKey: 'local', url: 'nonsense' });
