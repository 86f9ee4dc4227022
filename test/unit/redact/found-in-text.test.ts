import { describe, expect, it } from 'vitest';
import { createRedactor } from '../../../src/redact/redactor.ts';

const redactor = createRedactor();
const redact = (text: string): string => redactor.redactText(text);
const Z = 'a1B2c3D4e5F6g7';
const CPF = '529.982.247-25';
const ESC = '\u001b';

/** Each text with what it becomes; digests are not what these tests are about. */
function becomes(texts: Readonly<Record<string, string>>): void {
  it.each(Object.entries(texts))('%s', (text, expected) => {
    expect(redact(text).replaceAll(/ sha256:[0-9a-f]{32}\]/g, ']')).toBe(expected);
  });
}

describe('next to the colours of a terminal', () => {
  becomes({
    [`${ESC}[32m${CPF}${ESC}[39m`]: `${ESC}[32m[cpf]${ESC}[39m`,
    [`${ESC}[1;31m203.0.113.7${ESC}[0m`]: `${ESC}[1;31m[ip]${ESC}[0m`,
    [`${ESC}[38;5;208mana@example.com${ESC}[m`]: `${ESC}[38;5;208m[email]${ESC}[m`,
    [`{ password: ${ESC}[32m'${Z}'${ESC}[39m }`]: `{ password: ${ESC}[32m'[secret]'${ESC}[39m }`,
    [`\\u001b[33m+5511987654321\\u001b[39m`]: `\\u001b[33m[phone]\\u001b[39m`,
    [`${ESC}[32mhttps://u:${Z}@h.co/x${ESC}[39m`]: `${ESC}[32mhttps://[secret]@h.co/x${ESC}[39m`,
  });
});

describe('a secret by its name', () => {
  becomes({
    [`session_id=${Z}`]: 'session_id=[secret]',
    [`password1=${Z}`]: 'password1=[secret]',
    [`passwords=${Z}`]: 'passwords=[secret]',
    [`password_confirmation=${Z}`]: 'password_confirmation=[secret]',
    [`senhaAtual=${Z}`]: 'senhaAtual=[secret]',
    [`senha-nova: ${Z}`]: 'senha-nova: [secret]',
    [`SECRET_KEY_BASE=${Z}`]: 'SECRET_KEY_BASE=[secret]',
    [`user[password]=${Z}`]: 'user[password]=[secret]',
    [`conta[senha]=${Z}`]: 'conta[senha]=[secret]',
    [`--password ${Z}`]: '--password [secret]',
    [`--client-secret ${Z} --page 2`]: '--client-secret [secret] --page 2',
    [`contraseña=${Z}`]: 'contraseña=[secret]',
    [`Passwort: ${Z}`]: 'Passwort: [secret]',
    [`mot_de_passe=${Z}`]: 'mot_de_passe=[secret]',
    [`accountKey="${Z}"`]: 'accountKey="[secret]"',
    [`clave_secreta=${Z}`]: 'clave_secreta=[secret]',
    [`x_sig=1&sig=${Z}`]: 'x_sig=1&sig=[secret]',
  });
});

describe('a header line', () => {
  becomes({
    [`Cookie: a=b; sid=${Z}`]: 'Cookie: [secret]',
    [`cookie: lang=pt; theme=dark; token=${Z}`]: 'cookie: [secret]',
    [`Set-Cookie: id=${Z}; Path=/; HttpOnly; Expires=Wed, 21 Oct 2026 07:28:00 GMT`]:
      'Set-Cookie: [secret]',
    [`curl -H 'Cookie: a=b; sid=${Z}' https://h.co/`]: "curl -H 'Cookie: [secret]' https://h.co/",
    [`Authorization: JWT ${Z}`]: 'Authorization: JWT [bearer]',
    [`Authorization: SSWS ${Z}`]: 'Authorization: SSWS [bearer]',
    [`authorization: GoogleLogin auth=${Z}`]: 'authorization: GoogleLogin auth=[bearer]',
    [`Proxy-Authorization: Custom ${Z}`]: 'Proxy-Authorization: Custom [bearer]',
    'Authorization: Basic dXNlcjpwYXNzd29yZA==': 'Authorization: Basic [bearer]',
    'got Basic dXNlcjpwYXNzd29yZA==': 'got Basic [bearer]',
    'Authorization: required for this page': 'Authorization: required for this page',
    [`Cookie: shop=${Z}; theme=`]: 'Cookie: [secret]',
    [`Cookie: shop=${Z}; theme=***`]: 'Cookie: [secret]',
    'Cookie: shop=***; theme=': 'Cookie: shop=***; theme=',
    'Cookie: accepted': 'Cookie: accepted',
  });
});

describe('the value of a secret', () => {
  becomes({
    [`"password":"$${Z}"`]: '"password":"[secret]"',
    [`"password":"@${Z}"`]: '"password":"[secret]"',
    [`"password":"%${Z}"`]: '"password":"[secret]"',
    [`"password":"<${Z}"`]: '"password":"[secret]"',
    [`"password":"(${Z}"`]: '"password":"[secret]"',
    [`"password":"{${Z}"`]: '"password":"[secret]"',
    [`"password":"[${Z}"`]: '"password":"[secret]"',
    [`'password': ':${Z}'`]: "'password': '[secret]'",
    [`"password":"&${Z}"`]: '"password":"[secret]"',
    'password="${DB_PASSWORD}"': 'password="${DB_PASSWORD}"',
    'password="{{ vault }}"': 'password="{{ vault }}"',
    'password=<password>': 'password=<password>',
    'password=****': 'password=****',
    [`password=[abc]${Z}`]: 'password=[secret]',
    [`password=[abc]-${Z}`]: 'password=[secret]',
    'password=[secret]': 'password=[secret]',
    [`password=abc&${Z}`]: 'password=[secret]',
    [`password=abc,${Z}`]: 'password=[secret]',
    [`password=ab)${Z}`]: 'password=[secret]',
    [`(password=${Z})`]: '(password=[secret])',
    [`password=${Z}&page=2`]: 'password=[secret]&page=2',
    [`Server=h;Password=${Z};Database=d`]: 'Server=h;Password=[secret];Database=d',
    'API_KEY=\nNEXT=1': 'API_KEY=\nNEXT=1',
    'password:\r\n  user: ana': 'password:\r\n  user: ana',
  });
});

describe('a secret in a structure written as text', () => {
  becomes({
    [`[{"name":"Authorization","value":"${Z}"}]`]: '[{"name":"Authorization","value":"[secret]"}]',
    [`[["cookie","sid=${Z}"]]`]: '[["cookie","[secret]"]]',
    [`GET /x?a&token=${Z}&code=${Z} 200`]: 'GET /x?a&token=[query]&code=[query] 200',
    [`<password>${Z}</password>`]: '<password>[secret]</password>',
    [`<wsse:Password Type="text">${Z}</wsse:Password>`]:
      '<wsse:Password Type="text">[secret]</wsse:Password>',
    [`<clientSecret>${Z}</clientSecret>`]: '<clientSecret>[secret]</clientSecret>',
    [`name="password"\r\n\r\n${Z}\r\n--x`]: 'name="password"\r\n\r\n[secret]\r\n--x',
    [`CREATE USER a IDENTIFIED BY ${Z}`]: 'CREATE USER a IDENTIFIED BY [secret]',
    [`ALTER USER a IDENTIFIED BY '${Z}'`]: "ALTER USER a IDENTIFIED BY '[secret]'",
    [`ALTER ROLE a WITH PASSWORD '${Z}'`]: "ALTER ROLE a WITH PASSWORD '[secret]'",
    [`ALTER USER a PASSWORD '${Z}'`]: "ALTER USER a PASSWORD '[secret]'",
  });
});

describe('an e-mail address', () => {
  becomes({
    'a@b.example->c@d.example': '[email]->[email]',
    'ana@example.com- gone': '[email]- gone',
    'ana@example.com2': '[email]2',
    'ana@my_host.example.com': '[email]',
    'bounce-ana=example.com@lists.example.org': '[email]',
    'SRS0=ab=cd=example.com=ana@fwd.example.org': '[email]',
    "d'ana@example.com": "d'[email]",
    "l'ana@example.com": "l'[email]",
    "o'brien@example.com": '[email]',
    '_ana@example.com_': '_[email]_',
    '**ana@example.com**': '**[email]**',
    '→ana@example.com': '→[email]',
    '•ana@example.com•': '•[email]•',
    '用户ana@example.com已登录': '用户[email]已登录',
    'メールana@example.comです': 'メール[email]です',
    'Пользовательana@example.com': 'Пользователь[email]',
    '\\u003cana@example.com\\u003e': '\\u003c[email]\\u003e',
    '&lt;ana@example.com&gt;': '&lt;[email]&gt;',
    'email=ana@example.com': 'email=[email]',
  });

  it('has one digest, whatever stands around it and however it is spelled', () => {
    const digest = redactor.digest('ana@example.com', 'email').slice(0, 32);
    for (const text of [
      "d'ana@example.com",
      '_ana@example.com_',
      '→ana@example.com',
      '用户ana@example.com。',
      '\\u003cana\\u0040example.com',
      'ANA@example.com',
      'ana%40example.com',
      'ana&#64;example.com',
      'ana＠example.com',
      'an\u200ba@example.com',
      '%61na%2540example.com',
      '{\\"a\\":\\"ana@example.com\\"}',
    ]) {
      expect(redact(text)).toContain(`[email sha256:${digest}]`);
    }
  });
});

describe('another spelling', () => {
  becomes({
    '５２９．９８２．２４７－２５': '[cpf]',
    '529.982.247\u201125': '[cpf]',
    '529\u00a0982\u00a0247\u00a025': '[cpf]',
    '529.982.\u200b247-25': '[cpf]',
    '11.222.333/0001\u201381': '[cnpj]',
    '11.222.333\\/0001-81': '[cnpj]',
    '4111\u20091111\u20091111\u20091111': '[card]',
    '４１１１１１１１１１１１１１１１': '[card]',
    'call \\u002B55 11 98765-4321': 'call [phone]',
    [`\\"password\\":\\"${Z}\\"`]: '\\"password\\":\\"[secret]\\"',
    [`\\\\\\"password\\\\\\":\\\\\\"${Z}\\\\\\"`]: '\\\\\\"password\\\\\\":\\\\\\"[secret]\\\\\\"',
  });
});

describe('a phone number', () => {
  becomes({
    '(+55) (11) 98765-4321': '[phone]',
    '+55\t11\t98765-4321': '[phone]',
    'disque 0xx11 98765-4321': 'disque [phone]',
    'tel+5511987654321': 'tel[phone]',
    '+55 11 98765-4321 10:00': '[phone] 10:00',
    '+44 20 7946 0958 2026-11-27': '[phone] 2026-11-27',
    'whatsapp 11 98765-4321': 'whatsapp [phone]',
    'contato: 11 98765-4321': 'contato: [phone]',
    'recebido (11) 98765-4321 ontem': 'recebido [phone] ontem',
    'recebido (21) 3333-4444 ontem': 'recebido [phone] ontem',
  });
});

describe('a network address, a card or a key', () => {
  becomes({
    '::ffff:10.1.2.3': '[ip]',
    '::ffff:10.1.2.3:8080': '[ip]:8080',
    '64:ff9b::192.0.2.33 ok': '[ip] ok',
    '[2001:db8::1]:443': '[[ip]]:443',
    '0:0:0:0:0:0:0:0:2181': '[ip]:2181',
    '2001:db8:0:0:0:0:0:1:8080': '[ip]:8080',
    '529.982.247-25 4111 1111 1111 1111': '[cpf] [card]',
    '2 4111 1111 1111 1111 2026': '2 [card] 2026',
    'pix 529 982 247 25 em 3 vezes': 'pix [cpf] em 3 vezes',
    'hipercard 6062825624254001': 'hipercard [card]',
    'elo 6363680000457017': 'elo [card]',
    'maestro 6759649826438453': 'maestro [card]',
    'dankort 5019717010103742': 'dankort [card]',
    'https://hooks.slack.com/services/T00000000/B00000000/abcdefghijklmnopqrstuvwx':
      'https://hooks.slack.com/services/[key]',
    'https://discord.com/api/webhooks/123456789012345678/abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789ab':
      'https://discord.com/api/webhooks/[key]',
    'https://api.telegram.org/bot1234567890:AAabcdefghijklmnopqrstuvwxyz0123456/getMe':
      'https://api.telegram.org/bot[key]/getMe',
  });
});

describe('a URL inside a URL', () => {
  becomes({
    [`https://proxy.example/https://u:${Z}@h.co/x`]:
      'https://proxy.example/https://[secret]@h.co/x',
    [`https://h.co/a#/next/https://u:${Z}@h.co/x?y=1`]:
      'https://h.co/a#/next/https://[secret]@h.co/x?y=[query]',
    [`https://h.co/a?next=https://u:${Z}@h.co/x`]: 'https://h.co/a?next=[query]',
    [`/go/ftp://${Z}@h.co/x?page=1`]: '/go/ftp://[secret]@h.co/x?page=1',
  });
});

describe('documents', () => {
  becomes({
    'conta DE89370400440532013000': 'conta [iban]',
    'conta GB82 WEST 1234 5698 7654 32, obrigado': 'conta [iban], obrigado',
    'conta DE89370400440532013001': 'conta DE89370400440532013001',
    'CEP: 01310-100': 'CEP: [cep]',
    'RG 12.345.678-9': 'RG [rg]',
    'CNH: 12345678900': 'CNH: [cnh]',
    'trabalhador 120.04521.74-2': 'trabalhador [pis]',
    'chave pix: 123e4567-e89b-12d3-a456-426614174000': 'chave pix: [pix]',
    'id 123e4567-e89b-12d3-a456-426614174000': 'id 123e4567-e89b-12d3-a456-426614174000',
    '00020126580014br.gov.bcb.pix0136123e4567-e12b-12d1-a456-4266554400005204000053039865802BR5913Fulano de Tal6008BRASILIA62070503***63041D3D':
      '[pix]',
  });
});

describe('ordinary text', () => {
  it.each([
    'blk_4980916519894289629 and blk_-4980916519894289629',
    'block 4539578763621486',
    'id=4539578763621486',
    '081109 203615 148 INFO',
    '203615 14800 done',
    'backup_20261127101500.sql',
    'packages ~~6.1.1.0 and foo==1.2.3.4',
    'lib 1.2.3.4-SNAPSHOT, Version=4.0.0.0',
    'PWD=/srv/app OLDPWD=/home/deploy',
    '(using password: YES)',
    'Wrong password: 3 attempts left',
    'Senha: incorreta',
    'senha: obrigatória',
    'bypass: a1b2c3d4e5',
    'compass=a1b2c3d4e5',
    'total R$ 6.075.209.153,12',
    'US$ 1.102.200.153,00',
    'lat +23.550520',
    'heap +10485760 bytes',
    'chave 3526 1111 2223 3300 0181 5500 1000 0000 0110 0000 0011',
    'akka.tcp://actor@host:2552/user',
    'pekko://system@node-1:25520',
    'GET /x?page=2&sort=name&limit=10',
    'PublicKeyToken=b77a5c561934e089',
  ])('stays: %s', (text) => {
    expect(redact(text)).toBe(text);
  });

  it('keeps an IPv4 address that satisfies the check digits of a CPF what it is', () => {
    expect(redact('from 205.186.180.30')).toBe('from [ip]');
  });

  it('keeps the values of harmless parameters, unless something is found in them or none may stay', () => {
    expect(redact('/x?page=2&sort=ana%40example.com&q=x')).toMatch(
      /^\/x\?page=2&sort=\[email.*\]&q=\[query\]$/,
    );
    expect(createRedactor({ urlQueryAllow: [] }).redactText('/x?page=2')).toBe('/x?page=[query]');
  });
});
