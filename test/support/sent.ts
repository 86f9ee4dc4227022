import type { SendContext, Transport } from '../../src/delivery/delivery.ts';
import { PendingEvent } from '../../src/delivery/delivery.ts';
import type { AttemptOutcome } from '../../src/outcome.ts';
import type { WireRequest } from '../../src/wire/request.ts';

/** Sends, and gives the outcome as a promise; a second outcome for one send is an error. */
export function sent(
  transport: Transport,
  request: WireRequest,
  context: SendContext,
): Promise<AttemptOutcome> {
  return new Promise((resolve) => {
    const event = new PendingEvent(request, context, () => {
      throw new Error('a send ended twice');
    });
    event.onEnd((_, outcome) => {
      resolve(outcome);
    });
    transport.send(event);
  });
}
