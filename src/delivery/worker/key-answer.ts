import type { ApiKeyProvider } from '../../config/api-key.ts';
import { parseApiKey } from '../../config/api-key.ts';
import { runAsOwn } from '../../runtime/own-context.ts';
import type { KeyAnswer } from './protocol.ts';

/** Asks the function that gives the API key, on the thread it belongs to. Never rejects. */
export async function askForKey(provider: ApiKeyProvider): Promise<KeyAnswer> {
  try {
    // What it logs or requests must not become events: it is asked for each of them while it fails.
    const key = parseApiKey(await runAsOwn(provider));
    return key === undefined ? { kind: 'unusable' } : { kind: 'key', key };
  } catch {
    return { kind: 'failed' };
  }
}
