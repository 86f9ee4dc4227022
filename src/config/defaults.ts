/** What holds where neither option nor environment says otherwise; times in ms, sizes in bytes. */
export const DEFAULTS = Object.freeze({
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
  spans: 'all',
  logs: 'all',
  ignorePaths: Object.freeze(['/health', '/healthz', '/metrics']),
  warningType: 'info',
  clientIp: 'off',
} as const);
