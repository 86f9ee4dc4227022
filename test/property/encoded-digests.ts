/**
 * Digests over the requests for the generated records by way of redaction. They change with the
 * records and wherever bytes on the wire change; whoever changes them says so in the changelog,
 * because one event then has another payload hash in two versions.
 */
export const ENCODED_DIGESTS: Readonly<Record<string, string>> = {
  'by default': '7d1c1ced10950fccc7833601363e11bdde077fc82e591fa2d55c315d538fe3a7',
  'with a key': 'cdf52465c571fed0c077bcddca4cf9023c51b13f94c140a42ea69a30aae091ba',
  'in place': '29a215e5bf7df492bd5414602a4195cb7595d98570fcccf3c1d97b75a682912e',
  'detecting everything': '8e09cc29d7a25aadc0083c3aa3aaa9cbdd1337dd1b6f21ed08ac502e93e8ac39',
  'by rules alone': 'c9f6b5bf74f5c1ff72d4744ed4d65bef8c8e106ee06ec85a4f60b050f3970c8d',
  'keeping frames': '962230e5142c79fbd69157873dad98e6b42229156b4a6a8fdb3f26748a86b082',
  'in allow mode': '8c7bd9325b19215d558d59b92a76827032a5f82487c393abb6df6b4c69db219a',
  'by own rules': '1fd427670af97e82fc08bdc61523165904c2bc694ab2f475c10593e5e46e6dd6',
};
