// A program that brings the set-up into its bundle.
import { flush } from 'opentelemetry-exporter-immutablelog/register';

void flush().then((done) => {
  process.stdout.write(JSON.stringify(done));
});
