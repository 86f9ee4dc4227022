/** Makes this process a program: answers each request of the benchmark, and ends with it. */
export function serve(
  handle: (request: Readonly<Record<string, unknown>>) => Promise<object>,
): void {
  process.on('message', (request) => {
    void handle(request as Readonly<Record<string, unknown>>).then(
      (answer) => process.send?.(answer),
      (error: unknown) => process.send?.({ error: String(error) }),
    );
  });
  if (!process.connected) process.exit();
  // Left to the default, a signal would end this process without what it does at its exit.
  for (const end of ['disconnect', 'SIGTERM']) process.once(end, () => process.exit());
  // The benchmark takes the interrupt of the terminal and then ends its programs.
  process.on('SIGINT', () => {});
}
