/**
 * Credentials in the text they come in, marked with `«»`. Keys are put together from parts, so
 * that no scanner of this repository takes one for a leak.
 */

const HEADER = 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9';
const CLAIMS = 'eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvZSJ9';
const SIGNATURE = 'SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c';
const TOKEN = [HEADER, CLAIMS, SIGNATURE].join('.');
const ENCRYPTED = [
  'eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4R0NNIn0',
  '',
  'iv8chars',
  'cipher-text',
  'tag',
].join('.');

export const jwtTexts: readonly string[] = [
  `«${TOKEN}»`,
  `token «${TOKEN}» expired`,
  `id_token: «${TOKEN}», next`,
  `{"t":"«${TOKEN}»"}`,
  `/callback/«${TOKEN}»/done`,
  `sentence ends «${TOKEN}». Next`,
  `unsigned «${HEADER}.${CLAIMS}.» end`,
  `cut off «${HEADER}.${CLAIMS.slice(0, 20)}»`,
  `encrypted «${ENCRYPTED}» end`,
  `jwt=«${TOKEN}»;path=/`,
  `two «${TOKEN}» and «${TOKEN}»`,
];

export const bearerTexts: readonly string[] = [
  'Authorization: Bearer «abc123def456»',
  'authorization: bearer «abc123def456»',
  'AUTHORIZATION: BEARER «ABC123DEF456»',
  'got Bearer «mF_9.B5f-4.1JqM» from client',
  '"authorization":"Bearer «s3cr3t-t0k3n»"',
  '{\\"authorization\\":\\"Bearer «s3cr3t-t0k3n»\\"}',
  "-H 'Authorization: Bearer «abcdefghijklmnop»'",
  'Bearer «opaquevalue»',
  'Bearer  «two-spaces-1»',
  'DPoP «Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU=»',
  'Basic «dXNlcjpwYXNz»',
  'Authorization: Basic «QWxhZGRpbjpvcGVuIHNlc2FtZQ==»',
  'proxy-authorization: Basic «YWRtaW46YWRtaW4=»',
  'Authorization: Token «9944b09199c62bcf9418ad846dd0e4bbdfc6ee4b»',
  'sent Token «9944b09199c62bcf9418ad846dd0e4bbdfc6ee4b»',
  'Authorization: «9944b09199c62bcf»',
  'authorization=«9944b09199c62bcf»&x=1',
  'Authorization: Digest «username="joe", realm="x", response="6629fae49393a053"»',
  'Authorization: AWS4-HMAC-SHA256 «Credential=AK/20261123, SignedHeaders=host, Signature=fe5f80»',
  'Authorization: Negotiate «YIIJvwYGKwYBBQUCoIIJszCCCa+gJDAi»\r\nHost: x',
  'Authorization: Hawk «id="dh37", ts="1353832234", mac="6R4rV5iE="»',
  'Authorization: ApiKey «abc-123-def»',
  'token refused: bearer «eyJub3QuYS5qd3Q»',
];

const digits36 = 'a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8';
const base32 = 'IOSFODNN7EXAMPLE';

/** A key from its first part and the rest, joined by `sign`. */
function key(sign: string, ...parts: readonly string[]): string {
  return parts.join(sign);
}

export const keyTexts: readonly string[] = [
  ...[
    key('_', 'iml', 'live', digits36),
    key('_', 'iml', 'test', digits36),
    key('_', 'sk', 'live', digits36),
    key('_', 'sk', 'test', digits36),
    key('_', 'rk', 'live', digits36),
    key('_', 'whsec', digits36),
    key('_', 'ghp', digits36),
    key('_', 'gho', digits36),
    key('_', 'ghs', digits36),
    key('_', 'ghu', digits36),
    key('_', 'ghr', digits36),
    key('_', 'github', 'pat', `11ABCDEFG0${digits36}`),
    key('_', 'npm', digits36),
    key('-', 'glpat', 'x1Y2z3A4b5C6d7E8f9G0'),
    key('-', 'xoxb', '123456789012', '123456789012', digits36),
    key('-', 'xoxp', '123456789012', digits36),
    key('-', 'xoxa', '2', digits36),
    key('-', 'sk', 'proj', digits36),
    key('', 'AK', 'IA', base32),
    key('', 'AS', 'IA', base32),
    key('', 'AI', 'za', `Sy${digits36}`),
    key('-', 'GOCSPX', digits36),
    key('.', 'SG', digits36, digits36),
  ].flatMap((value) => [`«${value}»`, `request with key «${value}», refused`, `("«${value}»")`]),
  ...[
    'PRIVATE KEY',
    'RSA PRIVATE KEY',
    'EC PRIVATE KEY',
    'OPENSSH PRIVATE KEY',
    'ENCRYPTED PRIVATE KEY',
  ].map(
    (label) =>
      `read «-----BEGIN ${label}-----\nMIIEvQIBADANBgkq\nhkiG9w0B\n-----END ${label}-----» ok`,
  ),
  'armour «-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nlQOYBF\n-----END PGP PRIVATE KEY BLOCK-----»',
  'escaped «-----BEGIN PRIVATE KEY-----\\nMIIEvQ\\n-----END PRIVATE KEY-----»',
  'cut off «-----BEGIN RSA PRIVATE KEY-----\nMIIEvQIBADANBgkq»',
];

export const secretTexts: readonly string[] = [
  'password=«hunter2»',
  'password=«hunter2»&user=joe',
  'password: «hunter2»',
  'password: "«correct horse battery»"',
  '"password":"«hun\\"ter2»"',
  '{\\"password\\":\\"«hunter2»\\"}',
  "password = '«it is long»'",
  'login failed, password: «swordfish»',
  'PASSWORD=«Hunter2»',
  'DB_PASSWORD=«s3cr3t»',
  'POSTGRES_PASSWORD: «s3cr3t»',
  'Server=db;User Id=sa;Password=«P@ssw0rd!»;Encrypt=true',
  'passwd=«abc»',
  'pwd=«abc123»',
  'senha: «minhasenha»',
  'passphrase: "«open sesame»"',
  'client_secret=«8f3a-77»',
  'clientSecret: "«8f3a-77»"',
  'client-secret => "«8f3a»"',
  'secret=«abcdef»',
  'AWS_SECRET_ACCESS_KEY=«wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY»',
  'AccountKey=«Zm9vYmFyYmF6»',
  'SharedAccessKey=«Zm9vYmFyYmF6»',
  'api_key=«0123456789abcdef»',
  'apiKey: «0123456789abcdef»',
  'x-api-key: «0123456789abcdef»',
  'access_token=«ya29.a0AfH6SMBx»',
  'refresh_token: "«1//0gdQ»"',
  'id_token=«abc»',
  'csrf_token=«b7a1»',
  'sessionid=«38afes7a8»',
  'PHPSESSID=«298zf09hf012fh2»; path=/',
  'cookie: «sid=31d4d96e407aad42»',
  'token=«9f8a7b6c5d»',
  'token: «9f8a7b6c5d»',
  'private_key: «abc»',
  'credentials=«joe/x1»',
  'cvv=«123»',
  'postgres://«user:pass»@db.internal:5432/app',
  'mongodb+srv://«admin:p%40ss»@cluster0.example.net/test',
  'redis://«:secret»@cache:6379/0',
  'amqp://«guest:guest»@localhost:5672',
  'https://«user:pa/ss»@example.com/x',
  'https://«user:p@ss»@example.com/x',
  'https://«token»@example.com/x.git',
  'jdbc:mysql://«root:root»@127.0.0.1.example/db',
];
