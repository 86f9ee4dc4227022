import { describe, expect, it } from 'vitest';
import type { OutgoingEvent } from '../../../src/worker/thread.ts';
import { gatherCommands, memoryOf } from '../../../src/worker/thread.ts';
import type { PlainCommand } from '../../../src/worker/protocol.ts';
import { bodyOf } from '../../support/requests.ts';
import { sendContext } from '../../support/send-context.ts';

function context(id: number, { sourceId = 0, scope = 1 } = {}): OutgoingEvent {
  const request = { idempotencyKey: `key-${id}`, requestId: `r-${id}`, ...bodyOf(`{"n":${id}}`) };
  const limits = { ...sendContext(1_000 + id), sourceId, awaited: false };
  const open = { id, request, context: limits, settle: () => {}, tell: undefined };
  return { kind: 'event', scope, open };
}

function idsOf(commands: ReturnType<typeof gatherCommands>): unknown[] {
  return commands.map((command) => (command.kind === 'send' ? command.ids : command));
}

const hurry: PlainCommand = { kind: 'hurry', id: 1 };

describe('gatherCommands', () => {
  it('puts events that follow each other into one command, by columns', () => {
    expect(gatherCommands([context(1), context(2)])).toEqual([
      {
        kind: 'send',
        scope: 1,
        sourceId: 0,
        awaited: false,
        ids: [1, 2],
        deadlines: [1_001, 1_002],
        idempotencyKeys: ['key-1', 'key-2'],
        requestIds: ['r-1', 'r-2'],
        sizes: [7, 7],
        bodies: new Uint8Array(Buffer.from('{"n":1}{"n":2}')),
      },
    ]);
  });

  it('keeps the order of events and commands', () => {
    const items = [context(1), hurry, context(2), context(3), hurry];
    expect(idsOf(gatherCommands(items))).toEqual([[1], hurry, [2, 3], hurry]);
  });

  it('begins a new command where the account or the scope is another', () => {
    const items = [context(1), context(2, { sourceId: 1 }), context(3, { scope: 2 }), context(4)];
    expect(idsOf(gatherCommands(items))).toEqual([[1], [2], [3], [4]]);
  });

  it('gives the memory of copies to the thread and keeps its own', () => {
    const mine = context(1);
    const [copied] = memoryOf(gatherCommands([hurry, mine]));
    expect(copied).toBeInstanceOf(ArrayBuffer);
    expect(copied).not.toBe(mine.open.request.body.buffer);
  });
});
