/**
 * Files inside records: base64 (RFC 4648) of text, JSON, XML or CSV is opened so that it can be searched; what cannot be opened
 * (images, PDF, archives, unknown bytes) is told apart, because a number that may not be held could stand in it unseen.
 */
import { createHash } from 'node:crypto';

/** A file opened as text. `encode` gives bytes of the same encoding, or is null when there is no encoder for it. */
export interface OpenedFile {
  readonly text: string;
  readonly encode: ((text: string) => Buffer) | null;
}

/** The first bytes, in hexadecimal, of PDF, PNG, JPEG, GIF, TIFF (2), ZIP and office files (2), gzip, RIFF, RTF. */
const signatures =
  /^(?:25504446|89504e47|ffd8ff|47494638|49492a00|4d4d002a|504b0304|d0cf11e0|1f8b08|52494646|7b5c7274)/;

/** Bytes of base64 or base64url, white space allowed as in FHIR; null when it is neither. */
export function decodeBase64(text: string): Buffer | null {
  const dense = text.replace(/\s/g, '');
  if (!/^[A-Za-z0-9+/_-]*={0,2}$/.test(dense) || dense.replace(/=+$/, '').length % 4 === 1) return null;
  return Buffer.from(dense, 'base64');
}

/** True when bytes begin as an image, a PDF, an archive or an office file does. */
export function hasBinarySignature(bytes: Buffer): boolean {
  const isBitmap = bytes.toString('latin1', 0, 2) === 'BM' && bytes.toString('hex', 6, 10) === '00000000';
  const isMediaContainer = bytes.toString('latin1', 4, 8) === 'ftyp';
  return isBitmap || isMediaContainer || signatures.test(bytes.toString('hex', 0, 8));
}

/** Opens UTF-8, UTF-16 with a byte order mark, Shift_JIS or EUC-JP; null when the bytes are not text in any of them. */
export function openFile(bytes: Buffer): OpenedFile | null {
  if (hasBinarySignature(bytes)) return null;
  const mark = bytes.toString('hex', 0, 2);
  if (mark === 'fffe') return opened(decode('utf-16le', bytes), (text) => Buffer.from(`\ufeff${text}`, 'utf16le'));
  if (mark === 'feff') return opened(decode('utf-16be', bytes), null);
  // Control characters do not occur in text; chance bytes are full of them.
  if (bytes.some((byte) => byte < 0x20 && ![0x09, 0x0a, 0x0c, 0x0d, 0x1b].includes(byte))) return null;
  const unicode = decode('utf-8', bytes);
  if (unicode !== null) return opened(unicode, (text) => Buffer.from(text, 'utf8'));
  return opened(decode('shift_jis', bytes), null) ?? opened(decode('euc-jp', bytes), null);
}

function opened(text: string | null, encode: OpenedFile['encode']): OpenedFile | null {
  return text === null || /[\u0080-\u0084\u0086-\u009f]/.test(text) ? null : { text, encode };
}

function decode(encoding: string, bytes: Buffer): string | null {
  try {
    // In UTF-8 the byte order mark is kept, so that an untouched file comes back with it.
    return new TextDecoder(encoding, { fatal: true, ignoreBOM: encoding === 'utf-8' }).decode(bytes);
  } catch {
    return null;
  }
}

/** FHIR R4 Attachment.size and Attachment.hash (SHA-1, base64) of a file. */
export function describeFile(bytes: Buffer): { size: number; hash: string } {
  return { size: bytes.length, hash: createHash('sha1').update(bytes).digest('base64') };
}
