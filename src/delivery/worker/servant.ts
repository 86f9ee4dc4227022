import type { Delivery, Parcel } from '../delivery.ts';
import type { Lifetime } from '../lifetime.ts';
import type { KeyQuestions } from './key-questions.ts';
import { createLifetimeCopies } from './lifetime-copies.ts';
import type { NewsDesk } from './news-desk.ts';
import type { Command, ParcelMessage } from './protocol.ts';

/** Takes the events of the main thread and says what becomes of them. */
function createTaker(
  delivery: Delivery,
  desk: NewsDesk,
  receipts: boolean,
): (parcel: ParcelMessage, lifetime: Lifetime) => Promise<void> {
  return async (message, lifetime) => {
    const [id, , owner, awaited, deadline, idempotencyKey, requestId, body, bytes] = message;
    const onRetry = (): void => {
      desk.repeated(id);
    };
    const parcel: Parcel = { owner, awaited, deadline, lifetime, onRetry };
    const fate = await delivery.deliver({ idempotencyKey, requestId, body, bytes }, parcel);
    const when = awaited ? 'now' : 'later';
    if (fate.kind === 'spooled') {
      desk.stored(id);
      if (fate.delivered === undefined) return;
      desk.report({ kind: 'told', id, fate: await fate.delivered }, 'now');
    } else if (fate.kind === 'accepted' && !receipts && !awaited && !fate.receipt.duplicate) {
      desk.accepted(id);
    } else {
      desk.report({ kind: 'settled', id, fate }, when);
    }
  };
}

/** What doing a command needs. */
export interface ServantParts {
  readonly delivery: Delivery;
  readonly desk: NewsDesk;
  readonly keys: KeyQuestions;
  readonly receipts: boolean;
}

/** Makes the function that does what one command asks for. */
export function createServant({
  delivery,
  desk,
  keys,
  receipts,
}: ServantParts): (command: Command) => void {
  const lifetimes = createLifetimeCopies();
  const take = createTaker(delivery, desk, receipts);

  async function call(id: number, work: Promise<void>): Promise<void> {
    await work;
    desk.report({ kind: 'done', id }, 'now');
  }

  return (command) => {
    switch (command.kind) {
      case 'parcels':
        for (const parcel of command.parcels) void take(parcel, lifetimes.get(parcel[1]));
        return;
      case 'resume':
        delivery.resume();
        return;
      case 'flush':
        void call(command.id, delivery.flush());
        return;
      case 'close':
        void call(command.id, delivery.close(command.limitMs));
        return;
      case 'key':
        keys.answered(command.id, command.answer);
        return;
      case 'lifetime':
      case 'hurry':
      case 'finish':
      case 'abort':
      case 'release':
        lifetimes.apply(command);
    }
  };
}
