/**
 * Arrays as parameters of a statement in PostgreSQL's binary format (array_recv in its source): the bytes themselves instead of a literal with
 * each of them in hexadecimal, quoted and escaped, which cost both sides more than what is done with them.
 * node-postgres sends a `Buffer` as a binary value, so the statement must say the type: `$1::bytea[]`.
 */

/** Object identifiers of the element types (pg_type.dat). */
const typeIds = { bytea: 17, text: 25 } as const;

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
