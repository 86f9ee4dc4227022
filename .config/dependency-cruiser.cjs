'use strict';

/** Who may import whom: the layers of the package, one row per rule. */
const only = (name, from, allowed) => ({
  name,
  severity: 'error',
  from: { path: from },
  to: { path: '^src/', pathNot: [from, ...allowed] },
});

const LEAVES = '^src/(errors|outcome|version)[.]ts$';
const RUNTIME = '^src/runtime/';
const PURE_DELIVERY = '^src/delivery/answer[.]ts$';

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-orphans', severity: 'error', from: { orphan: true, path: '^src/' }, to: {} },
    only('leaves-import-nothing', LEAVES, []),
    only('runtime-sees-leaves', RUNTIME, [LEAVES]),
    only('record-is-pure', '^src/record/', [LEAVES]),
    only('redact-sees-records', '^src/redact/', [LEAVES, '^src/record/']),
    only('wire-sees-redacted-records', '^src/wire/', [
      LEAVES,
      '^src/record/(event|json|schema)[.]ts$',
      '^src/redact/redactor[.]ts$',
    ]),
    {
      name: 'wire-takes-the-proof-of-the-redactor-alone',
      severity: 'error',
      from: { path: '^src/wire/' },
      to: { path: '^src/redact/', dependencyTypesNot: ['type-only'] },
    },
    only('config-sees-pure-layers', '^src/config/', [LEAVES, '^src/(record|redact)/', RUNTIME]),
    only('delivery-rules-are-pure', PURE_DELIVERY, [
      LEAVES,
      RUNTIME,
      '^src/(config|wire)/',
      '^src/delivery/delivery[.]ts$',
    ]),
    only('telemetry-sees-leaves', '^src/telemetry/', [LEAVES, RUNTIME]),
    only('spool-sees-leaves-and-runtime', '^src/spool/', [LEAVES, RUNTIME]),
    {
      name: 'the-spool-reaches-the-system-in-its-adapters',
      severity: 'error',
      from: { path: '^src/spool/', pathNot: '^src/spool/node-' },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?(path|process|zlib)$' },
    },
    only('delivery-does-not-know-who-calls', '^src/delivery/', [
      LEAVES,
      RUNTIME,
      '^src/(config|record|redact|wire|telemetry|spool)/',
    ]),
    only('the-worker-stands-on-delivery', '^src/worker/', [
      LEAVES,
      RUNTIME,
      '^src/(config|record|redact|wire|telemetry|spool|delivery)/',
    ]),
    only('helpers-see-records', '^src/helpers/', [LEAVES, '^src/record/', RUNTIME]),
    {
      name: 'helpers-use-crypto-and-streams-alone',
      severity: 'error',
      from: { path: '^src/helpers/' },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?(crypto|stream)$' },
    },
    {
      name: 'emulator-is-an-independent-witness',
      severity: 'error',
      from: { path: '^src/emulator/' },
      to: {
        path: '^src/',
        pathNot: ['^src/emulator/', '^src/outcome[.]ts$', '^src/version[.]ts$'],
      },
    },
    {
      name: 'browser-code-is-whole-in-its-folder',
      severity: 'error',
      from: { path: '^src/emulator/viewer/browser/' },
      to: { pathNot: '^src/emulator/viewer/browser/' },
    },
    {
      name: 'nobody-imports-browser-code',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/emulator/viewer/browser/' },
      to: { path: '^src/emulator/viewer/browser/' },
    },
    {
      name: 'nobody-imports-the-cli',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/cli/' },
      to: { path: '^src/cli/' },
    },
    {
      name: 'the-core-knows-no-surface',
      severity: 'error',
      from: {
        path: '^src/',
        pathNot: '^src/(exporters/|helpers/|register([.]ts$|/)|cli/|index[.]ts$)',
      },
      to: { path: '^src/(exporters/|helpers/|index[.]ts$)' },
    },
    {
      name: 'nobody-imports-the-set-up',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(register([.]ts$|/)|cli/)' },
      to: { path: '^src/register([.]ts$|/)' },
    },
    {
      name: 'undici-in-one-place',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(delivery/http/transport[.]|config/options)' },
      to: { path: 'node_modules/undici' },
    },
    {
      name: 'opentelemetry-in-few-places',
      severity: 'error',
      from: { path: '^src/(record|redact|wire|delivery|worker|emulator|cli)/' },
      to: { path: 'node_modules/@opentelemetry' },
    },
    {
      name: 'no-sdk-at-all',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: 'node_modules/@opentelemetry/(sdk|resources|exporter|otlp|instrumentation)' },
    },
    {
      name: 'pure-layers-use-no-node-modules',
      severity: 'error',
      from: {
        path: '^src/(config|record|redact|wire)/|' + PURE_DELIVERY,
        pathNot: '^src/redact/(digest|detectors/network)',
      },
      to: { dependencyTypes: ['core'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
