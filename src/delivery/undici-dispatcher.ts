import type { Dispatcher } from 'undici';
import { EnvHttpProxyAgent, Pool } from 'undici';
import type { ClientConfig } from '../config/resolve.ts';

/** The dispatcher of a client. */
export interface OwnedDispatcher {
  readonly dispatcher: Dispatcher;
  /** Closes the sockets, unless the dispatcher was the caller's. */
  readonly close: () => Promise<void>;
}

/** The options that a dispatcher is made from. */
export type DispatcherConfig = Pick<
  ClientConfig,
  'endpoint' | 'timeoutMs' | 'concurrency' | 'dispatcher'
>;

const PROXY_VARIABLES = ['HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'https_proxy'] as const;

function wantsProxy(env: NodeJS.ProcessEnv): boolean {
  return PROXY_VARIABLES.some((name) => (env[name] ?? '') !== '');
}

/**
 * The caller's dispatcher, else a pool of keep-alive sockets to the ledger, through the proxy
 * that the environment names. Loopback never goes through a proxy: there the ledger is an emulator
 * on this machine, which the proxy could not reach.
 */
export function createDispatcher(
  config: DispatcherConfig,
  env: NodeJS.ProcessEnv,
): OwnedDispatcher {
  if (config.dispatcher !== undefined) {
    return { dispatcher: config.dispatcher, close: () => Promise.resolve() };
  }
  const options = {
    connections: config.concurrency,
    connect: { timeout: config.timeoutMs },
  };
  const { origin, loopback } = config.endpoint;
  const dispatcher =
    wantsProxy(env) && !loopback ? new EnvHttpProxyAgent(options) : new Pool(origin, options);
  return {
    dispatcher,
    // Nothing is under way any more when a client closes: what is left are idle sockets.
    close: () => dispatcher.destroy(),
  };
}
