import { describe, expect, it } from 'vitest';
import {
  cnpjDetector,
  cpfDetector,
  isCnpj,
  isCpf,
} from '../../../../src/redact/detectors/numbers.ts';
import { cardDetector, isIssued } from '../../../../src/redact/detectors/cards.ts';
import type { Detector } from '../../../../src/redact/detectors/detector.ts';
import { foundPieces } from '../../../support/found-pieces.ts';

function find(detector: Detector, text: string): readonly string[] {
  return foundPieces(text, detector.find(text));
}

describe('check digits', () => {
  it('knows the example numbers of the authorities', () => {
    expect(isCpf('52998224725')).toBe(true);
    expect(isCnpj('11222333000181')).toBe(true);
    expect(isCnpj('12ABC34501DE35')).toBe(true);
  });

  it.each(['00000000000', '99999999999', '5299822472', '529982247255', '5299822472x', ''])(
    'refuses %j as a CPF',
    (text) => {
      expect(isCpf(text)).toBe(false);
    },
  );

  it.each(['00000000000000', '12abc34501de35', '12ABC34501DE3A', '1122233300018'])(
    'refuses %j as a CNPJ',
    (text) => {
      expect(isCnpj(text)).toBe(false);
    },
  );
});

describe('CPF detector', () => {
  it('finds the number bare, punctuated and behind its label', () => {
    const text = '52998224725 529.982.247-25 cpf52998224725';
    expect(find(cpfDetector, text)).toEqual(['52998224725', '529.982.247-25', '52998224725']);
  });

  it('does not look inside longer numbers, decimals and words', () => {
    const text = '152998224725 529982247251 0.52998224725 52998224725.5 a52998224725 52998224725f';
    expect(find(cpfDetector, text)).toEqual([]);
  });
});

describe('CNPJ detector', () => {
  it('finds numeric and alphanumeric numbers, bare and punctuated', () => {
    const text = '11222333000181 11.222.333/0001-81 12ABC34501DE35 12.ABC.345/01DE-35';
    expect(find(cnpjDetector, text)).toEqual(text.split(' '));
  });

  it('takes lower case only in the punctuated form', () => {
    expect(find(cnpjDetector, '12abc34501de35 12.abc.345/01de-35')).toEqual(['12.abc.345/01de-35']);
  });

  it('does not look inside longer tokens', () => {
    expect(find(cnpjDetector, 'A11222333000181 112223330001810 0.11222333000181')).toEqual([]);
  });
});

describe('card detector', () => {
  it('finds cards bare and in printed groups', () => {
    const cards = ['4111111111111111', '4111 1111 1111 1111', '3782-822463-10005'];
    expect(find(cardDetector, cards.join(', '))).toEqual(cards);
  });

  it('wants Luhn, an issuer and the whole run of digits', () => {
    const text = '4111111111111112 9999999999999995 14111111111111111 41111111111111119';
    expect(find(cardDetector, text)).toEqual([]);
  });

  it('wants the same sign between all groups', () => {
    expect(find(cardDetector, '4111 1111-1111 1111')).toEqual([]);
  });

  it('knows issuers by their ranges and lengths', () => {
    expect(isIssued('2221000000000000')).toBe(true);
    expect(isIssued('2220990000000000')).toBe(false);
    expect(isIssued('2721000000000000')).toBe(false);
    expect(isIssued('378282246310005')).toBe(true);
    expect(isIssued('3782822463100050')).toBe(false);
  });
});
