import { formatIpv6, parseIpv4, parseIpv6 } from './canonical-ip.ts';
import type { DataClass } from './detectors/detector.ts';
import { maskOf } from './marker.ts';

function domainOf(text: string): string | undefined {
  const trimmed = text.trim();
  const domain = trimmed.slice(trimmed.lastIndexOf('@') + 1);
  return domain === '' || domain === trimmed || /[\s<>]/.test(domain) ? undefined : domain;
}

function networkOf(text: string): string | undefined {
  const v4 = parseIpv4(text.trim());
  if (v4 !== undefined) return `${v4.slice(0, 3).join('.')}.0/24`;
  const v6 = parseIpv6(text.trim());
  if (v6 === undefined) return undefined;
  return `${formatIpv6(v6.map((group, index) => (index < 3 ? group : 0)))}/48`;
}

/**
 * What is left of a value that may say roughly who it is about: the domain of an e-mail address,
 * the /24 of an IPv4 and the /48 of an IPv6 address. Of anything else nothing is left.
 */
export function truncated(text: string, dataClass: DataClass): string {
  const rest =
    dataClass === 'email'
      ? domainOf(text)
      : dataClass === 'ip'
        ? networkOf(text)
        : dataClass === 'text'
          ? (networkOf(text) ?? domainOf(text))
          : undefined;
  return rest ?? maskOf(dataClass);
}
