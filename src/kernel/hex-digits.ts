/** Bytes out of lower-case hexadecimal digits where a text holds them, without a buffer or a piece of text for each: verifying a log reads tens of millions. */

/** What a digit, by its character code, stands for. */
const valueOfDigit = Uint8Array.from({ length: 128 }, (_, code) => {
  const value = '0123456789abcdef'.indexOf(String.fromCharCode(code));
  return Math.max(value, 0);
});

/** The byte of the two digits at `place`. The caller knows that they are there. */
export function hexByteAt(text: string, place: number): number {
  return (valueOfDigit[text.charCodeAt(place)]! << 4) | valueOfDigit[text.charCodeAt(place + 1)]!;
}
