/** One way to send events, warmed up and measured like the others. */
export interface Contender {
  /**
   * Makes and sends that many events; resolves when the sink has answered all of them.
   *
   * @throws Error when one was lost: speed by losing events is none.
   */
  send(events: number): Promise<void>;
}

/** Makes a contender that sends to a URL. */
export type MakeContender = (url: string) => Contender;

/** Runs `total` sends with at most `width` under way. */
export async function inWindow(
  total: number,
  width: number,
  sendOne: (number: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const runner = async (): Promise<void> => {
    while (next < total) {
      next += 1;
      await sendOne(next);
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, total) }, runner));
}
