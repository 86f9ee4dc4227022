import { OwnSendScope } from '../../src/delivery/send-scope.ts';
import type { SendContext } from '../../src/delivery/delivery.ts';

/** A context with a scope of its own and a count of repetitions. */
export interface TestContext extends SendContext {
  readonly scope: OwnSendScope;
  retries: number;
}

/** Makes a context; by default nothing limits it. */
export function sendContext(deadline = Number.POSITIVE_INFINITY): TestContext {
  const context: TestContext = {
    sourceId: 0,
    deadline,
    awaited: false,
    scope: new OwnSendScope('background'),
    wantsReceipt: true,
    retries: 0,
    onRetry: () => {
      context.retries += 1;
    },
  };
  return context;
}
