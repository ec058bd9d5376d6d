/**
 * How PostgreSQL's values become JavaScript's, for every connection of ours. An int8 is a number as long as a number
 * can hold it exactly; beyond 2^53 − 1 the query fails rather than return a neighbour. A date stays the text
 * `YYYY-MM-DD`: node-postgres would make it a midnight of the machine's own time zone. A numeric stays text.
 */
import { TypeOverrides, types } from 'pg';

/** Object ids from PostgreSQL's pg_type.dat. The last is a plain number because @types/pg does not list it. */
const oid = { int8: 20, int8Array: 1016, date: 1082, dateArray: 1182, textArray: 1009 as number } as const;

/** @throws RangeError when the value is no safe integer */
export function int8(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`int8 ${text} is beyond 2^53 - 1`);
  return value;
}

/** Splits PostgreSQL's text form of any array whose elements need no further parsing. */
const elements = types.getTypeParser(oid.textArray) as (text: string) => (string | null)[];

export const rowTypes = new TypeOverrides();
rowTypes.setTypeParser(oid.int8, int8);
rowTypes.setTypeParser(oid.int8Array, (text) =>
  elements(text).map((element) => (element === null ? null : int8(element))),
);
rowTypes.setTypeParser(oid.date, (text) => text);
rowTypes.setTypeParser(oid.dateArray, elements);
