/**
 * Digests over the requests for the generated records by way of redaction. They change with the
 * records and wherever bytes on the wire change; whoever changes them says so in the changelog,
 * because one event then has another payload hash in two versions.
 */
export const ENCODED_DIGESTS: Readonly<Record<string, string>> = {
  'by default': 'ae8f72bb87a3e1151a55d8090b00371b1955e0752faee5fd402a74256e247095',
  'with a key': '418f5934463facace06001cfa7efd9a6ee10375329081d007e51feefe8bea989',
  'in place': '14313211582b3fb3d993e647c84b4a0944844906b3010e1512db36ec67591da3',
  'detecting everything': '29178b71ab4bdab43457094a648ef9419c1cb74c107f40744f2e4829e7882428',
  'by rules alone': 'fb480b2446c152231cdc3d60a393cac142df0c18d749ad2be39d266163b749b2',
  'keeping frames': '1ac0c641f25b2d912dd754cf79ed1b161676b0930f1e2f702b161222fae57c89',
  'in allow mode': '3e1c2abc205c767c8b570ca5238dde7fe4ee11ec1ce28cc3148c1439f6b6996b',
  'by own rules': 'edc486eb5795dddf320b210464d89d80a17c5c31102db73450c45a1716bdf6d2',
};
