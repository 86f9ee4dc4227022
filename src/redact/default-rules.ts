import type { DataClass } from './detectors/detector.ts';
import { NO_SECRET_NAMES, SECRET_NAMES } from './secret-names.ts';

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

function names(words: string): readonly string[] {
  return words.split(' ');
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

/** Parameters of a query that say how a list is shown or a page is built, and nothing of a person. */
export const PLAIN_PARAMETERS: readonly string[] = names(
  'page page_size pagesize per_page perpage limit offset skip take top first last start end size count ' +
    'sort sort_by sortby order order_by orderby direction dir desc asc lang language locale hl ' +
    'format output view tab mode layout theme version v api_version api-version pretty indent include ' +
    'exclude expand embed fields select depth recursive dry_run dryrun force verbose debug timeout ' +
    'interval step granularity group_by groupby from_page to_page width height quality currency ' +
    'unit units tz timezone year month status state type kind category',
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
    ...NO_SECRET_NAMES,
    'host.ip',
    'container.ip',
    'k8s.*.ip',
    'server.ip',
  ],
  action: 'scan',
  class: 'text',
};

const SECRETS: DefaultRule = { names: SECRET_NAMES, action: 'mask', class: 'secret' };

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
    // As loggers of web frameworks write a request.
    'req.headers.**',
    'request.headers.**',
    'res.headers.**',
    'response.headers.**',
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
  names: names(
    '*card_number* *cardnumber* credit_card creditcard pan cc cc_number card_no numero_cartao ' +
      'numero_do_cartao cartao_numero num_cartao cartao cartao_credito cartao_de_credito ' +
      'numero_tarjeta tarjeta tarjeta_credito kreditkarte kartennummer carte_bancaire numero_carte',
  ),
  action: 'mask',
  class: 'card',
};

const EMAILS: DefaultRule = {
  names: names('*email* *e_mail* correo correo_electronico courriel *_correo'),
  action: 'hash',
  class: 'email',
  stringsOnly: true,
};

const PHONES: DefaultRule = {
  names: names(
    '*phone* *telefone* *telefono* *telefon *telefonnummer tel *_tel fone *_fone celular *_celular ' +
      'whatsapp *_whatsapp mobile_number mobile_no msisdn handynummer movil numero_movil',
  ),
  action: 'hash',
  class: 'phone',
};

/** Where the semantic conventions, old and new, and common frameworks put a caller's address. */
const ADDRESSES: DefaultRule = {
  names: names(
    'client.address source.address network.peer.address net.peer.ip net.sock.peer.addr ' +
      'http.client_ip ip ip_addr ip_address ipaddr ipaddress client_ip clientip client_address ' +
      'source_ip src_ip remote_ip peer_ip user_ip remote_addr remote_address x_forwarded_for xff ' +
      'x_real_ip x_client_ip true_client_ip cf_connecting_ip fastly_client_ip forwarded_for ' +
      'endereco_ip ip_cliente ip_origem ip_usuario direccion_ip ip_adresse adresse_ip',
  ),
  action: 'hash',
  class: 'ip',
};

/** Names, numbers of documents and accounts, and devices of people, by what they are called. */
const PEOPLE: readonly DefaultRule[] = [
  {
    names: names(
      'full_name fullname nome_completo nombre_completo nom_complet vollstaendiger_name mother_name ' +
        'mothers_name father_name nome_mae nome_da_mae nome_pai nome_do_pai nome_social maiden_name ' +
        'first_name firstname last_name lastname given_name family_name middle_name surname ' +
        'sobrenome apellido apellidos vorname nachname prenom nom_de_famille card_holder ' +
        'cardholder_name titular_do_cartao',
    ),
    action: 'hash',
    class: 'name',
    stringsOnly: true,
  },
  {
    names: names(
      'birth_date birthdate date_of_birth dob birthday data_nascimento data_de_nascimento dt_nascimento ' +
        'nascimento fecha_nacimiento fecha_de_nacimiento geburtsdatum date_naissance date_de_naissance',
    ),
    action: 'mask',
    class: 'birth_date',
  },
  { names: names('cep *_cep codigo_postal_residencial'), action: 'hash', class: 'cep' },
  { names: names('rg *_rg numero_rg rg_numero registro_geral'), action: 'hash', class: 'rg' },
  { names: names('cnh *_cnh numero_cnh cnh_numero'), action: 'hash', class: 'cnh' },
  { names: names('pis nis pasep *_pis pis_pasep nit'), action: 'hash', class: 'pis' },
  {
    names: names('pix chave_pix pix_key pix_copia_e_cola copia_e_cola pix_qr_code'),
    action: 'hash',
    class: 'pix',
  },
  { names: names('iban *_iban'), action: 'hash', class: 'iban' },
  { names: names('mac mac_address mac_addr macaddress'), action: 'hash', class: 'mac' },
];

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
  PHONES,
  ADDRESSES,
  USER_AGENTS,
  { names: ['ssn', 'ssn_*', '*_ssn', '*_ssn_*'], action: 'hash', class: 'text' },
  ...PEOPLE,
];
