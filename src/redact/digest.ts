/**
 * What may stand for a whole value: its digest, or the part of it that names nobody.
 *
 * - Without a key the digest of an attribute is SHA-256 over its exact bytes, so that `sha256sum`
 *   and services in other languages give the same.
 * - With a key every digest is an HMAC over the class and the canonical form of the value, so
 *   that two spellings share it and one number as CPF and as phone does not.
 */
import type { DataClass } from './detectors/detector.ts';
import type { KeyObject } from 'node:crypto';
import { createHmac, createSecretKey, hash } from 'node:crypto';

/** A key for digests. The secret is a `KeyObject`: it shows in no log and costs no copy per use. */
export interface DigestKey {
  readonly id: string;
  readonly secret: KeyObject;
}

/** Takes secret bytes into a {@link DigestKey}. The caller has checked id and length. */
export function importDigestKey(id: string, secret: Uint8Array): DigestKey {
  return { id, secret: createSecretKey(secret) };
}

/** Makes the digests of one configuration. */
export interface Digester {
  /** Whether digests are made with a key; without one, short values can be found by trying all. */
  readonly keyed: boolean;
  /**
   * Digest of a whole value: with a key `hmac-sha256:<key id>:<64 hex>` over the canonical form,
   * else 64 hex digits over the exact UTF-8 bytes.
   */
  ofValue(text: string, dataClass: DataClass): string;
  /** Digest of a piece of text, over its canonical form, naming itself; 32 hex digits. */
  inText(text: string, dataClass: DataClass): string;
}

/** Hex digits of a digest inside text: 128 bits, the least that is safe against collisions. */
const TEXT_HEX_DIGITS = 32;

const PLAIN: Digester = {
  keyed: false,
  ofValue: sha256Hex,
  inText: (text, dataClass) =>
    `sha256:${sha256Hex(canonicalForm(text, dataClass)).slice(0, TEXT_HEX_DIGITS)}`,
};

/** A {@link Digester} with the given key; without one, of plain SHA-256. */
export function createDigester(key: DigestKey | undefined): Digester {
  if (key === undefined) return PLAIN;
  const label = `hmac-sha256:${key.id}:`;
  return {
    keyed: true,
    ofValue: (text, dataClass) => label + hmacHex(text, dataClass, key),
    inText: (text, dataClass) => label + hmacHex(text, dataClass, key).slice(0, TEXT_HEX_DIGITS),
  };
}

/**
 * SHA-256 of the UTF-8 bytes of a text, as 64 lower-case hex digits. A lone surrogate counts as
 * U+FFFD, as in every encoding to UTF-8, so digest and encoded text agree.
 */
export function sha256Hex(text: string): string {
  return hash('sha256', text, 'hex');
}

function hmacHex(text: string, dataClass: DataClass, key: DigestKey): string {
  const canonical = canonicalForm(text, dataClass);
  return createHmac('sha256', key.secret).update(`${dataClass}\0${canonical}`).digest('hex');
}

const NOT_DIGIT = /[^0-9]/g;
const TAX_SEPARATOR = /[.\-/\s]/g;
const CPF_DIGITS = 11;

const asIs = (text: string): string => text;
const digits = (text: string): string => text.replace(NOT_DIGIT, '');
const taxNumber = (text: string): string => text.replace(TAX_SEPARATOR, '').toUpperCase();

const compact = (text: string): string => text.replace(/\s/g, '').toUpperCase();

const FORMS: Readonly<Record<DataClass, (text: string) => string>> = {
  email: (text) => text.trim().normalize('NFC').toLowerCase(),
  ip: (text) => canonicalIp(text.trim()),
  cpf: taxNumber,
  cnpj: taxNumber,
  card: digits,
  phone: (text) => (text.trimStart().startsWith('+') ? `+${digits(text)}` : digits(text)),
  iban: compact,
  cep: digits,
  rg: taxNumber,
  cnh: digits,
  pis: digits,
  pix: (text) => text.trim(),
  birth_date: digits,
  mac: (text) => text.replace(/[^0-9a-f]/gi, '').toLowerCase(),
  name: (text) => text.trim().normalize('NFC').toLowerCase().replace(/\s+/g, ' '),
  jwt: asIs,
  bearer: asIs,
  key: asIs,
  secret: asIs,
  text: asIs,
};

/**
 * The one form under which different spellings of a value of this class share a digest.
 *
 * - `email`: trimmed, NFC, lower case; no rules of single providers.
 * - `cpf`, `cnpj`: without separators, upper case (a CNPJ may hold letters since July 2026).
 * - `ip`: a v4-mapped address as v4, an IPv6 address as RFC 5952 writes it.
 * - `card`: digits; `phone`: digits with the leading `+` when it has one.
 * - `cep`, `cnh`, `pis`, `birth_date`: digits; `rg` as CPF; `mac`: hexadecimal digits, lower case.
 * - `iban`: without spaces, upper case; `name`: NFC, lower case, single spaces.
 * - any other class: as it is.
 */
export function canonicalForm(text: string, dataClass: DataClass): string {
  return FORMS[dataClass](text);
}

/** The text of a number of this class: a CPF has its leading zeros again, which a number lost. */
export function canonicalNumber(value: number, dataClass: DataClass): string {
  const text = String(value);
  return dataClass === 'cpf' ? text.padStart(CPF_DIGITS, '0') : text;
}

/**
 * What says roughly who a value is about: the domain of an e-mail address, the /24 of an IPv4 and
 * the /48 of an IPv6 address. Nothing else has such a part.
 */
export function publicPart(text: string, dataClass: DataClass): string | undefined {
  if (dataClass === 'email') return domainOf(text);
  if (dataClass === 'ip') return networkOf(text);
  return dataClass === 'text' ? (networkOf(text) ?? domainOf(text)) : undefined;
}

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

const CANONICAL_V4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;

/** One spelling for one address; text that is none in lower case. */
function canonicalIp(text: string): string {
  if (CANONICAL_V4.test(text)) return text;
  const v4 = parseIpv4(text);
  if (v4 !== undefined) return v4.join('.');
  const v6 = parseIpv6(text);
  return v6 === undefined ? text.toLowerCase() : formatIpv6(v6);
}

const V4 = /^\d{1,3}(?:\.\d{1,3}){3}$/;

function octets(text: string): readonly number[] | undefined {
  if (!V4.test(text)) return undefined;
  const parts = text.split('.').map(Number);
  return parts.every((part) => part <= 255) ? parts : undefined;
}

/** The four octets of an IPv4 address, also of one that is mapped into IPv6. */
function parseIpv4(text: string): readonly number[] | undefined {
  const direct = octets(text);
  if (direct !== undefined) return direct;
  const groups = parseIpv6(text);
  if (groups === undefined) return undefined;
  const [high = 0, low = 0] = groups.slice(6);
  const mapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  return mapped ? [high >> 8, high & 255, low >> 8, low & 255] : undefined;
}

const GROUPS = 8;
const GROUP = /^[0-9a-f]{1,4}$/;
const LONGEST_IPV6 = 64;

/** The eight groups of an IPv6 address; `undefined` when the text is none. */
function parseIpv6(text: string): readonly number[] | undefined {
  if (text.length > LONGEST_IPV6 || !text.includes(':')) return undefined;
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

/** Writes eight groups as RFC 5952 section 4 wants: lower case, longest zero run as `::`. */
function formatIpv6(groups: readonly number[]): string {
  const hex = groups.map((group) => group.toString(16));
  const [start, length] = longestZeroRun(groups);
  if (length < 2) return hex.join(':');
  return `${hex.slice(0, start).join(':')}::${hex.slice(start + length).join(':')}`;
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
