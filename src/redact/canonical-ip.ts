const GROUPS = 8;
const V4 = /^\d{1,3}(?:\.\d{1,3}){3}$/;
const CANONICAL_V4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;
const GROUP = /^[0-9a-f]{1,4}$/;
const LONGEST = 64;

function octets(text: string): readonly number[] | undefined {
  if (!V4.test(text)) return undefined;
  const parts = text.split('.').map(Number);
  return parts.every((part) => part <= 255) ? parts : undefined;
}

function groupsOf(part: string): readonly number[] | undefined {
  if (part === '') return [];
  const groups: number[] = [];
  for (const piece of part.split(':')) {
    const v4 = octets(piece);
    if (v4 !== undefined) {
      const [a = 0, b = 0, c = 0, d = 0] = v4;
      groups.push(a * 256 + b, c * 256 + d);
    } else if (GROUP.test(piece)) groups.push(Number.parseInt(piece, 16));
    else return undefined;
  }
  return groups;
}

/** The eight groups of an IPv6 address; `undefined` when the text is none. */
export function parseIpv6(text: string): readonly number[] | undefined {
  if (text.length > LONGEST || !text.includes(':')) return undefined;
  const [address = ''] = text.toLowerCase().split('%');
  const [head = '', tail, more] = address.split('::');
  if (more !== undefined) return undefined;
  const front = groupsOf(head);
  const back = groupsOf(tail ?? '');
  if (front === undefined || back === undefined) return undefined;
  const missing = GROUPS - front.length - back.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined;
  return [...front, ...Array.from({ length: missing }, () => 0), ...back];
}

/** The four octets of an IPv4 address, also of one that is mapped into IPv6. */
export function parseIpv4(text: string): readonly number[] | undefined {
  const direct = octets(text);
  if (direct !== undefined) return direct;
  const groups = parseIpv6(text);
  if (groups === undefined) return undefined;
  const [high = 0, low = 0] = groups.slice(6);
  const mapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  return mapped ? [high >> 8, high & 255, low >> 8, low & 255] : undefined;
}

function longestZeroRun(groups: readonly number[]): readonly [start: number, length: number] {
  let best: readonly [number, number] = [0, 0];
  let start = 0;
  groups.forEach((group, index) => {
    if (group !== 0) start = index + 1;
    else if (index + 1 - start > best[1]) best = [start, index + 1 - start];
  });
  return best;
}

/** Writes eight groups as RFC 5952 section 4 wants: lower case, longest zero run as `::`. */
export function formatIpv6(groups: readonly number[]): string {
  const hex = groups.map((group) => group.toString(16));
  const [start, length] = longestZeroRun(groups);
  if (length < 2) return hex.join(':');
  return `${hex.slice(0, start).join(':')}::${hex.slice(start + length).join(':')}`;
}

/** One spelling for one address: v4-mapped as v4, IPv6 as RFC 5952; other text in lower case. */
export function canonicalIp(text: string): string {
  if (CANONICAL_V4.test(text)) return text;
  const v4 = parseIpv4(text);
  if (v4 !== undefined) return v4.join('.');
  const v6 = parseIpv6(text);
  return v6 === undefined ? text.toLowerCase() : formatIpv6(v6);
}
