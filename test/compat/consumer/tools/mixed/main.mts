import { ExporterError, ImmutableLogSpanExporter } from 'opentelemetry-exporter-immutablelog';
import { client } from './client.mjs';
import { codeOf, exporterOf } from './exporter.cjs';

const own: ImmutableLogSpanExporter = new ImmutableLogSpanExporter({ client });
const other: ImmutableLogSpanExporter = exporterOf(client);
await Promise.all([own.shutdown(), other.shutdown(), client.close()]);
const code = codeOf(new ExporterError('aborted', 'made by the other kind of module'));
process.stdout.write(`${other instanceof ImmutableLogSpanExporter} ${code}`);
