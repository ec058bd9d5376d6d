/**
 * The file in which a resident keeps their identifier key K_id. With it, and with nothing else, anybody can find the resident's entries in
 * the log and name them to every recipient: the file says so in plain words.
 */
import type { KeyObject } from 'node:crypto';
import { fromBase64url, secretKey, toBase64url } from '../../kernel/bytes.js';
import { VerificationError } from '../finding.js';

export interface KeyFile {
  readonly type: 'azukari-identifier-key';
  readonly version: 1;
  /** The log in which the key finds entries. */
  readonly origin: string;
  readonly statement: { readonly ja: string; readonly en: string };
  readonly warning: { readonly ja: string; readonly en: string };
  /** 32 bytes, base64url. */
  readonly identifierKey: string;
}

const statement = {
  ja: 'これは、あなたの利用記録を透明性ログの中から見つけるための鍵です。あなたのデータを読むことはできません。',
  en: 'This key finds your entries in the transparency log. It cannot read your data.',
};

const warning = {
  ja: 'この鍵を持つ人は、だれがいつあなたのデータを使ったかを知り、提供先ごとの仮IDをあなたに結び付けることができます。提供先、勤務先、保険会社など、あなたのことを知ろうとする人には渡さないでください。',
  en: 'Whoever has this key can learn who used your data and when, and can connect the pairwise ids at all recipients with you. Do not give it to a recipient, an employer, an insurer, or anybody who wants to find out about you.',
};

/** @param identifierKey K_id, of 32 bytes. */
export function keyFileOf(identifierKey: KeyObject, origin: string): KeyFile {
  return {
    type: 'azukari-identifier-key',
    version: 1,
    origin,
    statement,
    warning,
    identifierKey: toBase64url(identifierKey.export()),
  };
}

/** Reads a key file. Throws `VerificationError` `malformed-key`, which never repeats what was read. */
export function parseKeyFile(text: string): { origin: string; identifierKey: KeyObject } {
  let file: Partial<Record<keyof KeyFile, unknown>> | null;
  try {
    file = JSON.parse(text) as typeof file;
  } catch {
    throw new VerificationError('malformed-key', 'the key file is not JSON');
  }
  if (file?.type !== 'azukari-identifier-key' || file.version !== 1 || typeof file.origin !== 'string') {
    throw new VerificationError('malformed-key', 'this is not a resident’s key file of version 1');
  }
  const bytes = typeof file.identifierKey === 'string' ? fromBase64url(file.identifierKey) : null;
  if (bytes?.length !== 32) throw new VerificationError('malformed-key', 'the key is not base64url of 32 bytes');
  return { origin: file.origin, identifierKey: secretKey(bytes) };
}
