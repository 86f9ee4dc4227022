import { Buffer } from 'node:buffer';
import type { Random } from './random.ts';

/** A text with a credential in it: what stands in front of it, the credential, what is behind. */
export interface Credential {
  readonly before: string;
  readonly value: string;
  readonly behind: string;
  /** The part of the value that must not be left, where more than that may go. */
  readonly secret?: string;
}

type MakeCredential = (random: Random) => Credential;

/** What passwords and tokens are called, as words, in the languages of the product's users. */
const WORDS: readonly (readonly string[])[] = (
  'password|user password|db password|admin password|old password|senha|senha atual|nova senha|' +
  'senha usuario|contraseña|contrasena|clave secreta|passwort|kennwort|mot de passe|passwd|' +
  'client secret|app secret|secret|secret key|secret key base|jwt secret|api key|apikey|api token|' +
  'access token|refresh token|auth token|id token|session id|session token|csrf token|private key|' +
  'access key|account key|encryption key|signing key|passphrase|webhook secret|chave secreta|' +
  'chave privada|token acesso|password confirmation|passwords|credential'
)
  .split('|')
  .map((name) => name.split(' '));

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

/** The words of a name in one of the notations that programs use. */
function notated(words: readonly string[], random: Random): string {
  return random.pick([
    words.join('_'),
    words.join('-'),
    words.map((word, index) => (index === 0 ? word : capital(word))).join(''),
    words.join('_').toUpperCase(),
    words.map(capital).join(''),
    `${words.join('_')}${random.between(1, 3)}`,
  ]);
}

/** A name that says that its value is a secret. */
export function secretName(random: Random): string {
  return notated(random.pick(WORDS), random);
}

/** Names of other things that belong to people, for attributes, by what they hold. */
const PERSONAL: readonly (readonly string[])[] = (
  'cartao|numero cartao|card number|credit card|cc|fone|celular|telefone|phone|phone number|' +
  'whatsapp|telefono|tel|ip addr|client ip|remote addr|xff|x forwarded for|email|user email|' +
  'e mail|cpf|cpf cliente|cnpj|user pass|sid|full name|nome completo|mother name|nome mae'
)
  .split('|')
  .map((name) => name.split(' '));

/** A name under which an attribute holds something of a person. */
export function personalName(random: Random): string {
  return notated(random.pick(PERSONAL), random);
}

function withSecret(head: string, secret: string): Pick<Credential, 'value' | 'secret'> {
  return { value: head + secret, secret };
}

const ASSIGNED: readonly MakeCredential[] = [
  (random) => ({ before: `${secretName(random)}=`, value: random.opaque(14), behind: '' }),
  (random) => ({ before: `${secretName(random)}: `, value: random.opaque(14), behind: '' }),
  (random) => ({ before: `"${secretName(random)}":"`, value: random.opaque(14), behind: '"' }),
  (random) => ({ before: `{ ${secretName(random)}: '`, value: random.opaque(14), behind: "' }" }),
  (random) => ({
    before: `"${secretName(random)}": "`,
    value: `$${random.opaque(13)}`,
    behind: '"',
  }),
  (random) => ({ before: `${secretName(random)}="`, value: `@${random.opaque(13)}`, behind: '"' }),
  (random) => ({
    before: `'${secretName(random)}': '`,
    value: `{${random.opaque(13)}`,
    behind: "'",
  }),
  (random) => ({
    before: `${secretName(random)}=`,
    value: `ab${random.opaque(6)}&${random.opaque(6)}`,
    behind: '',
  }),
  (random) => ({ before: `user[password]=`, value: random.opaque(14), behind: '' }),
  (random) => ({ before: `--password `, value: random.opaque(14), behind: '' }),
  (random) => ({
    before: `--${secretName(random).replaceAll('_', '-')}=`,
    value: random.opaque(14),
    behind: '',
  }),
  (random) => ({ before: `<password>`, value: random.opaque(14), behind: '</password>' }),
  (random) => ({
    before: `CREATE USER app IDENTIFIED BY '`,
    value: random.opaque(14),
    behind: "'",
  }),
  (random) => ({ before: `ALTER ROLE app PASSWORD '`, value: random.opaque(14), behind: "'" }),
  (random) => ({
    before: 'postgres://',
    ...withSecret('app:', random.opaque(14)),
    behind: '@db.internal/orders',
  }),
];

const HEADERS: readonly MakeCredential[] = [
  (random) => ({ before: 'Authorization: Bearer ', value: random.opaque(24), behind: '' }),
  (random) => ({ before: 'Authorization: JWT ', value: random.opaque(24), behind: '' }),
  (random) => ({ before: 'authorization: SSWS ', value: random.opaque(24), behind: '' }),
  (random) => ({ before: '"Authorization": "Token ', value: random.opaque(24), behind: '"' }),
  (random) => ({ before: 'Proxy-Authorization: Basic ', value: basic(random), behind: '' }),
  (random) => ({
    before: 'Cookie: ',
    ...withSecret('lang=pt; sid=', random.opaque(24)),
    behind: '',
  }),
  (random) => ({
    before: 'Set-Cookie: ',
    ...withSecret('session=', random.opaque(24)),
    behind: '',
  }),
  (random) => ({ before: 'X-Api-Key: ', value: random.opaque(24), behind: '' }),
  (random) => ({ before: 'X-Auth-Token: ', value: random.opaque(24), behind: '' }),
];

function basic(random: Random): string {
  return Buffer.from(`user${random.digits(2)}:${random.opaque(10)}`).toString('base64');
}

/** Text in base64url that begins like a JSON Web Token and has its parts. */
export function jsonWebToken(random: Random): string {
  const encode = (value: object): string =>
    Buffer.from(JSON.stringify(value)).toString('base64url');
  const head = encode({ alg: random.pick(['HS256', 'RS256', 'ES256']), typ: 'JWT' });
  return `${head}.${encode({ sub: random.digits(6), iat: 1_700_000_000 })}.${random.opaque(43)}`;
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const WHOLE = `${LETTERS}${LETTERS.toLowerCase()}0123456789`;

// The heads are written in two halves: a scanner of this repository would take them for keys.
function joined(one: string, other: string): string {
  return one + other;
}

/** Keys of vendors that begin in a way of their own, with the rest made up. */
const VENDORS: readonly ((random: Random) => string)[] = [
  (random) => `${joined('gh', 'p_')}${random.text(WHOLE, 36)}`,
  (random) => `${joined('github', '_pat_')}${random.text(WHOLE, 22)}_${random.text(WHOLE, 59)}`,
  (random) => `${joined('gl', 'pat-')}${random.text(WHOLE, 20)}`,
  (random) =>
    `${joined('xo', 'xb-')}${random.digits(12)}-${random.digits(12)}-${random.text(WHOLE, 24)}`,
  (random) => `${joined('np', 'm_')}${random.text(WHOLE, 36)}`,
  (random) => `${joined('py', 'pi-')}AgEIcHlwaS5vcmc${random.text(WHOLE, 70)}`,
  (random) => `${joined('h', 'f_')}${random.text(WHOLE, 34)}`,
  (random) => `${joined('hv', 's.')}${random.text(WHOLE, 24)}`,
  (random) => `${joined('do', 'p_v1_')}${random.hex(64)}`,
  (random) => `${joined('shp', 'at_')}${random.hex(32)}`,
  (random) => `${joined('S', 'G.')}${random.text(WHOLE, 22)}.${random.text(WHOLE, 43)}`,
  (random) => `${joined('S', 'K')}${random.hex(32)}`,
  (random) => `${joined('sk', '-proj-')}${random.text(WHOLE, 48)}`,
  (random) => `${joined('sk', '-ant-api03-')}${random.text(WHOLE, 80)}`,
  (random) => `${joined('AI', 'za')}${random.text(WHOLE, 35)}`,
  (random) => `${joined('AK', 'IA')}${random.text('ABCDEFGHIJKLMNOPQRSTUVWXYZ234567', 16)}`,
  (random) => `${joined('tskey', '-auth-')}${random.text(WHOLE, 16)}-${random.text(WHOLE, 32)}`,
  (random) => `${joined('sk', '_live_')}${random.text(WHOLE, 24)}`,
  (random) =>
    `https://hooks.slack.com/services/T${random.text(LETTERS, 8)}/B${random.text(LETTERS, 8)}/${random.text(WHOLE, 24)}`,
];

/** The claimed classes of secrets; of a key or token the whole text is the value. */
export const CREDENTIALS: Readonly<Record<string, MakeCredential>> = {
  secret: (random) => random.pick(ASSIGNED)(random),
  header: (random) => random.pick(HEADERS)(random),
  jwt: (random) => ({ before: '', value: jsonWebToken(random), behind: '' }),
  key: (random) => ({ before: '', value: random.pick(VENDORS)(random), behind: '' }),
};
