/**
 * Check digits of the two numbers that can be told from any other run of digits: 個人番号 (ministerial ordinance 85 of 2014, article 5)
 * and 住民票コード (ordinance for the Basic Resident Registration Act, article 1). One run in eleven passes by chance, so that
 * whoever asks must look at the surroundings as well.
 */

/** Σ Pn × Qn mod 11 over all digits but the last: n counts from the lowest digit, Qn is n + 1 up to n = 6 and n − 5 from there on. */
function remainderOf(digits: string): number {
  let sum = 0;
  for (let n = 1; n < digits.length; n += 1) {
    const weight = n <= 6 ? n + 1 : n - 5;
    sum += weight * (digits.charCodeAt(digits.length - 1 - n) - 48);
  }
  return sum % 11;
}

/** @param digits ASCII digits without grouping. Twelve zeros are a filler, not a number. */
export function isIndividualNumber(digits: string): boolean {
  if (!/^\d{12}$/.test(digits) || /^0+$/.test(digits)) return false;
  const remainder = remainderOf(digits);
  return Number(digits[11]) === (remainder <= 1 ? 0 : 11 - remainder);
}

/**
 * @param digits ASCII digits without grouping. The ordinance leaves the formula to the minister; the one in use is modulus 11 with
 * the weights above. For a remainder of 0 both customs (0, and the last digit of 11) are taken as right: better one too many.
 */
export function isResidentRecordCode(digits: string): boolean {
  if (!/^\d{11}$/.test(digits) || /^0+$/.test(digits)) return false;
  const remainder = remainderOf(digits);
  const last = Number(digits[10]);
  return last === (11 - remainder) % 10 || (remainder === 0 && last === 0);
}
