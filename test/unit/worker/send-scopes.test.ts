import { describe, expect, it } from 'vitest';
import { OwnSendScope, endReason } from '../../../src/delivery/send-scope.ts';
import type { SendScope } from '../../../src/delivery/send-scope.ts';
import type { ScopeBridge, ScopeCopies } from '../../../src/worker/send-scopes.ts';
import { createScopeBridge, createScopeCopies } from '../../../src/worker/send-scopes.ts';
import type { Command } from '../../../src/worker/protocol.ts';

interface Setup {
  readonly bridge: ScopeBridge;
  readonly copies: ScopeCopies;
  readonly told: Command[];
  readonly ended: SendScope[];
}

/** Both ends, with the commands of one going into the other as copies, as between threads. */
function setup(): Setup {
  const copies = createScopeCopies();
  const told: Command[] = [];
  const ended: SendScope[] = [];
  const bridge = createScopeBridge({
    tell(command) {
      told.push(command);
      copies.apply(structuredClone(command) as never);
    },
    onEnd: (scope) => ended.push(scope),
  });
  return { bridge, copies, told, ended };
}

/** Holds a scope; gives its number. */
function held(bridge: ScopeBridge, scope: SendScope): number {
  bridge.hold(scope);
  return bridge.numberOf(scope);
}

describe('a scope across threads', () => {
  it('passes on haste, again and again', () => {
    const { bridge, copies } = setup();
    const own = new OwnSendScope('background');
    const copy = copies.get(held(bridge, own));
    expect(copy.hold).toBe('background');
    for (let round = 0; round < 3; round += 1) {
      const { wake } = copy;
      expect(wake.aborted).toBe(false);
      own.hurry();
      expect(wake.aborted).toBe(true);
    }
    expect([copy.closing, copy.signal.aborted]).toEqual([false, false]);
  });

  it('passes on that the next attempt is the last', () => {
    const { bridge, copies } = setup();
    const own = new OwnSendScope('process');
    const copy = copies.get(held(bridge, own));
    const { wake } = copy;
    own.finish();
    expect([copy.closing, wake.aborted, copy.signal.aborted]).toEqual([true, true, false]);
  });

  it('passes on its end, with the reason', () => {
    const { bridge, copies, ended } = setup();
    const own = new OwnSendScope('process');
    const copy = copies.get(held(bridge, own));
    own.abort('aborted');
    expect([copy.signal.aborted, endReason(copy)]).toEqual([true, 'aborted']);
    expect(ended).toEqual([own]);
  });

  it('is known as it is when it is first seen', () => {
    const { bridge, copies, ended } = setup();
    const closing = new OwnSendScope('process');
    closing.finish();
    expect(copies.get(held(bridge, closing)).closing).toBe(true);
    const over = new OwnSendScope('process');
    over.abort('shutdown');
    expect(endReason(copies.get(held(bridge, over)))).toBe('shutdown');
    expect(ended).toEqual([over]);
  });

  it('is let go of when no event depends on it', () => {
    const { bridge, copies, told } = setup();
    const own = new OwnSendScope('process');
    const id = held(bridge, own);
    expect(held(bridge, own)).toBe(id);
    bridge.release(own);
    expect(copies.get(id).closing).toBe(false);
    bridge.release(own);
    expect(() => copies.get(id)).toThrow('never told');
    const before = told.length;
    own.abort('shutdown');
    expect(told).toHaveLength(before);
  });

  it('is introduced to a new thread as it is by then', () => {
    const { bridge, told } = setup();
    const own = new OwnSendScope('process');
    const id = held(bridge, own);
    own.finish();
    told.length = 0;
    bridge.introduceAll();
    expect(told).toEqual([{ kind: 'scope', id, hold: 'process', closing: true, ended: undefined }]);
  });
});
