import { diag } from '@opentelemetry/api';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
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

  it('waits for the logger of the program, which comes after the exporters', () => {
    const lines: unknown[] = [];
    otelDiagnostics.report({ code: 'resource_still_pending' });
    otelDiagnostics.report({ code: 'traffic_resumed' });
    otelDiagnostics.catchUp();
    loggedBy((words) => lines.push(words));
    otelDiagnostics.catchUp();
    otelDiagnostics.catchUp();
    expect(lines).toEqual([expect.stringContaining('resource attributes were still pending')]);
  });

  it('waits in no queue without bounds', () => {
    const lines: unknown[] = [];
    for (let index = 0; index < 1_000; index += 1) {
      otelDiagnostics.report({ code: 'resource_still_pending' });
    }
    loggedBy((words) => lines.push(words));
    otelDiagnostics.report({ code: 'flush_incomplete', count: 1 });
    expect(lines).toHaveLength(33);
    expect(lines.at(-1)).toContain('1 event(s) were still under way');
  });

  it('names all wrong variables in one warning of the process, where there is no logger', () => {
    const warnings: unknown[] = [];
    vi.spyOn(process, 'emitWarning').mockImplementation((words) => void warnings.push(words));
    onTestFinished(() => void vi.restoreAllMocks());
    const wrong = [
      { variable: 'IMTBL_A', expected: 'a' },
      { variable: 'IMTBL_B', expected: 'b' },
    ];
    otelDiagnostics.report({ code: 'variables_wrong', wrong, withheld: false });
    otelDiagnostics.report({ code: 'variables_wrong', wrong, withheld: true });
    expect(warnings).toEqual([
      'IMTBL_A is ignored: expected a; IMTBL_B is ignored: expected b',
      'nothing is sent: IMTBL_A cannot be used, expected a; IMTBL_B is ignored: expected b',
    ]);
  });
});
