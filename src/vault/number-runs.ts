/**
 * Finds 個人番号 and 住民票コード in running text by their check digits. A run of digits counts only when it stands for itself: not as a
 * part of a longer number, a decimal, an OID, a UUID, a code with letters, a telephone number or a compact date and time.
 */
import { isIndividualNumber, isResidentRecordCode } from './check-digits.js';
import type { CheckDigitFormat } from './forbidden-number-rules.js';

/** A half-open range of the searched text. */
export interface FoundNumber {
  readonly start: number;
  readonly end: number;
  readonly format: CheckDigitFormat;
}

const uuids = /(?<![0-9a-z])[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?![0-9a-z])/gi;
const run = /\d+(?:(?: {1,2}| ?- ?)\d+)*/g;
const compactInstant = /^(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:[01]\d|2[0-3])[0-5]\d$/;

/** Groupings by spaces that people write; any other row of short numbers is taken for a row of numbers. */
const spacedGroupings = new Set([
  '4 4 4',
  '4 4 3',
  '3 4 4',
  '3 3 3 3',
  '3 3 3 2',
  '2 3 3 3',
  '6 6',
  '5 6',
  '6 5',
  '1 5 5',
]);
/** Those of them that are told from their neighbours even within a longer row. */
const distinctGroupings = new Set(['4 4 4', '4 4 3']);
const years = /^(?:(?:19|20)\d\d)+$/;

/** Text of the same length in which UUIDs are blanked out: their groups are no numbers of their own. */
export function withoutUuids(plain: string): string {
  return plain.replace(uuids, (match) => 'x'.repeat(match.length));
}

/** @param masked plain text after `withoutUuids`. */
export function findNumberRuns(masked: string): FoundNumber[] {
  const found: FoundNumber[] = [];
  for (const match of masked.matchAll(run)) {
    if (match[0].length < 11 || !standsForItself(masked, match.index, match.index + match[0].length)) continue;
    found.push(...findInRun(match[0], match.index));
  }
  return found;
}

/** True when a JSON integer, written out, is such a number. */
export function formatOfInteger(value: number): CheckDigitFormat | null {
  return Number.isSafeInteger(value) && value > 0 ? formatOf(String(value)) : null;
}

function standsForItself(text: string, start: number, end: number): boolean {
  const before = text.slice(Math.max(0, start - 2), start);
  const after = text.slice(end, end + 2);
  // A letter or underscore, the plus sign of E.164, a decimal point, or a code such as ABC-123.
  return !/(?:[A-Za-z_+]|\d\.|[A-Za-z]-)$/.test(before) && !/^(?:[A-Za-z_]|\.\d|-[A-Za-z])/.test(after);
}

function findInRun(text: string, offset: number): FoundNumber[] {
  const groups = [...text.matchAll(/\d+/g)];
  const found: FoundNumber[] = [];
  for (let first = 0; first < groups.length; first += 1) {
    let digits = 0;
    for (let last = first; last < groups.length && digits < 12; last += 1) {
      digits += groups[last]![0].length;
      if (digits !== 11 && digits !== 12) continue;
      const start = groups[first]!.index;
      const end = groups[last]!.index + groups[last]![0].length;
      const outside = text.slice(0, start).slice(-1) + text.slice(end, end + 1);
      const inside = separatorsBetween(text.slice(start, end));
      if (inside === null || outside.includes('-')) continue;
      const chosen = groups.slice(first, last + 1).map((group) => group[0]);
      const isWhole = chosen.length === groups.length;
      const format = isPlausible(chosen, inside, isWhole) ? formatOf(chosen.join('')) : null;
      if (format) found.push({ start: offset + start, end: offset + end, format });
    }
  }
  return found;
}

/** The one separator used inside, '' for none, null for a mixture. */
function separatorsBetween(text: string): '' | ' ' | '-' | null {
  const hasHyphen = text.includes('-');
  if (!hasHyphen) return text.includes(' ') ? ' ' : '';
  return /\d +\d/.test(text) ? null : '-';
}

function isPlausible(groups: readonly string[], separator: '' | ' ' | '-', isWhole: boolean): boolean {
  if (separator === '') return true;
  // With the country code 81 a telephone number has twelve digits.
  if (groups[0] === '81') return false;
  const grouping = groups.map((group) => group.length).join(' ');
  if (separator === '-') return !/^4 [12] [12]\b/.test(grouping);
  if (distinctGroupings.has(grouping)) return !years.test(groups.join(''));
  return isWhole && (spacedGroupings.has(grouping) || groups.every((group) => group.length === 1));
}

function formatOf(digits: string): CheckDigitFormat | null {
  if (digits.length === 12) {
    return isIndividualNumber(digits) && !compactInstant.test(digits) ? 'individual-number' : null;
  }
  // Mobile, IP and toll-free telephone numbers have eleven digits too.
  return isResidentRecordCode(digits) && !/^0[2-9]0/.test(digits) ? 'resident-record-code' : null;
}
