// A program that brings the set-up into its bundle.
import 'opentelemetry-exporter-immutablelog/register';

process.stdout.write('ran');
