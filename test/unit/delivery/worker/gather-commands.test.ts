import { describe, expect, it } from 'vitest';
import { gatherCommands } from '../../../../src/delivery/worker/gather-commands.ts';
import type { Command, ParcelMessage } from '../../../../src/delivery/worker/protocol.ts';

const parcel = (id: number): ParcelMessage => [id, 1, 0, false, 0, `key-${id}`, 'r', '{}', 2];
const hurry: Command = { kind: 'hurry', id: 1 };

describe('gatherCommands', () => {
  it('puts events that follow each other into one command', () => {
    expect(gatherCommands([parcel(1), parcel(2)])).toEqual([
      { kind: 'parcels', parcels: [parcel(1), parcel(2)] },
    ]);
  });

  it('keeps the order of events and commands', () => {
    expect(gatherCommands([parcel(1), hurry, parcel(2), parcel(3), hurry])).toEqual([
      { kind: 'parcels', parcels: [parcel(1)] },
      hurry,
      { kind: 'parcels', parcels: [parcel(2), parcel(3)] },
      hurry,
    ]);
  });
});
