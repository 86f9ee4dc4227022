import type { Delivery, Parcel } from '../delivery.ts';
import type { Lifetime } from '../lifetime.ts';
import type { KeyQuestions } from './key-questions.ts';
import { createLifetimeCopies } from './lifetime-copies.ts';
import type { NewsDesk } from './news-desk.ts';
import type { WireRequest } from '../../wire/wire-request.ts';
import type { Command, ParcelsCommand } from './protocol.ts';

interface TakerParts {
  readonly delivery: Delivery;
  readonly desk: NewsDesk;
  readonly receipts: boolean;
}

/** Takes one event of the main thread and says what becomes of it. */
function takeOne(
  { delivery, desk, receipts }: TakerParts,
  { id, request, parcel }: { id: number; request: WireRequest; parcel: Parcel },
): void {
  const { awaited } = parcel;
  delivery.deliver(request, parcel, (fate) => {
    if (fate.kind === 'spooled') {
      desk.stored(id);
      void fate.delivered?.then((told) => {
        desk.report({ kind: 'told', id, fate: told }, 'now');
      });
    } else if (fate.kind === 'accepted' && !receipts && !awaited && !fate.receipt.duplicate) {
      desk.accepted(id);
    } else {
      desk.report({ kind: 'settled', id, fate }, awaited ? 'now' : 'later');
    }
  });
}

function take(parts: TakerParts, command: ParcelsCommand, lifetime: Lifetime): void {
  const { desk, receipts } = parts;
  const { owner, awaited, ids, deadlines, idempotencyKeys, requestIds, sizes, bodies } = command;
  const wantsReceipt = receipts || awaited;
  let at = 0;
  for (const [index, id] of ids.entries()) {
    const bytes = sizes[index] ?? 0;
    const idempotencyKey = idempotencyKeys[index] ?? '';
    const requestId = requestIds[index] ?? '';
    const body = bodies.subarray(at, at + bytes);
    at += bytes;
    const onRetry = (): void => {
      desk.repeated(id);
    };
    const deadline = deadlines[index] ?? 0;
    const parcel = { owner, awaited, deadline, lifetime, wantsReceipt, onRetry };
    takeOne(parts, { id, request: { idempotencyKey, requestId, body, bytes }, parcel });
  }
}

/** What doing a command needs. */
export interface ServantParts extends TakerParts {
  readonly keys: KeyQuestions;
}

/** Makes the function that does what one command asks for. */
export function createServant(parts: ServantParts): (command: Command) => void {
  const { delivery, desk, keys } = parts;
  const lifetimes = createLifetimeCopies();

  async function call(id: number, work: Promise<void>): Promise<void> {
    await work;
    desk.report({ kind: 'done', id }, 'now');
  }

  return (command) => {
    switch (command.kind) {
      case 'parcels':
        take(parts, command, lifetimes.get(command.lifetime));
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
