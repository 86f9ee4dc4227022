/**
 * Digests over the requests for the generated records by way of redaction. They change with the
 * records and wherever bytes on the wire change; whoever changes them says so in the changelog,
 * because one event then has another payload hash in two versions.
 */
export const ENCODED_DIGESTS: Readonly<Record<string, string>> = {
  'by default': '32423e78cee4b772bcbe7a540a3d8e5b9a505b68226f54740c133802b9c1ced9',
  'with a key': '7edc6552634cfbeb913b896916a417ea234f753d8b852df00c4b67ea4f70a50d',
  'in place': '5eba6dbe52d5dcccde060b425ef6689df335925b45b40a8eed79c03ecb46c5fc',
  'detecting everything': '994284818299110566864c7a255c2c1aa0fd81489702eaa6fcd5d091acde69d2',
  'by rules alone': 'c45621c1176b190a31c8e44a8dcc9d866b9bae463a14c8e48f488fc29c03119d',
  'keeping frames': 'd234077825c76ce6dd5d587ca847c88cf618a0c8f2ab932ad844ac6eb0d808fd',
  'in allow mode': '09e8793ecd592177b74dcbbea9190c9085c2d2bbc973a72df57ec59d8fac8111',
  'by own rules': 'bccf0b060fa4139daf659dd309b2d8321d1145c2d8b3fb3163e96d5e022cc81c',
};
