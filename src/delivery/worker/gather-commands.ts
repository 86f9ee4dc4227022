import type { Command, ParcelMessage } from './protocol.ts';

/** What waits to be posted to the thread. */
export type Outgoing = Command | ParcelMessage;

function isParcel(item: Outgoing): item is ParcelMessage {
  return Array.isArray(item);
}

/** Puts events that follow each other into one command; the order stays. */
export function gatherCommands(items: readonly Outgoing[]): readonly Command[] {
  const commands: Command[] = [];
  let parcels: ParcelMessage[] = [];
  for (const item of items) {
    if (isParcel(item)) {
      if (parcels.length === 0) commands.push({ kind: 'parcels', parcels });
      parcels.push(item);
    } else {
      commands.push(item);
      parcels = [];
    }
  }
  return commands;
}
