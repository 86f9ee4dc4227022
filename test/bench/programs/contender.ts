/** One contender in a process of its own, so that none disturbs the memory of another. */
import { performance } from 'node:perf_hooks';
import { CONTENDERS } from '../support/contenders/index.ts';
import { isUnknownOption } from '../support/not-in-build.ts';
import { serve } from '../support/serve.ts';
import { requireWorker, watchWorker } from '../support/worker-trouble.ts';

const [name = '', url = ''] = process.argv.slice(2);
const make = CONTENDERS[name];
if (make === undefined) throw new Error(`no contender ${name}`);

function attempt(): ReturnType<NonNullable<typeof make>> | undefined {
  try {
    return make?.(url);
  } catch (error) {
    if (isUnknownOption(error)) return undefined;
    throw error;
  }
}

watchWorker();
const contender = attempt();

serve(async ({ events }) => {
  if (contender === undefined) return { missing: true };
  if (typeof events !== 'number') return {};
  globalThis.gc?.();
  const loop = performance.eventLoopUtilization();
  const cpu = process.cpuUsage();
  const began = performance.now();
  await contender.send(events);
  const seconds = (performance.now() - began) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const { active } = performance.eventLoopUtilization(loop);
  requireWorker();
  return {
    eventsPerSecond: events / seconds,
    cpuUs: (user + system) / events,
    mainUs: (active * 1000) / events,
  };
});
