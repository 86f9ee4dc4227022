import type { KeyAnswer } from './protocol.ts';

/** The thread's side of the API key: it asks the main thread. */
export interface KeyQuestions {
  /** As the function of the option `apiKey` would do here. */
  readonly provider: () => Promise<string>;
  answered(id: number, answer: KeyAnswer): void;
}

/** Makes one that has asked nothing yet. */
export function createKeyQuestions(ask: (id: number) => void): KeyQuestions {
  const open = new Map<number, (answer: KeyAnswer) => void>();
  let lastId = 0;
  return {
    async provider() {
      const id = (lastId += 1);
      const answer = await new Promise<KeyAnswer>((resolve) => {
        open.set(id, resolve);
        ask(id);
      });
      if (answer.kind === 'failed') throw new Error('the function failed on the main thread');
      return answer.kind === 'key' ? answer.key : '';
    },
    answered(id, answer) {
      open.get(id)?.(answer);
      open.delete(id);
    },
  };
}
