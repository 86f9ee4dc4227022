import { describe, expect, it } from 'vitest';
import { runScript } from '../support/run-script.ts';

describe('beside another copy of the API', () => {
  it('a handler flushes the providers that are registered there too', async () => {
    const { out, err } = await runScript('test/process/fixtures/flush-line-3.js');
    expect(err).toBe('');
    expect(out.trim().split(' ').sort()).toEqual(['logs', 'spans']);
  });

  it('an audit event reaches the logs API that is part of @opentelemetry/api from 1.10 on', async () => {
    const { out, err } = await runScript('test/process/fixtures/audit-event-line-3.js');
    expect(err).toBe('');
    expect(JSON.parse(out)).toEqual({
      before: false,
      taken: true,
      count: 1,
      eventName: 'invoice.paid',
      attributes: { 'invoice.id': 'inv_42', 'immutablelog.type': 'success' },
      severityNumber: 9,
      traceId: '0af7651916cd43dd8448eb211c80319c',
    });
  });
});
