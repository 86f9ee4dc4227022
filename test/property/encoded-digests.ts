/**
 * Digests over the requests for the generated records by way of redaction. They change with the
 * records and wherever bytes on the wire change; whoever changes them says so in the changelog,
 * because one event then has another payload hash in two versions.
 */
export const ENCODED_DIGESTS: Readonly<Record<string, string>> = {
  'by default': 'd58a07b9eb9e5b0090355c3e8f9ef8b62faa089a4c287ab4299d0022b48f0bef',
  'with a key': '4d830c7892cef616b33a44612eddec02b9da63af0f6fee270198cb05eab29beb',
  'in place': '52cd778362b59ecf905d95478be4a4a3e7ac43f1f254a5fb978c16e80c4f4e75',
  'detecting everything': '6a535ed11e6d1781188882bf39df6ddde31cb72efad54b2b11463fd41d649f47',
  'by rules alone': 'db54dfd916dbc81eda019a66e683b54bc2c42fbc5b1f8985fd40cca55e5620f6',
  'keeping frames': 'cd96c91b25dc0fc9bd364d10c208393729d67e1dd814349acc8e9419d393ba12',
  'in allow mode': 'ed356fc4a871161ec6e4ec98cc9d1587da4191af4ccf0fd46a84eacf23abc37f',
  'by own rules': 'ebdc465c78b602ca06f710ce3a4ce9e599428dbfb05ce0757cc424b77b375795',
};
