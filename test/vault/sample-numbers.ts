/** Numbers with a right check digit, and the ways people write them; made here by a second reading of the formula. */
import fc from 'fast-check';

/** Weights from the left, as leaflets print them. */
const weights = [6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2];

export function withCheckDigit(body: string): string {
  const used = weights.slice(weights.length - body.length);
  const remainder = [...body].reduce((sum, digit, position) => sum + Number(digit) * used[position]!, 0) % 11;
  return body + String(remainder <= 1 ? 0 : 11 - remainder);
}

/** 123456789018 and 12345678903: nobody's. */
export const individualNumber = withCheckDigit('12345678901');
export const residentRecordCode = withCheckDigit('1234567890');

export function groups(digits: string, separator: string, ...sizes: number[]): string {
  let position = 0;
  return sizes.map((size) => digits.slice(position, (position += size))).join(separator);
}

export function fullWidth(text: string): string {
  return text.replace(/[0-9]/g, (digit) => String.fromCharCode(digit.charCodeAt(0) + 0xfee0));
}

export function base64(content: string | Uint8Array): string {
  return Buffer.from(content as string).toString('base64');
}

/** Individual numbers that are not read as a date and time. */
export const anIndividualNumber = fc
  .stringMatching(/^[3-9]\d{10}$/)
  .map(withCheckDigit)
  .filter((digits) => digits.length === 12);

/** One of the ways to write a number of twelve digits. */
export const aSpelling = fc.constantFrom<(digits: string) => string>(
  (digits) => digits,
  fullWidth,
  (digits) => groups(digits, '-', 4, 4, 4),
  (digits) => groups(digits, ' ', 4, 4, 4),
  (digits) => groups(fullWidth(digits), '　', 4, 4, 4),
  (digits) => groups(fullWidth(digits), '－', 4, 4, 4),
  (digits) => groups(digits, '‐', 4, 4, 4),
  (digits) => groups(digits, ' ', 6, 6),
  (digits) => [...digits].join('\u200b'),
  (digits) => [...digits].map((digit) => `&#${digit.charCodeAt(0)};`).join(''),
);

/** Every text of a JSON value, files opened, folded and without what may stand between digits. */
export function digitsWithin(value: unknown): string {
  if (typeof value === 'string') {
    const opened = /^[A-Za-z0-9+/]{16,}={0,2}$/.test(value) ? Buffer.from(value, 'base64').toString('utf8') : '';
    return `${fold(value)} ${fold(opened)}`;
  }
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.entries(value)
    .map(([key, inner]) => `${fold(key)} ${digitsWithin(inner)}`)
    .join(' ');
}

function fold(text: string): string {
  return text
    .replace(/&#(\d+);/g, (_match, code: string) => String.fromCodePoint(Number(code)))
    .normalize('NFKC')
    .replace(/(?<=\d)[\s\u200b\u2010-]+(?=\d)/g, '');
}
