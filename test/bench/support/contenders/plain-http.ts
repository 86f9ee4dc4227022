import axios from 'axios';
import { createHash, randomUUID } from 'node:crypto';
import { attributesOf } from '../span-maker.ts';
import type { Contender } from './contender.ts';
import { inWindow } from './contender.ts';

// As many as in one batch of the SDK. Without a bound, as the guides have it, each of these runs
// out of sockets long before it is any faster.
const WINDOW = 512;

interface Call {
  readonly body: object;
  readonly headers: Record<string, string>;
}

const sha256 = (value: unknown): string => createHash('sha256').update(String(value)).digest('hex');

/** An event as the guides of the ledger build it, with the same two values hashed. */
function callFor(number: number): Call {
  const attributes = attributesOf(number);
  const payload = {
    ...attributes,
    'user.email': sha256(attributes['user.email']),
    'client.address': sha256(attributes['client.address']),
    timestamp: new Date().toISOString(),
  };
  const requestId = randomUUID();
  const meta = {
    type: 'success',
    event_name: 'order.placed',
    service: 'bench',
    env: 'bench',
    request_id: requestId,
  };
  return {
    body: { payload: JSON.stringify(payload), meta },
    headers: {
      Authorization: 'Bearer bench',
      'Content-Type': 'application/json',
      'Idempotency-Key': requestId,
      'Request-Id': requestId,
    },
  };
}

/** The form of the guides: `fetch`, one promise per event, a time-out of five seconds. */
export function guideForm(url: string): Contender {
  const sendOne = async (number: number): Promise<void> => {
    const { body, headers } = callFor(number);
    const response = await fetch(`${url}/v1/events`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(5000),
    });
    if (!response.ok) throw new Error(`HTTP ${response.status}`);
    await response.json();
  };
  return { send: (events) => inWindow(events, WINDOW, sendOne) };
}

/** The same with axios. */
export function axiosForm(url: string): Contender {
  const sendOne = async (number: number): Promise<void> => {
    const { body, headers } = callFor(number);
    await axios.post(`${url}/v1/events`, body, { headers, timeout: 5000 });
  };
  return { send: (events) => inWindow(events, WINDOW, sendOne) };
}
