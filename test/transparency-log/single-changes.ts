/** Every copy of some bytes with one change in it, and which of them somebody takes for good. */

type Change = [place: string, changed: Buffer];

const bits = [0, 1, 2, 3, 4, 5, 6, 7];

/** Every copy of `bytes` that differs in one bit, with the place. */
export function* bitFlips(bytes: Uint8Array, of: readonly number[] = bits): Generator<Change> {
  for (let position = 0; position < bytes.length; position += 1) {
    for (const bit of of) {
      const changed = Buffer.from(bytes);
      changed[position]! ^= 1 << bit;
      yield [`bit ${bit} of byte ${position}`, changed];
    }
  }
}

/** Every copy that differs in one byte: 255 for each. */
export function* otherBytes(bytes: Uint8Array): Generator<Change> {
  for (let position = 0; position < bytes.length; position += 1) {
    for (let value = 0; value < 256; value += 1) {
      if (value === bytes[position]) continue;
      const changed = Buffer.from(bytes);
      changed[position] = value;
      yield [placeOf(position, value), changed];
    }
  }
}

/** How {@link otherBytes} names a change. */
export function placeOf(position: number, value: number): string {
  return `byte ${position} is ${value}`;
}

/** Every copy with one byte left out or written twice, and with a byte behind it. */
export function* shifts(bytes: Buffer): Generator<Change> {
  for (let position = 0; position < bytes.length; position += 1) {
    const [before, after] = [bytes.subarray(0, position), bytes.subarray(position + 1)];
    yield [`without byte ${position}`, Buffer.concat([before, after])];
    yield [
      `byte ${position} twice`,
      Buffer.concat([before, bytes.subarray(position, position + 1), bytes.subarray(position)]),
    ];
  }
  for (const byte of [0x00, 0x0a, 0x20, 0x41]) yield [`${byte} behind`, Buffer.concat([bytes, Buffer.of(byte)])];
}

/** The places of the changes that are accepted. */
export async function passing(
  changes: Iterable<Change>,
  isAccepted: (changed: Buffer) => boolean | Promise<boolean>,
): Promise<string[]> {
  const passed: string[] = [];
  for (const [place, changed] of changes) if (await isAccepted(changed)) passed.push(place);
  return passed;
}
