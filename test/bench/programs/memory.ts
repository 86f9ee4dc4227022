/** Offers events to a sink that never answers, and watches the memory of the process. */
import { setImmediate as turn } from 'node:timers/promises';
import { ImmutableLogClient } from '../../../src/index.ts';
import { temporarySpool } from '../support/contenders/index.ts';
import { optionsFor } from '../support/contenders/ours.ts';
import { isUnknownOption } from '../support/not-in-build.ts';
import { serve } from '../support/serve.ts';
import { attributesOf } from '../support/span-maker.ts';
import { requireWorker, watchWorker } from '../support/worker-trouble.ts';

const MIB = 1024 * 1024;
const STEP = 512;
const [variant = '', url = ''] = process.argv.slice(2);
const extras: Readonly<Record<string, () => object>> = {
  inline: () => ({}),
  worker: () => ({ worker: true }),
  spool: temporarySpool,
};

function makeClient(): ImmutableLogClient | undefined {
  try {
    return new ImmutableLogClient(optionsFor(url, extras[variant]?.()));
  } catch (error) {
    if (isUnknownOption(error)) return undefined;
    throw error;
  }
}

function resident(): number {
  return process.memoryUsage.rss() / MIB;
}

/** Bytes that the program still holds on to, on the heap and beside it. */
function held(): number {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return (heapUsed + external) / MIB;
}

watchWorker();
const client = makeClient();

async function offer(events: number): Promise<object> {
  if (client === undefined) return { missing: true };
  await turn();
  const heldIdle = held();
  const idle = resident();
  let peak = idle;
  let peakHalfway = idle;
  for (let offered = 0; offered < events; offered += STEP) {
    for (let number = offered; number < offered + STEP; number += 1) {
      client.sendAsync({ eventName: 'order.placed', payload: attributesOf(number) });
    }
    await turn();
    peak = Math.max(peak, resident());
    if (offered < events / 2) peakHalfway = peak;
  }
  requireWorker();
  const heldNow = held();
  const { emitted, accepted, filtered, spooled, dropped, inFlight } = client.stats();
  const lost = Object.values(dropped).reduce((sum, count) => sum + count, 0);
  const settled = accepted + filtered + spooled + lost;
  return {
    grown: peak - idle,
    halfway: peakHalfway - idle,
    held: heldNow - heldIdle,
    unaccounted: emitted - settled - inFlight,
  };
}

serve(({ events }) => offer(Number(events)));
