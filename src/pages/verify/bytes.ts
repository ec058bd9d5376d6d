/**
 * Bytes in the browser. Everything in this folder runs there as it stands: no imports from elsewhere, no dependencies, only what
 * browsers have (WebCrypto, fetch). Node has the same, so tests run the very modules that are served.
 */
export type Bytes = Uint8Array<ArrayBuffer>;

/** Bytes of canonical base64 (RFC 4648 section 4), or null for any other text. */
export function fromBase64(text: string): Bytes | null {
  try {
    const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
    return toBase64(bytes) === text ? bytes : null;
  } catch {
    return null;
  }
}

export function toBase64(bytes: Bytes): string {
  return btoa(String.fromCharCode(...bytes));
}

export function concat(...parts: readonly Bytes[]): Bytes {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export function isEqual(left: Bytes, right: Bytes): boolean {
  return left.length === right.length && left.every((byte, place) => byte === right[place]);
}

export async function sha256(bytes: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
}
