import { relative } from 'node:path';
import { foreignLogsWarning } from '../../register/logs-line.ts';
import type { Copy } from './find-copies.ts';

/** What one part of the examination found. */
export interface Finding {
  /** For a table: a name and what is there. */
  readonly rows: readonly (readonly string[])[];
  /** What is wrong and how to put it right, one sentence each. */
  readonly problems: readonly string[];
}

/** The packages that are looked for. */
export const PACKAGES: readonly string[] = [
  '@opentelemetry/api',
  '@opentelemetry/api-logs',
  '@opentelemetry/core',
  '@opentelemetry/sdk-node',
  '@opentelemetry/sdk-logs',
  '@opentelemetry/sdk-trace',
  '@opentelemetry/sdk-trace-base',
  '@opentelemetry/auto-instrumentations-node',
];

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

/** Looks at the installed OpenTelemetry packages. The nearest copy of a package comes first. */
export function checkPackages(copies: readonly Copy[], folder: string): Finding {
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
