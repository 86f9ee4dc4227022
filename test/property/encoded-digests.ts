/**
 * Digests over the requests for the generated records by way of redaction. They change with the
 * records and wherever bytes on the wire change; whoever changes them says so in the changelog,
 * because one event then has another payload hash in two versions.
 */
export const ENCODED_DIGESTS: Readonly<Record<string, string>> = {
  'by default': 'd8eeae458179a17316c607e1b6b7fbaee4284612675b97c58b9a5c3d7cb81b46',
  'with a key': 'eb7f3028d0de5dc4efd42297853ee85becaa530f01db79497821521bc1296fef',
  'in place': '99ad7469e4bf8d021a91378cd8cfc17979f13b2c528ab3507c6aa6ceafd50a84',
  'detecting everything': 'bf40089ca0f28bd811c13e66f633219ac655915154a91fd9da1859f9ce30c261',
  'by rules alone': 'db54dfd916dbc81eda019a66e683b54bc2c42fbc5b1f8985fd40cca55e5620f6',
  'keeping frames': '17b993215242a79fa27f53b6e3f7119b495759607c9169adce46a9787874b69d',
  'in allow mode': 'dc0e9f45bf500e3befc69a1ff16906e91ae9782b8cfa0a5f156c0a3175af90d3',
  'by own rules': 'fde6ffe6ba840ff6ce220f9e170f6f025abb4283a5b3df5d36c610c0260797fc',
};
