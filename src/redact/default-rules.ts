import type { DataClass } from './detectors/detector.ts';

/** A built-in rule. */
export interface DefaultRule {
  /** Patterns as in `RedactRule.match`, but at every depth. */
  readonly names: readonly string[];
  /** `scan` leaves the value to the detectors and ends the search for a rule. */
  readonly action: 'scan' | 'mask' | 'hash' | 'drop';
  readonly class: DataClass;
  /** Numbers under such a name are counts, not data. */
  readonly stringsOnly?: true;
  /** Last segments to which the rule does not apply. */
  readonly except?: ReadonlySet<string>;
}

/** Headers that describe the message, not the caller; every other header may carry a secret. */
const PLAIN_HEADERS: ReadonlySet<string> = new Set(
  (
    'accept accept_charset accept_encoding accept_language accept_ranges age allow cache_control ' +
    'connection content_disposition content_encoding content_language content_length ' +
    'content_range content_type date etag expires host if_modified_since if_none_match ' +
    'last_modified origin range request_id retry_after server traceparent transfer_encoding ' +
    'upgrade user_agent vary via x_correlation_id x_powered_by x_request_id'
  ).split(' '),
);

/** Names that look like personal data or a secret and are neither. */
const HARMLESS: DefaultRule = {
  // The ledger's vendor keeps `user_id`; the others are addresses of the machine itself, and
  // identifiers which the semantic conventions define as opaque.
  names: [
    'user.id',
    'enduser.id',
    'token.type',
    'token.count',
    'host.ip',
    'container.ip',
    'k8s.*.ip',
    'server.ip',
  ],
  action: 'scan',
  class: 'text',
};

const SECRETS: DefaultRule = {
  names: (
    '*password* *passwd* pwd *_pwd pass *passphrase* passcode senha *_senha senha_* *secret* ' +
    '*authorization cookie *_cookie cookies *_cookies *api_key* *apikey* *private_key* ' +
    '*privatekey* *access_key* *accesskey* *signing_key *encryption_key *master_key *token ' +
    'credential credentials *_credential *_credentials bearer jwt session_id sessionid ' +
    '*_session_id jsessionid phpsessid connect.sid csrf xsrf otp *_otp otp_code totp pin ' +
    'mfa_code cvv cvc cvv2 security_code seed_phrase mnemonic *connection_string ' +
    '*connectionstring dsn raw_headers'
  ).split(' '),
  action: 'mask',
  class: 'secret',
};

const SECRET_LISTS: DefaultRule = {
  names: ['tokens', 'access_tokens', 'refresh_tokens', 'auth_tokens', 'api_tokens'],
  action: 'mask',
  class: 'secret',
  stringsOnly: true,
};

const HEADERS: DefaultRule = {
  names: [
    'http.request.header.**',
    'http.response.header.**',
    'rpc.**.request.metadata.**',
    'rpc.**.response.metadata.**',
  ],
  action: 'mask',
  class: 'secret',
  except: PLAIN_HEADERS,
};

const PARAMETERS: DefaultRule = {
  names: ['db.query.parameter.**', 'db.operation.parameter.**'],
  action: 'mask',
  class: 'text',
};

const COMMAND_LINE: DefaultRule = {
  names: ['process.command_args', 'process.command_line'],
  action: 'drop',
  class: 'text',
};

// A hash of a card number falls to enumeration even faster than one of a CPF: issuer and check
// digit are known, and receipts print the last four.
const CARDS: DefaultRule = {
  names: ['*card_number*', '*cardnumber*', 'credit_card', 'creditcard', 'pan'],
  action: 'mask',
  class: 'card',
};

const EMAILS: DefaultRule = {
  names: ['*email*', '*e_mail*'],
  action: 'hash',
  class: 'email',
  stringsOnly: true,
};

/** Where the semantic conventions, old and new, and common frameworks put a caller's address. */
const ADDRESSES: DefaultRule = {
  names: (
    'client.address source.address network.peer.address net.peer.ip net.sock.peer.addr ' +
    'http.client_ip ip ip_address client_ip clientip client_address source_ip remote_ip peer_ip ' +
    'user_ip remote_addr remote_address x_forwarded_for x_real_ip x_client_ip true_client_ip ' +
    'cf_connecting_ip forwarded_for'
  ).split(' '),
  action: 'hash',
  class: 'ip',
};

/** Browser, system and device of a caller: with an address or alone, often enough to know a person again. */
const USER_AGENTS: DefaultRule = {
  names: ['user_agent.original', 'http.user_agent', 'user_agent'],
  action: 'hash',
  class: 'text',
  stringsOnly: true,
};

/**
 * The built-in rules, in the order in which they are tried: secrets are masked, because a hash of
 * a password is a leak; personal data is hashed.
 *
 * `session.id` of the semantic conventions is an opaque id and stays; `session_id`, the cookie of
 * web frameworks, is a secret. `user.name` stays unless a detector finds something in it.
 */
export const DEFAULT_RULES: readonly DefaultRule[] = [
  HARMLESS,
  SECRETS,
  SECRET_LISTS,
  HEADERS,
  PARAMETERS,
  COMMAND_LINE,
  CARDS,
  EMAILS,
  { names: ['*cpf*'], action: 'hash', class: 'cpf' },
  { names: ['*cnpj*'], action: 'hash', class: 'cnpj' },
  {
    names: ['*phone*', '*telefone*', 'tel', '*_tel', 'celular', 'mobile_number', 'msisdn'],
    action: 'hash',
    class: 'phone',
  },
  ADDRESSES,
  USER_AGENTS,
  { names: ['ssn', 'ssn_*', '*_ssn', '*_ssn_*'], action: 'hash', class: 'text' },
  { names: ['full_name', 'nome_completo'], action: 'hash', class: 'text' },
];
