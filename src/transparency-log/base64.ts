/** Base 64 with padding (RFC 4648 section 4), as the C2SP formats use it. Strict: text that is not the one encoding of some bytes is refused. */

export function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}

/** Bytes of canonical base64 text, or null when the text is anything else. Node's own decoder skips what it does not know. */
export function fromBase64(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : null;
}
