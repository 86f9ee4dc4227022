/** Makes this process a program: answers each request of the benchmark, and ends with it. */
export function serve(
  handle: (request: Readonly<Record<string, unknown>>) => Promise<object>,
  onEnd: () => void = () => {},
): void {
  process.on('message', (request) => {
    void handle(request as Readonly<Record<string, unknown>>).then(
      (answer) => process.send?.(answer),
      (error: unknown) => process.send?.({ error: String(error) }),
    );
  });
  process.once('disconnect', () => {
    onEnd();
    process.exit();
  });
  // The benchmark takes the interrupt of the terminal and then ends its programs.
  process.on('SIGINT', () => {});
}
