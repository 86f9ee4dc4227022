import type { LogSelection, SpanSelection } from '../record/select.ts';

/** One value for every option that has a default; times in ms, sizes in bytes. */
export interface Defaults {
  readonly url: string;
  readonly timeoutMs: number;
  readonly deadlineMs: number;
  readonly maxRetries: number;
  readonly initialDelayMs: number;
  readonly maxDelayMs: number;
  readonly concurrency: number;
  readonly maxPendingBytes: number;
  readonly quotaProbeMs: number;
  readonly shutdownTimeoutMs: number;
  readonly maxBytes: number;
  readonly spans: SpanSelection;
  readonly logs: LogSelection;
  readonly ignorePaths: readonly string[];
  readonly warningType: 'info' | 'warning';
  readonly clientIp: 'off' | 'raw';
}

/** What holds where neither option nor environment says otherwise. */
export const DEFAULTS: Defaults = Object.freeze<Defaults>({
  url: 'https://api.immutablelog.com',
  timeoutMs: 5_000,
  deadlineMs: 25_000,
  maxRetries: 5,
  initialDelayMs: 500,
  maxDelayMs: 60_000,
  concurrency: 32,
  maxPendingBytes: 64 * 1024 * 1024,
  quotaProbeMs: 3_600_000,
  shutdownTimeoutMs: 5_000,
  maxBytes: 1024 * 1024 * 1024,
  spans: 'all',
  logs: 'all',
  ignorePaths: Object.freeze(['/health', '/healthz', '/metrics']),
  warningType: 'info',
  clientIp: 'off',
});
