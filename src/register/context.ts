import process from 'node:process';
import type { ClientCore } from '../core.ts';
import type { OwnExporters } from './own-exporters.ts';
import type { LoadedSdk, ModuleLoader, Processor, Stoppable } from './sdk.ts';
import type { DiagLogger } from '@opentelemetry/api';
import { DiagConsoleLogger, DiagLogLevel, diag } from '@opentelemetry/api';

const LEVELS: Readonly<Record<string, DiagLogLevel>> = {
  NONE: DiagLogLevel.NONE,
  ERROR: DiagLogLevel.ERROR,
  WARN: DiagLogLevel.WARN,
  INFO: DiagLogLevel.INFO,
  DEBUG: DiagLogLevel.DEBUG,
  VERBOSE: DiagLogLevel.VERBOSE,
  ALL: DiagLogLevel.ALL,
};

function write(message: string, ...rest: readonly unknown[]): void {
  const words = [message, ...rest].map((part) => (part instanceof Error ? part.message : part));
  process.stderr.write(`${words.map(String).join(' ')}\n`);
}

// Standard output belongs to the application, and may be read by a program.
const STDERR_LOGGER: DiagLogger = {
  error: write,
  warn: write,
  info: write,
  debug: write,
  verbose: write,
};

/** Whether `OTEL_LOG_LEVEL` asks the SDK for its own logger. */
export function asksForLogger(env: NodeJS.ProcessEnv): boolean {
  return (env['OTEL_LOG_LEVEL']?.trim() ?? '') !== '';
}

/**
 * Gives `diag` a voice until the SDK brings its own: nobody wrote code here that would have, and
 * a set-up that fails must say so.
 */
export function lendVoice(env: NodeJS.ProcessEnv): void {
  if (!asksForLogger(env)) {
    diag.setLogger(STDERR_LOGGER, { logLevel: DiagLogLevel.INFO });
    return;
  }
  const level = env['OTEL_LOG_LEVEL']?.trim().toUpperCase() ?? '';
  diag.setLogger(new DiagConsoleLogger(), { logLevel: LEVELS[level] ?? DiagLogLevel.INFO });
}

/** Makes room for the SDK's own logger, right before it starts: it warns when it finds another. */
export function takeVoiceBack(): void {
  diag.disable();
}

/** What a start has to go by. */
export interface StartContext {
  readonly env: NodeJS.ProcessEnv;
  readonly loader: ModuleLoader;
  readonly sdk: LoadedSdk;
  readonly own: OwnExporters;
}

/** A set-up that runs. */
export interface Started {
  readonly sdk: Stoppable;
  /** Ours and those beside it, as far as they are known. */
  readonly processors: readonly Processor[];
  /** The clients behind our exporters. */
  readonly cores: readonly ClientCore[];
  /** What was set up, in one sentence. */
  readonly summary: string;
}
