/** Name of the event in a request body; empty where there is none to be read. */
export function eventNameOf(body: string): string {
  try {
    const parsed: unknown = JSON.parse(body);
    const meta: unknown = isObject(parsed) ? parsed['meta'] : undefined;
    const name: unknown = isObject(meta) ? meta['event_name'] : undefined;
    return typeof name === 'string' ? name : '';
  } catch {
    return '';
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
