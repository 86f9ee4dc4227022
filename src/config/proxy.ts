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
  if (loopback) return NONE;
  const names = target.protocol === 'https:' ? ['https_proxy', 'HTTPS_PROXY'] : [];
  const found = readFirst(env, [...names, 'http_proxy', 'HTTP_PROXY']);
  if (found === undefined) return NONE;
  const exempt = readFirst(env, ['no_proxy', 'NO_PROXY']);
  const exemption = exempt && readExemption(target, exempt.value);
  if (exemption === 'exempt') return NONE;
  // What cannot be read may well name the ledger, and then no proxy is to see its requests.
  if (exempt && exemption === 'unusable') return { kind: 'unusable', variable: exempt.name };
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

/**
 * Whether `NO_PROXY` names the host: `*`, a domain with all below it, an address or a block of
 * addresses, each with a port or not. `unusable` where an entry can be nothing of that, unless
 * another names the host.
 */
function readExemption(target: URL, list: string): 'exempt' | 'unusable' | 'no' {
  const entries = list
    .toLowerCase()
    .split(/[,\s]+/)
    .filter((entry) => entry !== '');
  if (entries.some((entry) => namesHost(entry, target))) return 'exempt';
  return entries.every((entry) => ENTRY.test(entry)) ? 'no' : 'unusable';
}

// With a scheme, as people write it who take it for the ledger's URL.
const ENTRY =
  /^(?:\*|(?:https?:\/\/)?\*?[\p{L}\p{N}._*-]+(?::\d+)?\/?|\[?[0-9a-f:.]+\]?(?::\d+)?(?:\/\d+)?)$/u;

function namesHost(entry: string, target: URL): boolean {
  if (entry === '*') return true;
  const { hostname } = target;
  const bare = entry.replace(/^https?:\/\//, '').replace(/\/$/, '');
  const [address = '', bits] = bare.split('/');
  if (bits !== undefined) return isWithin(hostname, address, Number(bits));
  if (withoutBrackets(bare) === withoutBrackets(hostname)) return true;
  const [, name = bare, entryPort] = /^(.+?):(\d+)$/.exec(bare) ?? [];
  const domain = name.replace(/^\*?\./, '');
  if (domain === '' || (entryPort !== undefined && entryPort !== portOf(target))) return false;
  return hostname === domain || hostname.endsWith(`.${domain}`);
}

function portOf({ port, protocol }: URL): string {
  if (port !== '') return port;
  return protocol === 'https:' ? '443' : '80';
}

function withoutBrackets(host: string): string {
  return host.replace(/^\[|\]$/g, '');
}

/** Whether an address lies in a block; those of IPv6 are not known by their blocks. */
function isWithin(hostname: string, first: string, bits: number): boolean {
  const address = numberOf(hostname);
  const block = numberOf(first);
  if (address === undefined || block === undefined || bits > 32) return false;
  const size = 2 ** (32 - bits);
  return Math.floor(address / size) === Math.floor(block / size);
}

function numberOf(ipv4: string): number | undefined {
  if (!/^\d{1,3}(?:\.\d{1,3}){3}$/.test(ipv4)) return undefined;
  return ipv4.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}
