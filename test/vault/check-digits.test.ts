import fc from 'fast-check';
import { isIndividualNumber, isResidentRecordCode } from '../../src/vault/check-digits.js';
import { individualNumber, residentRecordCode, withCheckDigit } from './sample-numbers.js';

describe('check digits', () => {
  it('accept numbers made by the formula of the ordinance', () => {
    // 123456789018 and 983205673214 stand in public descriptions of the formula.
    expect(individualNumber).toBe('123456789018');
    for (const digits of [individualNumber, '983205673214']) expect(isIndividualNumber(digits)).toBe(true);
    expect(isResidentRecordCode(residentRecordCode)).toBe(true);
  });

  it('give 0 where the remainder is 0 or 1', () => {
    // 2 × 6 leaves 1, 1 × 6 + 1 × 5 leaves 0.
    for (const digits of ['200000000000', '110000000000']) expect(isIndividualNumber(digits)).toBe(true);
    for (const digits of ['200000000001', '110000000001']) expect(isIndividualNumber(digits)).toBe(false);
  });

  it('refuse another length, letters and a row of zeros', () => {
    for (const text of [
      '',
      '12345678901',
      '1234567890188',
      'A23456789018',
      '000000000000',
      '１２３４５６７８９０１８',
    ]) {
      expect(isIndividualNumber(text)).toBe(false);
    }
    for (const text of ['', '1234567890', individualNumber, '00000000000'])
      expect(isResidentRecordCode(text)).toBe(false);
  });

  it('notice every change of a single digit of an individual number, but where two remainders share the digit 0', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^\d{11}$/), fc.nat(10), fc.integer({ min: 1, max: 9 }), (body, place, step) => {
        const whole = withCheckDigit(body);
        fc.pre(!/^0+$/.test(whole) && !whole.endsWith('0'));
        const changed = String((Number(whole[place]) + step) % 10);
        expect(isIndividualNumber(whole)).toBe(true);
        expect(isIndividualNumber(whole.slice(0, place) + changed + whole.slice(place + 1))).toBe(false);
      }),
    );
  });
});
