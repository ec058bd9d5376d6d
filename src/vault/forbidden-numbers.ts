/**
 * Takes the numbers that may not be held out of a record before it is stored (design section 12): 個人番号 (Number Use Act, articles 19
 * and 20), 住民票コード, the insured person's symbol, number and branch (Health Insurance Act, article 194-2), 基礎年金番号. It looks into
 * every string, number and property name, into JSON, XML and CSV within strings, and into base64 files. It is pure and changes nothing
 * it does not report; a second run finds nothing. The caller keeps a keyed hash of the original and tells the resident and the source.
 */
import { compileRules, type ForbiddenNumberRules } from './forbidden-number-rules.js';
import { compact, gone, RecordSweep, type RemovedNumber } from './record-sweep.js';

export type { ForbiddenNumberRule, ForbiddenNumberRules } from './forbidden-number-rules.js';
export type { RemovedNumber } from './record-sweep.js';

export interface StrippedRecord {
  readonly record: unknown;
  /** Each place once for each kind, in the order found. Never contains a removed value. */
  readonly removed: RemovedNumber[];
}

/** A pass may give away a value that stands unnamed elsewhere, which only the next pass can find. */
const passesMax = 12;

/**
 * @param record any JSON value; it is not changed.
 * @returns the record without forbidden numbers, equal to the original but for what `removed` lists. A value that was nothing but the
 * number is dropped with its property or array element; within a text （削除） stands in its place.
 */
export function stripForbiddenNumbers(record: unknown, rules: ForbiddenNumberRules): StrippedRecord {
  const sweep = new RecordSweep(compileRules(rules));
  let swept = record;
  for (let pass = 0; pass < passesMax; pass += 1) {
    const changesBefore = sweep.changes;
    swept = sweep.sweep(swept);
    if (sweep.changes === changesBefore) break;
  }
  if (sweep.changes === 0) return { record, removed: [] };
  const compacted = compact(swept);
  return { record: compacted === gone ? null : compacted, removed: sweep.removed() };
}
