import { describe, expect, it } from 'vitest';
import type { RedactOptions } from '../../../src/redact/options.ts';
import { resolveRedactOptions } from '../../../src/redact/resolve.ts';
import { createDecisions, type Decision } from '../../../src/redact/rules.ts';

function decide(path: string, options: RedactOptions = {}): Decision {
  return createDecisions(resolveRedactOptions(options))(path);
}

/** Keeping is about the very path, masking about all below it. */
function met(match: string, path: string): string {
  if (decide(path, { rules: [{ match, action: 'keep' }] }).action === 'keep') return 'exact';
  return decide(path, { rules: [{ match, action: 'mask' }] }).own ? 'below' : 'no';
}

describe('a pattern', () => {
  it.each([
    ['user.email', 'user.email', 'exact'],
    ['user.email', 'User.EMAIL', 'exact'],
    ['user.email', 'a.user.email', 'no'],
    ['user.email', 'user.email.work', 'below'],
    ['email', 'email', 'exact'],
    ['email', 'a.b.email', 'exact'],
    ['email', 'a.email.work', 'below'],
    ['email', 'a.emails', 'no'],
    ['user.*', 'user.email', 'exact'],
    ['user.*', 'user', 'no'],
    ['user.*', 'user.email.work', 'no'],
    ['*.email', 'user.email', 'exact'],
    ['*.email', 'a.user.email', 'no'],
    ['http.**', 'http', 'exact'],
    ['http.**', 'http.request.header.x', 'exact'],
    ['http.**', 'https.request', 'no'],
    ['a.**.z', 'a.z', 'exact'],
    ['a.**.z', 'a.b.c.z', 'exact'],
    ['a.**.z', 'a.z.b.z', 'exact'],
    ['a.**.y.**.z', 'a.b.y.c.z', 'exact'],
    ['a.**.y.**.z', 'a.b.c.z', 'no'],
    ['*email*', 'user.work_email_2', 'exact'],
    ['*_token', 'refresh_token', 'exact'],
    ['*_token', 'token', 'no'],
    ['a*b*c', 'axxbyyc', 'exact'],
    ['a*b*c', 'acb', 'no'],
    ['x*ab*ab*z', 'xabz', 'no'],
    ['x*ab*ab*z', 'xab1ab2z', 'exact'],
    ['a.*.c', 'a.b.c.d', 'below'],
    ['ab*ba', 'aba', 'no'],
    ['apiKey', 'api_key', 'exact'],
    ['api-key', 'apiKey', 'exact'],
    ['userEmail', 'useremail', 'exact'],
    ['http_server', 'HTTPServer', 'exact'],
  ])('%s meets %s: %s', (pattern, path, expected) => {
    expect(met(pattern, path)).toBe(expected);
  });

  it('of many wildcards decides about a long path without trying every way', () => {
    const pattern = `${'**.a.'.repeat(20)}z`;
    expect(met(pattern, 'a.'.repeat(2000).slice(0, -1))).toBe('no');
    expect(met(`${'*a'.repeat(30)}b`, 'a'.repeat(4000))).toBe('no');
  });
});

describe('the built-in rules', () => {
  it.each([
    ['mask', 'password user.password accessToken access_token refreshToken id_token apiKey'],
    ['mask', 'x-api-key api_key apikey client_secret clientSecret authorization set-cookie'],
    ['mask', 'proxy-authorization cookie private_key privateKey credentials session_id passwd'],
    ['mask', 'passphrase pwd aws_secret_access_key xsrf-token senha card_number password.old'],
    ['mask', 'http.request.header.x-tenant http.response.header.set-cookie'],
    ['mask', 'HTTP.Request.Header.Authorization db.query.parameter.0'],
    ['drop', 'process.command_args process.command_line'],
    ['hash', 'user.email userEmail customer.e_mail user.full_name cpf cpf_number cnpj ssn'],
    ['hash', 'user_ssn phone phoneNumber client.address source.address network.peer.address'],
    ['hash', 'net.peer.ip net.sock.peer.addr http.client_ip x-forwarded-for remoteAddress'],
    ['hash', 'user_agent.original http.user_agent userAgent http.request.header.user_agent'],
    ['scan', 'user.id enduser.id max_tokens gen_ai.usage.input_tokens token_count token_type'],
    ['scan', 'className businessName processName http.route server.address net.host.ip host.ip'],
    ['scan', 'http.request.header.content-type session.id'],
    ['scan', 'gen_ai.token.type user.roles order.id constructor __proto__ toString'],
  ])('%s: %s', (action, names) => {
    const decided = names.split(' ').map((name) => [name, decide(name).action]);
    expect(decided).toEqual(names.split(' ').map((name) => [name, action]));
  });

  it('leave nothing below a harmless name out of sight', () => {
    expect(decide('user.id.password').action).toBe('mask');
  });
});

describe('own rules', () => {
  it('come before the built-in ones, and the first that matches decides', () => {
    const rules = [
      { match: 'user.email', action: 'keep' },
      { match: 'user.**', action: 'drop' },
      { match: 'user.phone', action: 'keep' },
    ] as const;
    expect(decide('user.email', { rules }).action).toBe('keep');
    expect(decide('user.phone', { rules }).action).toBe('drop');
    expect(decide('other.phone', { rules }).action).toBe('hash');
  });

  it('take the class of the built-in rule when they name none', () => {
    const rules = [{ match: '**', action: 'mask' }] as const;
    expect(decide('user.email', { rules }).class).toBe('email');
    expect(decide('colour', { rules }).class).toBe('text');
    const classed = [{ match: 'user.email', action: 'mask', class: 'secret' }] as const;
    expect(decide('user.email', { rules: classed }).class).toBe('secret');
  });

  it('that keep a name keep that value, not all that lies below it', () => {
    const rules = [{ match: 'user', action: 'keep' }] as const;
    expect(decide('user', { rules }).action).toBe('keep');
    expect(decide('user.password', { rules }).action).toBe('mask');
  });

  it('may be regular expressions on the dotted path, whose state does not matter', () => {
    const rules = [{ match: /^order\.(note|memo)$/g, action: 'mask' }] as const;
    const compiled = createDecisions(resolveRedactOptions({ rules }));
    const actions = ['order.note', 'order.note', 'Order.Memo', 'x.order.note'].map(
      (path) => compiled(path).action,
    );
    expect(actions).toEqual(['mask', 'mask', 'mask', 'scan']);
  });

  it('may keep a value by a regular expression, and say that a user decided', () => {
    const rules = [
      { match: 'other', action: 'drop' },
      { match: /^user\.email$/, action: 'keep' },
    ] as const;
    expect(decide('user.email', { rules })).toMatchObject({ action: 'keep', own: true, order: 1 });
    expect(decide('user.email.work', { rules })).toMatchObject({ action: 'hash', own: false });
  });

  it('see no path of more than 4096 characters: its value is masked', () => {
    expect(decide('a'.repeat(4097)).action).toBe('mask');
    expect(decide('a'.repeat(4096)).action).toBe('scan');
  });
});

describe('allow mode', () => {
  it('lets not even the name of a secret travel that nobody named', () => {
    const options = { mode: 'allow', rules: [{ match: 'order.id', action: 'keep' }] } as const;
    expect(decide('password', options).action).toBe('drop');
    expect(decide('http.request.header.x-a', options).action).toBe('drop');
  });

  const rules = [
    { match: 'order.*', action: 'keep' },
    { match: 'user', action: 'keep' },
    { match: 'user_email', action: 'hash' },
    { match: 'token', action: 'keep' },
    { match: 'order.memo', action: 'drop' },
  ] as const;
  it.each([
    ['order.id', 'scan'],
    ['order.items.sku', 'drop'],
    ['colour', 'drop'],
    ['user', 'scan'],
    ['user.name', 'scan'],
    ['user.phone', 'hash'],
    ['user_email', 'hash'],
    ['token', 'mask'],
    ['user.password', 'mask'],
    ['process.command_args', 'drop'],
  ])('of %s: %s', (path, action) => {
    expect(decide(path, { mode: 'allow', rules }).action).toBe(action);
  });

  it.each([
    ['user.email', 'scan'],
    ['email', 'scan'],
    ['user.*', 'hash'],
    ['user.e*', 'hash'],
    [/^user\.email$/, 'hash'],
    ['user', 'hash'],
  ] as const)('with %s kept leaves user.email to: %s', (match, action) => {
    const kept = [{ match, action: 'keep' }] as const;
    expect(decide('user.email', { mode: 'allow', rules: kept }).action).toBe(action);
  });

  it('lets no command line travel, even when it is named', () => {
    const kept = [{ match: 'process.command_args', action: 'keep' }] as const;
    expect(decide('process.command_args', { mode: 'allow', rules: kept }).action).toBe('drop');
    expect(decide('process.command_args', { rules: kept }).action).toBe('keep');
  });
});

describe('the kind of text a value is', () => {
  it.each([
    ['url.full', 'url'],
    ['url.path', 'url'],
    ['http.url', 'url'],
    ['request.originalUrl', 'url'],
    ['url.query', 'query'],
    ['db.query.text', 'sql'],
    ['db.statement', 'sql'],
    ['exception.stacktrace', 'stack'],
    ['err.stack', 'stack'],
    ['exception.message', 'text'],
    ['errorMessage', 'text'],
    ['description', 'text'],
    ['http.route', 'name'],
    ['app.db.statement', 'sql'],
    ['Job.Exception.Message', 'text'],
    ['cause.http.target', 'url'],
    ['xdb.statement', 'name'],
    ['constructor', 'name'],
    ['curl.full', 'name'],
  ])('%s is %s', (path, textKind) => {
    expect(decide(path).textKind).toBe(textKind);
  });
});
