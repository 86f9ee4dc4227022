import { diag } from '@opentelemetry/api';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  announce,
  isOwnWords,
  otelDiagnostics,
  ownWords,
} from '../../../src/runtime/diagnostics.ts';

describe('isOwnWords', () => {
  it('knows a sentence again wherever a logger puts it', () => {
    const words = ownWords('1 of 1 events were not accepted: 1 deadline');
    expect(isOwnWords(words)).toBe(true);
    expect(isOwnWords(JSON.stringify({ stack: `ExporterError: ${words}\n at x` }))).toBe(true);
  });

  it('takes nothing else for its own', () => {
    ownWords('2 of 2 events were not accepted: 2 deadline');
    expect(isOwnWords('immutablelog exporter: configured')).toBe(false);
    expect(isOwnWords('2 of 2 events were not accepted: 2 deadline')).toBe(false);
    expect(isOwnWords({ body: 'immutablelog exporter: x' })).toBe(false);
    expect(isOwnWords(undefined)).toBe(false);
  });

  it('forgets the oldest sentences first', () => {
    const first = ownWords('the first');
    for (let index = 0; index < 127; index += 1) ownWords(`sentence ${index}`);
    expect(isOwnWords(first)).toBe(true);
    ownWords('one more');
    expect(isOwnWords(first)).toBe(false);
  });
});

describe('what is told of the package', () => {
  function loggedBy(warn: (...words: readonly unknown[]) => void): void {
    const ignore = (): void => {};
    const logger = { error: ignore, warn, info: ignore, debug: ignore, verbose: ignore };
    diag.setLogger(logger, { suppressOverrideMessage: true });
    onTestFinished(() => {
      diag.disable();
    });
  }

  it('has one prefix', () => {
    const said: unknown[] = [];
    loggedBy((...words) => said.push(...words));
    announce('warn', 'something happened');
    expect(said).toEqual(['immutablelog exporter: something happened']);
  });

  it('harms nobody when the logger of the program throws', () => {
    loggedBy(() => {
      throw new Error('broken logger');
    });
    expect(() => {
      otelDiagnostics.report({ code: 'worker_died', detail: 'exit code 1' });
    }).not.toThrow();
  });
});
