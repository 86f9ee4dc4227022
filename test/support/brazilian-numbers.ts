/**
 * Brazilian numbers computed by their own arithmetic, written apart from the product's so that the
 * two can disagree: the product of each weight and value is summed from the left.
 */
function checkDigit(characters: string, weights: readonly number[]): string {
  const sum = weights.reduce(
    (total, weight, index) => total + weight * ((characters.codePointAt(index) ?? 0) - 48),
    0,
  );
  const rest = 11 - (sum % 11);
  return String(rest > 9 ? 0 : rest);
}

/** The personal number (CPF) that begins with nine digits. */
export function cpfOf(nine: string): string {
  const ten = nine + checkDigit(nine, [10, 9, 8, 7, 6, 5, 4, 3, 2]);
  return ten + checkDigit(ten, [11, 10, 9, 8, 7, 6, 5, 4, 3, 2]);
}

/** The company number (CNPJ) that begins with twelve digits or capital letters. */
export function cnpjOf(twelve: string): string {
  const thirteen = twelve + checkDigit(twelve, [5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]);
  return thirteen + checkDigit(thirteen, [6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]);
}

/** Writes a CPF with its signs: `529.982.247-25`. */
export function punctuateCpf(cpf: string): string {
  return cpf.replace(/(.{3})(.{3})(.{3})(.{2})/u, '$1.$2.$3-$4');
}

/** Writes a CNPJ with its signs: `11.222.333/0001-81`. */
export function punctuateCnpj(cnpj: string): string {
  return cnpj.replace(/(.{2})(.{3})(.{3})(.{4})(.{2})/u, '$1.$2.$3/$4-$5');
}
