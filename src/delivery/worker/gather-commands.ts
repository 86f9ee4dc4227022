import type { PendingParcel } from './pending-parcels.ts';
import type { Command, ParcelsCommand, PlainCommand } from './protocol.ts';

/** An event to be posted, under the number that the thread knows its lifetime by. */
export interface OutgoingParcel {
  readonly kind: 'parcel';
  readonly lifetime: number;
  readonly open: PendingParcel;
}

/** What waits to be posted to the thread. */
export type Outgoing = PlainCommand | OutgoingParcel;

/** What can be written under one heading. */
function goTogether(a: OutgoingParcel, b: OutgoingParcel): boolean {
  const one = a.open.parcel;
  const other = b.open.parcel;
  return (
    one === other ||
    (a.lifetime === b.lifetime && one.owner === other.owner && one.awaited === other.awaited)
  );
}

function oneBehindTheOther(parcels: readonly OutgoingParcel[]): Uint8Array<ArrayBuffer> {
  let size = 0;
  for (const { open } of parcels) size += open.request.bytes;
  const bodies = new Uint8Array(size);
  let at = 0;
  for (const { open } of parcels) {
    bodies.set(open.request.body, at);
    at += open.request.bytes;
  }
  return bodies;
}

function parcelsCommand(first: OutgoingParcel, parcels: readonly OutgoingParcel[]): ParcelsCommand {
  const { lifetime } = first;
  const { owner, awaited } = first.open.parcel;
  return {
    kind: 'parcels',
    lifetime,
    owner,
    awaited,
    ids: parcels.map(({ open }) => open.id),
    deadlines: parcels.map(({ open }) => open.parcel.deadline),
    idempotencyKeys: parcels.map(({ open }) => open.request.idempotencyKey),
    requestIds: parcels.map(({ open }) => open.request.requestId),
    sizes: parcels.map(({ open }) => open.request.bytes),
    bodies: oneBehindTheOther(parcels),
  };
}

/** Puts events that follow each other into one command; the order stays. */
export function gatherCommands(items: readonly Outgoing[]): readonly Command[] {
  const commands: Command[] = [];
  let gathered: OutgoingParcel[] = [];
  const close = (): void => {
    const [first] = gathered;
    if (first !== undefined) commands.push(parcelsCommand(first, gathered));
    gathered = [];
  };
  for (const item of items) {
    if (item.kind !== 'parcel') {
      close();
      commands.push(item);
      continue;
    }
    const [first] = gathered;
    if (first !== undefined && !goTogether(first, item)) close();
    gathered.push(item);
  }
  close();
  return commands;
}

/** The memory that goes over to the thread with them. */
export function memoryOf(commands: readonly Command[]): ArrayBuffer[] {
  return commands.flatMap((command) => (command.kind === 'parcels' ? [command.bodies.buffer] : []));
}
