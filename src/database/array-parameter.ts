/**
 * Arrays as parameters of a statement in PostgreSQL's binary format (array_recv in its source): the bytes themselves instead of a literal with
 * each of them in hexadecimal, quoted and escaped, which cost both sides more than what is done with them.
 * node-postgres sends a `Buffer` as a binary value, so the statement must say the type: `$1::bytea[]`.
 */
import { invariant } from '../kernel/errors.js';

/** Object identifiers of the element types (pg_type.dat). */
const typeIds = { bytea: 17, bigint: 20, integer: 23, text: 25, date: 1082, uuid: 2950 } as const;

/** A one-dimensional `bytea[]` that counts from one. */
export function byteaArray(values: readonly (Uint8Array | null)[]): Buffer {
  return encode(
    typeIds.bytea,
    values,
    (value) => value.length,
    (array, value, at) => array.set(value, at),
  );
}

/** A one-dimensional `text[]` that counts from one. The database refuses text with a NUL, as in any parameter. */
export function textArray(values: readonly (string | null)[]): Buffer {
  return encode(
    typeIds.text,
    values,
    (value) => Buffer.byteLength(value),
    (array, value, at) => array.write(value, at),
  );
}

/** A one-dimensional `integer[]` that counts from one. */
export function integerArray(values: readonly (number | null)[]): Buffer {
  return encode(
    typeIds.integer,
    values,
    () => 4,
    // Throws where it is none, or too large.
    (array, value, at) => array.writeInt32BE(value, at),
  );
}

/** A one-dimensional `bigint[]` that counts from one. */
export function bigintArray(values: readonly (number | null)[]): Buffer {
  return encode(
    typeIds.bigint,
    values,
    () => 8,
    // Throws where it is none.
    (array, value, at) => array.writeBigInt64BE(BigInt(value), at),
  );
}

/** A one-dimensional `uuid[]` that counts from one. */
export function uuidArray(values: readonly (string | null)[]): Buffer {
  return encode(
    typeIds.uuid,
    values,
    () => 16,
    (array, value, at) => {
      const written = array.write(value.replaceAll('-', ''), at, 'hex');
      invariant(written === 16 && value.length === 36, 'an identifier has 32 hexadecimal digits');
    },
  );
}

/** A one-dimensional `date[]` that counts from one, of days as `YYYY-MM-DD`: as the database keeps them, the number since 2000-01-01. */
export function dateArray(values: readonly (string | null)[]): Buffer {
  return encode(
    typeIds.date,
    values,
    () => 4,
    (array, value, at) => array.writeInt32BE(dayNumber(value), at),
  );
}

const firstDayMs = Date.UTC(2000, 0, 1);
const dayMs = 24 * 60 * 60 * 1000;

function dayNumber(day: string): number {
  const at = new Date(`${day}T00:00:00Z`);
  // There is no 30 February, though JavaScript has one.
  invariant(!Number.isNaN(at.valueOf()) && at.toISOString().slice(0, 10) === day, 'a day is written as YYYY-MM-DD');
  return (at.valueOf() - firstDayMs) / dayMs;
}

function encode<T>(
  type: number,
  values: readonly (T | null)[],
  sizeOf: (value: T) => number,
  write: (array: Buffer, value: T, at: number) => void,
): Buffer {
  if (values.length === 0) return emptyArray(type);
  const sizes = values.map((value) => (value === null ? -1 : sizeOf(value)));
  const array = Buffer.allocUnsafe(20 + sizes.reduce((sum, size) => sum + 4 + Math.max(size, 0), 0));
  const header = [1, sizes.includes(-1) ? 1 : 0, type, values.length, 1];
  let at = 0;
  for (const word of header) at = array.writeInt32BE(word, at);
  for (const [position, value] of values.entries()) {
    const size = sizes[position]!;
    at = array.writeInt32BE(size, at);
    if (value === null) continue;
    write(array, value, at);
    at += size;
  }
  return array;
}

/** It has no dimension, and so no length and no first index. */
function emptyArray(type: number): Buffer {
  const array = Buffer.alloc(12);
  array.writeInt32BE(type, 8);
  return array;
}
