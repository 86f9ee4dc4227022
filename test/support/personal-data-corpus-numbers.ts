import { cnpjOf, cpfOf, punctuateCnpj, punctuateCpf } from './brazilian-numbers.ts';

/** Sentences with a gap, `@`, for a number. */
const CPF_SETTINGS: readonly string[] = [
  'CPF @',
  'cpf: @',
  'cpf=@',
  'cpf=@&nome=x',
  '"cpf":"@"',
  '{\\"cpf\\":\\"@\\"}',
  'cliente @ bloqueado',
  'documento (@)',
  'titular @, conta 12',
  'titular @.',
  'cpf_@',
  'user-@',
  '/clientes/@/pedidos',
  'linha\\n@ fim',
  '@',
];

const CNPJ_SETTINGS: readonly string[] = [
  'CNPJ @',
  'cnpj: @',
  'cnpj=@',
  'empresa @ suspensa',
  '"cnpj":"@"',
  'fornecedor (@)',
  'nota de @, emitida',
  'emitente @.',
  'cnpj_@',
  'linha\\n@ fim',
  '@',
];

const CPF_ROOTS: readonly string[] = [
  '529982247',
  '111444777',
  '123456789',
  '000000001',
  '987654321',
  '306105240',
  '845672139',
  '012345678',
];

const CNPJ_ROOTS: readonly string[] = [
  '112223330001',
  '000000000001',
  '607468980001',
  '334509730002',
];
const LETTERED_ROOTS: readonly string[] = [
  '12ABC34501DE',
  'A1B2C3D40001',
  'ZZZZZZZZ0001',
  '9X8Y7Z6W0002',
];

function fill(settings: readonly string[], numbers: readonly string[]): readonly string[] {
  return settings.flatMap((setting, index) => {
    const number = numbers[index % numbers.length] ?? '';
    return setting.replace('@', () => `«${number}»`);
  });
}

const cpfs = CPF_ROOTS.map(cpfOf);
const cnpjs = CNPJ_ROOTS.map(cnpjOf);
const lettered = LETTERED_ROOTS.map(cnpjOf);

/** Personal numbers of Brazil, bare and with signs, in the places they turn up in. */
export const cpfTexts: readonly string[] = [
  ...fill(CPF_SETTINGS, cpfs),
  ...fill(CPF_SETTINGS, cpfs.map(punctuateCpf)),
  'cpf«52998224725» sem espaço',
  'espaços «529 982 247 25» aqui',
  'só traço «529982247-25» aqui',
  'barra «529.982.247/25» aqui',
];

/** Company numbers of Brazil, numeric and alphanumeric. */
export const cnpjTexts: readonly string[] = [
  ...fill(CNPJ_SETTINGS, cnpjs),
  ...fill(CNPJ_SETTINGS, cnpjs.map(punctuateCnpj)),
  ...fill(CNPJ_SETTINGS, lettered),
  ...fill(CNPJ_SETTINGS, lettered.map(punctuateCnpj)),
  'minúsculas «12.abc.345/01de-35» valem',
  'cnpj«11222333000181» sem espaço',
  'meio «11222333/0001-81» formatado',
  'espaços «11 222 333 0001 81» aqui',
];
