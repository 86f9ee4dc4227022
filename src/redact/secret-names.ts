/**
 * What secrets are called, in the languages of the product's users: one table for attributes and
 * for text. A name is compared as words (`clientSecret`, `client-secret` and `client_secret` are
 * one), with or without a number at its end; `*` stands for any text inside one segment.
 */

/** Patterns for a word that says everything wherever it stands in a name. */
function asWord(word: string): readonly string[] {
  return [word, `${word}_*`, `*_${word}`, `*_${word}_*`];
}

function list(words: string): readonly string[] {
  return words.split(' ');
}

/** Names of secrets. */
export const SECRET_NAMES: readonly string[] = [
  // Contained in names that are written without separators too.
  ...list(
    '*password* *passwd* *passphrase* *passcode* *contrasena* *contraseña* *passwort* *kennwort* ' +
      '*motdepasse* *mot_de_passe* *palavra_passe* *authorization *api_key* *apikey* ' +
      '*private_key* *privatekey* *access_key* *accesskey* *account_key* *accountkey* ' +
      '*connection_string* *connectionstring* *senhaatual *senhausuario',
  ),
  ...['senha', 'senhas', 'segredo', 'secreto', 'geheimnis'].flatMap(asWord),
  ...list('*secret *secrets secret_* *_secret_* secretkey* pwd *pwd *_pwd pwd_*'),
  ...list(
    'pass *_pass userpass dbpass adminpass mysqlpass sshpass ftppass smtppass *token ' +
      'token_acesso token_de_acesso token_value access_token_* refresh_token_* ' +
      '*signing_key *encryption_key *encryptionkey *signingkey *master_key *auth_key *authkey *shared_key ' +
      '*ssh_key *storage_key *service_key *session_key *secret_key_* ' +
      'chave_api chave_secreta chave_privada chave_acesso chave_de_acesso ' +
      'clave clave_api clave_secreta clave_privada clave_acceso clave_de_acceso ' +
      'cle_api cle_secrete cle_privee *_schluessel',
  ),
  ...list(
    'credential credentials *_credential *_credentials credencial credenciais credenciales ' +
      'bearer jwt *_jwt cookie *_cookie cookies *_cookies ' +
      'session_id sessionid *_session_id sessid *_sessid sess_id jsessionid phpsessid sid connect.sid ' +
      'aspsessionid* csrf xsrf *_csrf *_xsrf csrf_token xsrf_token otp *_otp otp_code totp pin pin_code ' +
      'codigo_pin mfa_code codigo_seguranca codigo_de_seguranca cvv *_cvv cvc *_cvc cvv2 security_code ' +
      'seed_phrase mnemonic dsn sig raw_headers',
  ),
];

/** Names that end like those of secrets and are none. */
export const NO_SECRET_NAMES: readonly string[] = list(
  'public_key_token token_type token_count token_usage password_hash_algorithm ' +
    'password_expires_at password_changed_at password_length passwords_count secret_name secret_version ' +
    'secrets_count cookie_name cookie_consent',
);

/**
 * One expression for many patterns of names, tested against a path of words. The value of a name
 * with more below it fares like the name; the work per name is linear.
 */
export function compileNames(patterns: readonly string[]): RegExp {
  const ordered = [...new Set(patterns)].toSorted();
  const starred = ordered.filter((name) => name.startsWith('*') && !name.startsWith('**'));
  const plain = ordered.filter((name) => !starred.includes(name));
  const groups = [
    ...plain.map(sourceOf),
    ...(starred.length > 0
      ? [`[^.]*?(?:${starred.map((name) => sourceOf(name.slice(1))).join('|')})`]
      : []),
  ];
  return new RegExp(`(?:^|\\.)(?:${groups.join('|')})(?:_?\\d{1,3})?(?=$|\\.)`, 'u');
}

function sourceOf(pattern: string): string {
  return pattern
    .split('.')
    .map((glob) => (glob === '**' ? '' : glob.replaceAll('*', '[^.]*')))
    .join('\\.')
    .replace(/(^|\\\.)\\\./gu, '$1(?:[^.]+\\.)*')
    .replace(/\\\.$/u, '(?:\\.[^.]+)+');
}

/** `accessToken`, `access-token` and `Access Token` are all `access_token`. */
export function wordsOf(segment: string): string {
  if (PLAIN_WORDS.test(segment)) return segment;
  return segment
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1_$2')
    .replace(/[-\s]/g, '_')
    .toLowerCase()
    .normalize('NFC');
}

const PLAIN_WORDS = /^[a-z0-9_]*$/;
