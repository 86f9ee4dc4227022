// Ends with the error of a client that cannot be made.
'use strict';

const { ImmutableLogClient } = require('opentelemetry-exporter-immutablelog');

module.exports = new ImmutableLogClient({ apiKey: 'local', url: 'nonsense' });
