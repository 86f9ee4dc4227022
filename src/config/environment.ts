import { isExporterError } from '../errors.ts';
import type { RedactKey } from '../redact/options.ts';
import { parseRedactKey } from '../redact/resolve.ts';
import type { ImmutableLogOptions } from './options.ts';
import { LOG_CHOICES, SPAN_CHOICES } from './options.ts';
import {
  BYTES,
  COUNT,
  POSITIVE_MS,
  parseApiKey,
  parseHeaderList,
  requireEndpoint,
  requireHeaders,
  requireInteger,
} from './values.ts';

const KNOWN: ReadonlySet<string> = new Set([
  'IMTBL_API_KEY',
  'IMTBL_CONCURRENCY',
  'IMTBL_ENV',
  'IMTBL_HEADERS',
  'IMTBL_IGNORE_PATHS',
  'IMTBL_LOGS',
  'IMTBL_REDACT_KEY',
  'IMTBL_SERVICE_NAME',
  'IMTBL_SPANS',
  'IMTBL_SPOOL_DIR',
  'IMTBL_SPOOL_MAX_BYTES',
  'IMTBL_TIMEOUT_MS',
  'IMTBL_URL',
  'IMTBL_WORKER',
]);

const FLAGS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['1', true],
  ['false', false],
  ['0', false],
]);

/** A variable whose value cannot be used; it is ignored. */
export interface IgnoredVariable {
  readonly variable: string;
  readonly expected: string;
}

/** What the environment says. */
export interface Environment {
  readonly options: Omit<ImmutableLogOptions, 'service' | 'env'>;
  /** Service and environment names come after the resource, so they are kept apart. */
  readonly serviceFallback: string | undefined;
  readonly envFallback: string | undefined;
  /** `unusable`: there is one, but it cannot be read. */
  readonly redactKey: RedactKey | 'unusable' | undefined;
  readonly ignored: readonly IgnoredVariable[];
}

/** Reads one variable: the value, or `undefined` when it has none. */
type Reader = <T>(variable: string, expected: string, parse: (text: string) => T) => T | undefined;

function createReader(env: NodeJS.ProcessEnv, ignored: IgnoredVariable[]): Reader {
  return (variable, expected, parse) => {
    const text = env[variable]?.trim();
    if (text === undefined || text === '') return undefined;
    try {
      const value = parse(text);
      if (value !== undefined) return value;
    } catch (error) {
      if (!isExporterError(error)) throw error;
    }
    ignored.push({ variable, expected });
    return undefined;
  };
}

function oneOf<T extends string>(choices: readonly T[]): (text: string) => T | undefined {
  return (text) => choices.find((choice) => choice === text.toLowerCase());
}

function readRedactKey(env: NodeJS.ProcessEnv, read: Reader): Environment['redactKey'] {
  const variable = 'IMTBL_REDACT_KEY';
  const key = read(variable, '<id>:<base64 of at least 32 bytes>', parseRedactKey);
  return key === undefined && (env[variable]?.trim() ?? '') !== '' ? 'unusable' : key;
}

/** Variables that look like ours and are not: a typing error, or meant for another version. */
function unknownVariables(env: NodeJS.ProcessEnv): IgnoredVariable[] {
  return Object.keys(env)
    .filter((name) => name.startsWith('IMTBL_') && !KNOWN.has(name))
    .map((variable) => ({ variable, expected: 'a variable that this version knows' }));
}

/**
 * Reads the `IMTBL_*` variables. A value that cannot be used is reported and ignored: code is
 * reviewed, environments are not, and a typing error there must not stop an application.
 */
export function readEnvironment(env: NodeJS.ProcessEnv): Environment {
  const ignored: IgnoredVariable[] = [];
  const read = createReader(env, ignored);
  const name = (text: string): string => text;
  const options: Omit<ImmutableLogOptions, 'service' | 'env'> = {
    apiKey: read('IMTBL_API_KEY', 'printable ASCII without spaces', parseApiKey),
    url: read('IMTBL_URL', 'an https URL, or http on loopback', (text) => {
      requireEndpoint(text, false);
      return text;
    }),
    headers: read('IMTBL_HEADERS', 'name=value,name=value', (text) => {
      const headers = parseHeaderList(text);
      return headers && requireHeaders(headers);
    }),
    timeoutMs: read('IMTBL_TIMEOUT_MS', 'a number of milliseconds', (text) =>
      requireInteger('timeoutMs', Number(text), POSITIVE_MS),
    ),
    concurrency: read('IMTBL_CONCURRENCY', 'a whole number above 0', (text) =>
      requireInteger('concurrency', Number(text), COUNT),
    ),
    spool: {
      directory: read('IMTBL_SPOOL_DIR', 'a path', name),
      maxBytes: read('IMTBL_SPOOL_MAX_BYTES', 'a number of bytes', (text) =>
        requireInteger('spool.maxBytes', Number(text), BYTES),
      ),
    },
    worker: read('IMTBL_WORKER', 'true or false', (text) => FLAGS.get(text.toLowerCase())),
    spans: read('IMTBL_SPANS', SPAN_CHOICES.join(', '), oneOf(SPAN_CHOICES)),
    logs: read('IMTBL_LOGS', LOG_CHOICES.join(', '), oneOf(LOG_CHOICES)),
    ignorePaths: read('IMTBL_IGNORE_PATHS', 'paths separated by commas', (text) => {
      const paths = text.split(',').map((path) => path.trim());
      return paths.every((path) => path.startsWith('/')) ? paths : undefined;
    }),
  };
  return {
    options,
    serviceFallback: read('IMTBL_SERVICE_NAME', 'a name', name),
    envFallback: read('IMTBL_ENV', 'a name', name),
    redactKey: readRedactKey(env, read),
    ignored: [...ignored, ...unknownVariables(env)],
  };
}
