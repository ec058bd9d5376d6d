/**
 * The UUIDs inside a record as one recipient sees them: one AES-256 block under a key made from the resident's identifier key and the
 * recipient (FIPS 197). Being a permutation it never gives two ids one name; without the key it cannot be undone, and what two
 * recipients hold of one record shares no id.
 */
import { type Cipheriv, createCipheriv, type KeyObject } from 'node:crypto';
import { hmacSha256, secretKey, toBase64url, utf8 } from './bytes.js';

export class RecipientUuids {
  private readonly cipher: Cipheriv;

  /** For one read of one resident's data. @param identifierKey K_id, of 32 bytes. @param recipientId a recipient's code. */
  constructor(identifierKey: KeyObject, recipientId: string) {
    const key = secretKey(hmacSha256(identifierKey, utf8(`azukari/payload-id/v2\0${recipientId}`)));
    // Single blocks, each standing for itself, are what the electronic codebook is sound for.
    this.cipher = createCipheriv('aes-256-ecb', key, null).setAutoPadding(false);
  }

  /** For an id of ours: 22 characters of base64url. */
  name(uuid: string): string {
    return toBase64url(this.block(uuid));
  }

  /** For a UUID inside a payload: of the form of a UUID of version 8 (RFC 9562 section 5.8), which leaves 122 of the bits. */
  uuid(uuid: string): string {
    const block = this.block(uuid);
    block[6] = (block[6]! & 0x0f) | 0x80;
    block[8] = (block[8]! & 0x3f) | 0x80;
    const hex = block.toString('hex');
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  }

  private block(uuid: string): Buffer {
    return this.cipher.update(uuid.replaceAll('-', ''), 'hex');
  }
}
