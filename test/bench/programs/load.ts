/**
 * A constant stream of requests that does not wait for the answers: a request is made when its
 * time has come, however long those before it take, as users do.
 */
import { Pool } from 'undici';
import { serve } from '../support/serve.ts';
import { percentile } from '../support/statistics.ts';

interface Load {
  readonly url: string;
  readonly rate: number;
  readonly seconds: number;
}

function request(pool: Pool): Promise<number> {
  const began = performance.now();
  return new Promise((resolve, reject) => {
    pool.dispatch(
      { path: '/', method: 'GET' },
      {
        onRequestStart() {},
        onResponseStart() {},
        onResponseData() {},
        onResponseEnd() {
          resolve(performance.now() - began);
        },
        onResponseError(_controller, error) {
          reject(error);
        },
      },
    );
  });
}

async function run({ url, rate, seconds }: Load): Promise<object> {
  const pool = new Pool(url, { connections: 64 });
  const total = rate * seconds;
  const latencies: Promise<number>[] = [];
  const began = performance.now();
  await new Promise<void>((resolve) => {
    const tick = (): void => {
      const due = Math.min(Math.floor(((performance.now() - began) / 1000) * rate), total);
      while (latencies.length < due) latencies.push(request(pool));
      if (latencies.length < total) setTimeout(tick, 1);
      else resolve();
    };
    tick();
  });
  const all = await Promise.all(latencies);
  await pool.close();
  return { p50: percentile(all, 0.5), p99: percentile(all, 0.99), p999: percentile(all, 0.999) };
}

serve((load) => run(load as unknown as Load));
