/**
 * Keys that can be told by the heads which their issuers gave them for that purpose, one entry
 * each: what they begin with, and how many characters of a key follow at least.
 */
import { continuesWord, matchAt } from '../characters.ts';
import type { Detection, Detector } from '../detector.ts';
import { findAtSigns, mergeDetections } from '../detector.ts';

/** Letters, digits, `_` and `-` behind the head, at least as many. */
type Head = readonly [head: string, fewest: number, rest?: RegExp];

const WORD = /[\w-]*/uy;
const DOTTED = /[\w.-]*/uy;
const HEX = /[0-9a-f]*/uy;
const BASE64 = /[\w+/=-]*/uy;
/** With a digit among the first: `sk-…` alone may begin an identifier of words. */
const WITH_DIGIT = /(?=[\w-]{0,64}\d)[\w-]*/uy;

function heads(names: string, fewest: number, rest?: RegExp): readonly Head[] {
  return names
    .split(' ')
    .map((head) => (rest === undefined ? [head, fewest] : [head, fewest, rest]));
}

/** Heads that end in `_`, `-` or `.`. */
const HEADS: readonly Head[] = [
  ...heads('iml_live_ iml_test_', 8), // ImmutableLog
  ...heads('sk_live_ sk_test_ rk_live_ rk_test_', 10), // Stripe
  ...heads('whsec_', 16, BASE64), // Stripe, Svix
  ...heads('ghp_ gho_ ghu_ ghs_ ghr_ github_pat_', 20), // GitHub
  ...heads(
    'glpat- gldt- glrt- glrtr- glcbt- glptt- glft- glsoat- glagent- gloas- glimt- glffct-',
    16,
    DOTTED,
  ), // GitLab
  ...heads('xoxa- xoxb- xoxc- xoxd- xoxe- xoxo- xoxp- xoxr- xoxs- xapp- xoxe.xoxb- xoxe.xoxp-', 10), // Slack
  ...heads('npm_', 30), // npm
  ...heads('pypi-AgE', 40), // PyPI
  ...heads('rubygems_', 32), // RubyGems
  ...heads('CLOJARS_', 40), // Clojars
  ...heads('hf_ api_org_', 30), // Hugging Face
  ...heads('hvs. hvb. hvr.', 20), // Vault
  ...heads('dop_v1_ doo_v1_ dor_v1_', 40), // DigitalOcean
  ...heads('shpat_ shpca_ shppa_ shpss_ shpua_', 20), // Shopify
  ...heads('SG.', 32, DOTTED), // SendGrid
  ...heads('xkeysib- xsmtpsib-', 40), // Brevo
  ...heads('key-', 32, HEX), // Mailgun
  ...heads('sk-proj- sk-svcacct- sk-admin- sk-ant- sk-or- sk-lf-', 16), // OpenAI, Anthropic, OpenRouter, Langfuse
  ...heads('sk-', 20, WITH_DIGIT), // OpenAI and those who took its form
  ...heads('gsk_ r8_ xai- pplx- tvly- nvapi- fw_ pcsk_ jina_ csk-', 20), // models and their tools
  ...heads('lsv2_pt_ lsv2_sk_', 20), // LangSmith
  ...heads('GOCSPX- ya29.', 20), // Google
  ...heads('tskey-', 16), // Tailscale
  ...heads('PMAK-', 24), // Postman
  ...heads('NRAK- NRII- NRRA- NRSP- NRJS-', 16), // New Relic
  ...heads('glc_ glsa_', 20, BASE64), // Grafana
  ...heads('sntrys_ sntryu_ sntrya_', 30, BASE64), // Sentry
  ...heads('dt0c01. dt0s01. dt0s16.', 24, DOTTED), // Dynatrace
  ...heads('dp.pt. dp.st. dp.ct. dp.sa. dp.scim. dp.audit.', 20, DOTTED), // Doppler
  ...heads('ops_eyJ', 40), // 1Password
  ...heads('lin_api_ lin_oauth_', 30), // Linear
  ...heads('figd_ figo_', 30), // Figma
  ...heads('ntn_ secret_', 40), // Notion
  ...heads('sbp_ sb_secret_', 20), // Supabase
  ...heads('pscale_tkn_ pscale_pw_ pscale_oauth_', 20), // PlanetScale
  ...heads('dckr_pat_ dckr_oat_', 20), // Docker
  ...heads('CCIPAT_ CCIPRJ_', 20), // CircleCI
  ...heads('bkua_ bkct_ bkpt_', 30), // Buildkite
  ...heads('pul-', 36, HEX), // Pulumi
  ...heads('nfp_ nfc_ nfb_', 30), // Netlify
  ...heads('vcp_ vck_ vca_ vci_', 20), // Vercel
  ...heads('HRKU-', 30), // Heroku
  ...heads('rnd_', 28), // Render
  ...heads('fo1_ fm1_ fm2_', 30, BASE64), // Fly
  ...heads('CFPAT-', 30), // Contentful
  ...heads('sqp_ squ_ sqa_', 36), // Sonar
  ...heads('sgp_', 36), // Sourcegraph
  ...heads('pnu_ pnb_', 32), // Prefect
  ...heads('rdme_', 40), // ReadMe
  ...heads('phx_ phs_', 30), // PostHog
  ...heads('tfp_', 40, DOTTED), // Typeform
  ...heads('fio-u-', 40), // Frame.io
  ...heads('sq0atp- sq0csp- sq0idp-', 20), // Square
  ...heads('FLWSECK- FLWSECK_TEST-', 12), // Flutterwave
  ...heads('APP_USR-', 30), // Mercado Pago
  ...heads('$aact_', 40, BASE64), // Asaas
  ...heads('ak_live_ ak_test_ sk_prod_', 20), // Pagar.me and others
  ...heads('duffel_live_ duffel_test_ shippo_live_ shippo_test_', 20), // Duffel, Shippo
  ...heads('zpka_', 30), // Zuplo
  ...heads('p8e-', 32), // Adobe
  ...heads('AGE-SECRET-KEY-1', 50), // age
  ...heads('sk.eyJ', 40, DOTTED), // Mapbox
  ...heads('y0_ t1.', 40, DOTTED), // Yandex
  ...heads('re_', 30), // Resend
];

/** Keys whose heads are letters alone, and those that show by their whole form. */
const LITERALS: readonly (readonly [head: string, shape: RegExp])[] = [
  ...['AKIA', 'ASIA', 'ABIA', 'ACCA'].map(
    (head) => [head, new RegExp(`${head}[A-Z2-7]{16}(?![A-Za-z0-9])`, 'uy')] as const, // AWS
  ),
  ['ABSK', /ABSK[A-Za-z0-9+/]{100,}={0,2}/uy], // AWS Bedrock
  ['AIza', /AIza[\w-]{30,}/uy], // Google
  ['LTAI', /LTAI[A-Za-z0-9]{12,24}(?![A-Za-z0-9])/uy], // Alibaba
  ['AKID', /AKID[A-Za-z0-9]{32}(?![A-Za-z0-9])/uy], // Tencent
  ['AKCp', /AKCp[A-Za-z0-9]{68,}/uy], // JFrog
  ['EAA', /EAA[A-Za-z0-9]{80,}/uy], // Meta
  ['EAAA', /EAAA[\w-]{56,}/uy], // Square
  ['SK', /SK[0-9a-f]{32}(?![A-Za-z0-9])/uy], // Twilio
  ['dapi', /dapi[0-9a-f]{32}(?:-\d)?(?![A-Za-z0-9])/uy], // Databricks
  ['ATATT3', /ATATT3[\w=-]{60,}/uy], // Atlassian
  ['ATCTT3', /ATCTT3[\w=-]{60,}/uy], // Atlassian
  ['ATBB', /ATBB[A-Za-z0-9]{28,}/uy], // Bitbucket
  ['AQVN', /AQVN[\w-]{35,}/uy], // Yandex
  ['EZAK', /EZ[AT]K[A-Za-z0-9]{54}/uy], // EasyPost
  ['EZTK', /EZ[AT]K[A-Za-z0-9]{54}/uy], // EasyPost
  ['GR1348941', /GR1348941[\w-]{20,}/uy], // GitLab
  ['pat', /pat[A-Za-z0-9]{14}\.[0-9a-f]{64}/uy], // Airtable
];

const ANY_LITERAL = new RegExp(
  '(?:A(?:[KS]IA|BIA|CCA|BSK|Iza|KID|KCp|T(?:ATT3|CTT3|BB)|QVN)|LTAI|EAA|SK[0-9a-f]{3}|dapi[0-9a-f]{3}|EZ[AT]K|GR1348941|pat[A-Za-z0-9]{3})',
  'u',
);

/** Keys inside addresses, and of a form that stands for itself. */
const FORMS: readonly (readonly [sign: string, pattern: RegExp])[] = [
  ['/services/', /(?<=\/services\/)T[A-Z0-9]{7,}\/B[A-Z0-9]{7,}\/[A-Za-z0-9]{16,}/gu], // Slack
  ['/webhooks/', /(?<=\/webhooks\/)\d{15,20}\/[\w-]{40,}/gu], // Discord
  ['/webhookb2/', /(?<=\/webhookb2\/)[\w@-]{36,}\/[\w/-]{32,}/gu], // Microsoft Teams
  ['/hooks/catch/', /(?<=\/hooks\/catch\/)\d{4,}\/\w{5,}/gu], // Zapier
  [':AA', /(?<![A-Za-z0-9])\d{8,10}:AA[\w-]{32,}|(?<=bot)\d{8,10}:AA[\w-]{32,}/gu], // Telegram
  ['Q~', /(?<![\w.~-])[\w.~-]{3}\dQ~[\w.~-]{31,34}(?![\w.~-])/gu], // Azure
  ['-us', /(?<![0-9a-f])[0-9a-f]{32}-us\d{1,2}(?!\w)/gu], // Mailchimp
  ['.atlasv1.', /[A-Za-z0-9]{14}\.atlasv1\.[\w-]{60,}/gu], // Terraform
];

/** Pieces that every such form has, with rare signs in front. */
function hasForm(text: string): boolean {
  if (text.includes('hook') || text.includes('ices/T') || text.includes(':AA')) return true;
  return text.includes('-us') || text.includes('Q~') || text.includes('tlasv1.');
}

/** The heads by the two letters in front of their last sign. */
type HeadIndex = ReadonlyMap<number, readonly IndexedHead[]>;

interface IndexedHead {
  readonly head: Head;
  /** Offset of the sign in the head. */
  readonly sign: number;
}

/** The two signs in front of `end` as one number, which is cheaper to look up than a string. */
function lastTwo(text: string, end: number): number {
  return text.charCodeAt(end - 2) * 65_536 + text.charCodeAt(end - 1);
}

const SIGNS = ['_', '-', '.'] as const;

/** Where the last `_`, `-` or `.` of a head is, behind which only letters of the key's kind follow. */
function signOf(head: string): number {
  return Math.max(...SIGNS.map((sign) => head.lastIndexOf(sign)));
}

function indexOf(sign: string): HeadIndex {
  const index = new Map<number, IndexedHead[]>();
  for (const head of HEADS) {
    const at = signOf(head[0]);
    if (head[0].charAt(at) !== sign) continue;
    const key = lastTwo(head[0], at);
    index.set(key, [...(index.get(key) ?? []), { head, sign: at }]);
  }
  return index;
}

const INDEX = SIGNS.map((sign) => [sign, indexOf(sign)] as const);

/** Finds API keys by the well-known beginnings their issuers gave them for that purpose. */
export const keyShapeDetector: Detector = {
  class: 'key',
  mayFind: (text) =>
    INDEX.some(([sign, index]) => hasHead(text, sign, index)) ||
    ANY_LITERAL.test(text) ||
    hasForm(text),
  find(text: string): readonly Detection[] {
    const found = INDEX.flatMap(([sign, index]) => findJoined(text, sign, index));
    if (ANY_LITERAL.test(text)) {
      for (const [head, shape] of LITERALS) {
        found.push(...findAtSigns(text, head, (_text, at) => literalAt(text, at, shape)));
      }
    }
    for (const [sign, pattern] of FORMS) {
      if (!text.includes(sign)) continue;
      for (const { index, 0: key } of text.matchAll(pattern)) {
        found.push({ start: index, end: index + key.length, class: 'key' });
      }
    }
    return mergeDetections(text, found);
  },
};

const NONE: readonly IndexedHead[] = [];

function hasHead(text: string, sign: string, index: HeadIndex): boolean {
  let at = text.indexOf(sign);
  while (at !== -1) {
    for (const known of index.get(lastTwo(text, at)) ?? NONE) {
      if (text.startsWith(known.head[0], at - known.sign)) return true;
    }
    at = text.indexOf(sign, at + 1);
  }
  return false;
}

function findJoined(text: string, sign: string, index: HeadIndex): Detection[] {
  return findAtSigns(text, sign, (_text, at) => {
    for (const { head, sign: offset } of index.get(lastTwo(text, at)) ?? NONE) {
      const key = keyAt(text, at - offset, head);
      if (key !== undefined) return key;
    }
    return undefined;
  });
}

/** The key with this head that begins at `start`, if one does. */
function keyAt(
  text: string,
  start: number,
  [head, fewest, rest = WORD]: Head,
): Detection | undefined {
  if (start < 0 || !text.startsWith(head, start) || continuesWord(text, start)) return undefined;
  const length = matchAt(rest, text, start + head.length).replace(/[.-]+$/u, '').length;
  return length < fewest ? undefined : { start, end: start + head.length + length, class: 'key' };
}

function literalAt(text: string, start: number, shape: RegExp): Detection | undefined {
  if (continuesWord(text, start)) return undefined;
  const { length } = matchAt(shape, text, start);
  const end = start + length;
  if (length === 0) return undefined;
  // The dash of an arrow behind a key is no part of it.
  return { start, end: text.startsWith('->', end - 1) ? end - 1 : end, class: 'key' };
}
