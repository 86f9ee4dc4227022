import type { Endpoint } from './values.ts';

/** What the environment says about the way to the ledger. */
export type ProxyChoice =
  | { readonly kind: 'none' }
  | { readonly kind: 'proxy'; readonly url: string }
  | { readonly kind: 'unusable'; readonly variable: string };

const NONE: ProxyChoice = Object.freeze({ kind: 'none' });

/**
 * The proxy for requests to the ledger, as curl reads the variables: those in lower case come
 * first, a scheme may be left out, an empty value counts as unset. Without `HTTPS_PROXY` that of
 * `HTTP_PROXY` holds for https too.
 *
 * Loopback never goes through a proxy: there the ledger is an emulator on this machine, which the
 * proxy could not reach. A variable that does not matter for this ledger is not looked at.
 */
export function chooseProxy(env: NodeJS.ProcessEnv, { origin, loopback }: Endpoint): ProxyChoice {
  const target = new URL(origin);
  if (loopback || isExempt(target, readFirst(env, ['no_proxy', 'NO_PROXY'])?.value)) return NONE;
  const names = target.protocol === 'https:' ? ['https_proxy', 'HTTPS_PROXY'] : [];
  const found = readFirst(env, [...names, 'http_proxy', 'HTTP_PROXY']);
  if (found === undefined) return NONE;
  const url = proxyUrl(found.value);
  return url === undefined ? { kind: 'unusable', variable: found.name } : { kind: 'proxy', url };
}

function readFirst(
  env: NodeJS.ProcessEnv,
  names: readonly string[],
): { readonly name: string; readonly value: string } | undefined {
  for (const name of names) {
    const value = env[name]?.trim() ?? '';
    if (value !== '') return { name, value };
  }
  return undefined;
}

/** `undefined` where it cannot be used, or where it would name another host than it seems to. */
function proxyUrl(text: string): string | undefined {
  const hasScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(text);
  // Without a scheme only the port tells a host from any other word.
  if (!hasScheme && !/:\d{1,5}\/?$/.test(text)) return undefined;
  const whole = hasScheme ? text : `http://${text}`;
  if (/[\s"'`\\<>]/.test(whole) || !URL.canParse(whole)) return undefined;
  const url = new URL(whole);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return undefined;
  if (url.port === '0' || url.hostname === '') return undefined;
  try {
    decodeURIComponent(url.username);
    decodeURIComponent(url.password);
  } catch {
    return undefined;
  }
  return url.href;
}

/** Whether `NO_PROXY` names the host: `*`, a domain with all below it, each with a port or not. */
function isExempt({ hostname, port, protocol }: URL, list: string | undefined): boolean {
  if (list === undefined) return false;
  const ownPort = port === '' ? (protocol === 'https:' ? '443' : '80') : port;
  return list
    .toLowerCase()
    .split(/[,\s]+/)
    .some((entry) => {
      if (entry === '*') return true;
      const [, name = entry, entryPort] = /^(.+?):(\d+)$/.exec(entry) ?? [];
      const domain = name.replace(/^\*?\./, '');
      if (domain === '' || (entryPort !== undefined && entryPort !== ownPort)) return false;
      return hostname === domain || hostname.endsWith(`.${domain}`);
    });
}
