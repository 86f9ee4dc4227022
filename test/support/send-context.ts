import type { OwnLifetime } from '../../src/delivery/lifetime.ts';
import { createLifetime } from '../../src/delivery/lifetime.ts';
import type { SendContext } from '../../src/delivery/delivery.ts';

/** A context with a lifetime of its own and a count of repetitions. */
export interface TestContext extends SendContext {
  readonly lifetime: OwnLifetime;
  retries: number;
}

/** Makes a context; by default nothing limits it. */
export function sendContext(deadline = Number.POSITIVE_INFINITY): TestContext {
  const context: TestContext = {
    deadline,
    lifetime: createLifetime('background'),
    wantsReceipt: true,
    retries: 0,
    onRetry: () => {
      context.retries += 1;
    },
  };
  return context;
}
