import process from 'node:process';
import type { Environment } from '../config/environment.ts';
import { readEnvironment } from '../config/environment.ts';
import { REDACT, listOptions, splitOptions } from '../config/option-table.ts';
import type { Destination } from '../config/resolve.ts';
import {
  resolveClientConfig,
  resolveDestination,
  resolveMappingConfig,
} from '../config/resolve.ts';
import { isExporterError } from '../errors.ts';
import { optionsFromProperties } from '../exporters/component-provider.ts';
import type { ConfigFile, OwnEntry } from '../register/config-file.ts';
import { obstacleIn, readConfigFile } from '../register/config-file.ts';
import { applicationBases, createModuleLoader, loadSdk } from '../register/sdk.ts';
import { resolveRedactOptions } from '../redact/resolve.ts';
import { foreignLogsWarning, registeredLogs } from '../runtime/otel-globals.ts';
import { ownFile, systemIds } from '../runtime/process.ts';
import { VERSION } from '../version.ts';
import { loadRedactKeys, openClient } from './client.ts';
import type { Checked, CommandIo } from './command.ts';
import { formatReceipt, formatTable, parseObject, printable } from './terminal.ts';
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

/** What `doctor` is asked about the set-up. */
export interface SetUpQuestion {
  /** Whether one test event goes to the ledger. */
  readonly send: boolean;
}

/** Looks at everything between the application and the ledger; the exit code. */
export async function checkSetUp(io: CommandIo, { send }: SetUpQuestion): Promise<number> {
  const section = (title: string, rows: readonly (readonly string[])[]): void => {
    io.stdout.write(`${title}\n${formatTable(rows.map((row) => ['', ...row]))}\n`);
  };
  const folder = process.cwd();
  const packages = checkPackages(folder);
  const configuration = checkConfiguration(io.env);
  const { apiLogs, api } = registeredLogs(globalThis);

  section('Platform', [
    ['node', process.version],
    ['system', `${process.platform} ${process.arch}`],
    ['opentelemetry-exporter-immutablelog', VERSION],
  ]);
  section('OpenTelemetry packages that the application finds', packages.rows);
  section('Globals for logs', [
    ['@opentelemetry/api-logs (SDK 2.x)', registration(apiLogs)],
    ['@opentelemetry/api 1.10 (SDK 3.x)', registration(api)],
  ]);
  section('Configuration', configuration.rows);

  const problems = [...packages.problems, ...configuration.problems];
  if (send && configuration.problems.length > 0) {
    io.stdout.write('Test event\n  not sent: the configuration has problems\n\n');
  } else if (send) {
    const sent = await sendTestEvent(io);
    io.stdout.write(`Test event\n${sent.ok ? indent(sent.value) : '  not recorded\n'}\n`);
    if (!sent.ok) problems.push(sent.mistake);
  }
  for (const problem of problems) io.stdout.write(`problem: ${printable(problem)}\n`);
  if (problems.length === 0) io.stdout.write('no problem found\n');
  return problems.length === 0 ? 0 : 1;
}

function registration(present: boolean): string {
  return present ? 'a provider is registered' : 'nothing is registered in this process';
}

function indent(text: string): string {
  return text.replace(/^(?=.)/gm, '  ');
}

/** What one part of the examination found. */
interface Finding {
  /** For a table: a name and what is there. */
  readonly rows: readonly (readonly string[])[];
  /** What is wrong and how to put it right, one sentence each. */
  readonly problems: readonly string[];
}

/** The packages that are looked for. */
const PACKAGES: readonly string[] = [
  '@opentelemetry/api',
  '@opentelemetry/api-logs',
  '@opentelemetry/core',
  '@opentelemetry/sdk-node',
  '@opentelemetry/sdk-logs',
  '@opentelemetry/sdk-trace',
  '@opentelemetry/sdk-trace-base',
  '@opentelemetry/auto-instrumentations-node',
];

/** Looks at the OpenTelemetry packages that modules in a folder find. */
function checkPackages(folder: string): Finding {
  const copies = findCopies(folder, PACKAGES);
  const rows = PACKAGES.map((name) =>
    rowOf(
      name,
      copies.filter((copy) => copy.name === name),
      folder,
    ),
  );
  const api = versionsOf(copies, '@opentelemetry/api');
  const warning = foreignLogsWarning({
    listening: listening(versionsOf(copies, '@opentelemetry/sdk-logs')[0]),
    apiVersion: api[0],
    apiLogsVersion: versionsOf(copies, '@opentelemetry/api-logs')[0],
  });
  return { rows, problems: [...apiProblems(api), ...(warning === undefined ? [] : [warning])] };
}

function versionsOf(copies: readonly Copy[], name: string): readonly string[] {
  return copies.filter((copy) => copy.name === name).map(({ version }) => version);
}

/** Which logs API an SDK of that version listens to; its first stable version was 3. */
function listening(sdkLogs: string | undefined): 'api-logs' | 'api' | 'none' {
  if (sdkLogs === undefined) return 'none';
  return sdkLogs.startsWith('0.') ? 'api-logs' : 'api';
}

function apiProblems(versions: readonly string[]): readonly string[] {
  if (versions.length === 0) {
    return ['@opentelemetry/api is not installed here: npm install @opentelemetry/api'];
  }
  const distinct = [...new Set(versions)];
  if (distinct.length === 1) return [];
  return [
    `@opentelemetry/api is installed in the versions ${distinct.join(' and ')}: what registers ` +
      'through one may be invisible through another; let all packages share one (npm dedupe)',
  ];
}

/** The copy that the application finds, and the others in one cell. */
function rowOf(name: string, copies: readonly Copy[], folder: string): readonly string[] {
  const [nearest, ...others] = copies;
  if (nearest === undefined) return [name, 'not installed'];
  const versions = [...new Set(others.map(({ version }) => version))].join(', ');
  const more = others.length === 0 ? '' : `; further copies: ${others.length} (${versions})`;
  return [name, nearest.version, `${relative(folder, nearest.folder)}${more}`];
}

/** One installed copy of a package. */
interface Copy {
  readonly name: string;
  readonly version: string;
  readonly folder: string;
}

/**
 * All copies of some packages that modules in a folder may find, at any depth; of each package the
 * one that the folder itself finds comes first.
 */
function findCopies(folder: string, names: readonly string[]): readonly Copy[] {
  const wanted = new Set(names);
  const copies: Copy[] = [];
  for (let at = folder; ; at = dirname(at)) {
    const found = copiesUnder(join(at, 'node_modules'), wanted);
    copies.push(...found.sort((a, b) => a.folder.length - b.folder.length));
    if (dirname(at) === at) return copies;
  }
}

function foldersIn(folder: string): readonly string[] {
  try {
    // Links lead to folders that are found where they are.
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
  } catch {
    return [];
  }
}

function copyAt(folder: string, name: string): Copy[] {
  try {
    const version = parseObject(readFileSync(join(folder, 'package.json'), 'utf8'))?.['version'];
    return typeof version === 'string' ? [{ name, version, folder }] : [];
  } catch {
    return [];
  }
}

function copiesAt(folder: string, name: string, wanted: ReadonlySet<string>): Copy[] {
  const own = wanted.has(name) ? copyAt(folder, name) : [];
  return [...own, ...copiesUnder(join(folder, 'node_modules'), wanted)];
}

function copiesUnder(modules: string, wanted: ReadonlySet<string>): Copy[] {
  return foldersIn(modules).flatMap((name) => {
    const folder = join(modules, name);
    if (name.startsWith('@')) {
      return foldersIn(folder).flatMap((inner) =>
        copiesAt(join(folder, inner), `${name}/${inner}`, wanted),
      );
    }
    // pnpm keeps every package in a folder of its own there.
    if (name === '.pnpm') {
      return foldersIn(folder).flatMap((store) =>
        copiesUnder(join(folder, store, 'node_modules'), wanted),
      );
    }
    return copiesAt(folder, name, wanted);
  });
}

/** Shows what the exporters would go by in this environment, secrets hidden. */
function checkConfiguration(env: CommandIo['env']): Finding {
  const read = readEnvironment({ ...env });
  const given: Readonly<Record<string, unknown>> = {
    ...read.options,
    service: read.serviceFallback,
    env: read.envFallback,
  };
  const presets = listOptions()
    .filter(({ preset }) => preset !== undefined)
    .map(({ path, preset }) => [path.split('.').at(-1) ?? path, preset] as const);
  const defaults: Readonly<Record<string, unknown>> = {
    ...Object.fromEntries<unknown>(presets),
    service: 'unknown_service',
    env: 'production',
  };
  const names = [...new Set(['apiKey', ...Object.keys(given), ...Object.keys(defaults)])];
  const destination = resolveDestination({}, read);
  const rows = names.flatMap((name) => {
    if (name === 'url') return [destinationRow(destination, given['url'] === undefined)];
    if (given[name] !== undefined) return [[name, shown(name, given[name]), 'environment']];
    if (name in defaults) return [[name, shown(name, defaults[name]), 'default']];
    return name === 'apiKey' ? [[name, 'not set', '']] : [];
  });
  const { withheld } = destination;
  const problems = read.ignored
    .filter(({ variable }) => variable !== withheld?.variable)
    .map(({ variable, expected }) => `${variable} is ignored: expected ${expected}`);
  if (withheld !== undefined) {
    const { variable, expected } = withheld;
    problems.unshift(`nothing is sent: ${variable} cannot be used, expected ${expected}`);
  }
  const file = checkFile(env, read);
  const needsKey = file === undefined || file.needsKey;
  if (needsKey && (env['IMTBL_API_KEY']?.trim() ?? '') === '') {
    problems.unshift('IMTBL_API_KEY is not set');
  }
  const { rows: fileRows = [], problems: fileProblems = [] } = file ?? {};
  return {
    rows: [...rows, keyRow(env), ...redactRows(read), ...fileRows],
    problems: [...problems, ...fileProblems],
  };
}

/** Looks at what `./register` would start from in place of the variables, where one is named. */
function checkFile(
  env: CommandIo['env'],
  environment: Environment,
): (Finding & { readonly needsKey: boolean }) | undefined {
  const path = env['OTEL_CONFIG_FILE']?.trim() ?? '';
  if (path === '') return undefined;
  const search = loadSdk(createModuleLoader([...applicationBases([], process.cwd()), ownFile()]));
  const file: ConfigFile = search.ok
    ? readConfigFile(path, search.sdk.own)
    : { kind: 'refused', why: search.why };
  const obstacle = obstacleIn(file);
  if (file.kind === 'refused' || obstacle !== undefined) {
    return { rows: [], problems: obstacle === undefined ? [] : [obstacle], needsKey: true };
  }
  const { entries } = file;
  const problems = entries.flatMap((entry) => mistakeIn(entry, environment));
  const needsKey = !entries.every(({ properties }) => hasKey(properties));
  return { rows: [['OTEL_CONFIG_FILE', `${entries.length} immutablelog`, '']], problems, needsKey };
}

function mistakeIn({ signal, properties }: OwnEntry, environment: Environment): readonly string[] {
  try {
    const { client, mapping } = splitOptions(optionsFromProperties(properties));
    resolveClientConfig({ apiKey: 'given', ...client }, environment, systemIds);
    resolveMappingConfig(mapping, environment);
    return [];
  } catch (error) {
    if (!isExporterError(error)) throw error;
    return [`OTEL_CONFIG_FILE, immutablelog of the ${signal}s: ${error.message}`];
  }
}

function hasKey(properties: unknown): boolean {
  return typeof properties === 'object' && properties !== null && 'api_key' in properties;
}

/** Where events go, or the variable because of which they go nowhere. */
function destinationRow(
  { endpoint, proxy, withheld }: Destination,
  isPreset: boolean,
): readonly string[] {
  if (withheld !== undefined) return ['url', 'nowhere: nothing is sent', withheld.variable];
  const way = proxy.kind === 'proxy' ? ` through the proxy ${new URL(proxy.url).host}` : '';
  return ['url', `${endpoint.origin}${endpoint.path}${way}`, isPreset ? 'default' : 'environment'];
}

/** A value in words that give no secret away. */
function shown(option: string, value: unknown): string {
  if (option === 'apiKey') return 'set (hidden)';
  if (option === 'headers' && typeof value === 'object' && value !== null) {
    return `${Object.keys(value).join(', ')} (values hidden)`;
  }
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function keyRow(env: CommandIo['env']): readonly string[] {
  const loaded = loadRedactKeys(env);
  if (!loaded.ok) return ['redact.key', 'unusable', 'IMTBL_REDACT_KEY'];
  const [active, ...older] = loaded.value.map(({ id }) => id);
  if (active === undefined) return ['redact.key', 'not set: digests are plain SHA-256', ''];
  const shownKeys =
    older.length === 0
      ? `${active} (secret hidden)`
      : `${active}, then ${older.join(', ')} (secrets hidden)`;
  return ['redact.key', shownKeys, 'environment'];
}

/** What is taken out by the variables; a rule may name what is secret itself. */
function redactRows({ redact, unusable }: Environment): readonly (readonly string[])[] {
  const { rules, mode, detect } = resolveRedactOptions({ ...redact, key: undefined });
  const count = rules.length === 1 ? '1 rule' : `${rules.length} rules`;
  const shownRules = rules.length === 0 ? 'none' : count;
  const values = { rules: shownRules, mode, detect } as const;
  return (['rules', 'mode', 'detect'] as const).map((name) => {
    const row = `redact.${name}`;
    if (unusable.has(name)) return [row, 'unusable', REDACT[name].variable?.name ?? ''];
    return [row, values[name], redact[name] === undefined ? 'default' : 'environment'];
  });
}

/** Sends one event, once: its receipt in words, or the exact reason why there is none. */
async function sendTestEvent(io: CommandIo): Promise<Checked<string>> {
  const opened = openClient(io.env, { maxRetries: 0 });
  if (!opened.ok) {
    return { ok: false, mistake: `the test event was not sent: ${opened.mistake}` };
  }
  const client = opened.value;
  try {
    const event = {
      eventName: 'immutablelog.doctor',
      payload: { check: 'doctor', package_version: VERSION },
    };
    const receipt = await client.send(event, { signal: io.signal });
    return { ok: true, value: formatReceipt(receipt) };
  } catch (error) {
    if (!isExporterError(error)) throw error;
    return { ok: false, mistake: `the test event was lost, ${error.code}: ${error.message}` };
  } finally {
    await client.close();
  }
}
