import type { SendContext, Transport } from '../../src/delivery/delivery.ts';
import type { AttemptOutcome } from '../../src/outcome.ts';
import type { WireRequest } from '../../src/wire/request.ts';

/** Sends, and gives the outcome as a promise; a second outcome for one send is an error. */
export function sent(
  transport: Transport,
  request: WireRequest,
  context: SendContext,
): Promise<AttemptOutcome> {
  let told = 0;
  return new Promise((resolve) => {
    transport.send(request, context, (outcome) => {
      told += 1;
      if (told > 1) throw new Error('a send ended twice');
      resolve(outcome);
    });
  });
}
