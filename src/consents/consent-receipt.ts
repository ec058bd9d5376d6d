/**
 * The consent receipt: the fields of ISO/IEC TS 27560:2023 in the DPV JSON-LD profile, signed as a compact JWS (RFC 7515, EdDSA), so that the
 * resident can keep it and anyone can check it with the public key at `/.well-known/azukari-receipt-keys`.
 */
import {
  calculateJwkThumbprint,
  CompactSign,
  exportJWK,
  exportPKCS8,
  generateKeyPair,
  importPKCS8,
  type JWK,
} from 'jose';
import { createPublicKey } from 'node:crypto';
import { findSecretFile, writeSecretFile } from '../database/secret-file.js';
import { toHex, utf8 } from '../kernel/bytes.js';
import { toCanonicalJson } from '../kernel/canonical-json.js';

export interface ReceiptFacts {
  consentId: string;
  /** How the recipient knows the resident; a refusal names nobody. */
  pairwiseId: string | null;
  recipient: { id: string; name: string };
  operator: { name: string; municipality: string };
  program: { id: string; version: number; title: string };
  items: readonly {
    purpose: string;
    category: string;
    purposeIri: string;
    categoryIri: string;
    fields: readonly string[];
  }[];
  state: 'given' | 'refused';
  at: Date;
  endsAt: Date;
  retentionDays: number;
  region: string;
  notice: { version: string; locale: string; sha256: Uint8Array };
  policy: string;
  publicUrl: string;
}

export const RECEIPT_SIGNER = Symbol('consent receipt signer');

export class ReceiptSigner {
  private constructor(
    private readonly key: CryptoKey,
    readonly publicJwk: JWK,
  ) {}

  /** @param path the private key as PKCS #8 PEM, mode 0600, made when there is none. */
  static async open(path: string): Promise<ReceiptSigner> {
    let pem = await findSecretFile(path);
    if (pem === null) {
      const { privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519', extractable: true });
      pem = await exportPKCS8(privateKey);
      await writeSecretFile(path, pem);
    }
    const publicJwk = await exportJWK(createPublicKey(pem));
    const kid = await calculateJwkThumbprint(publicJwk);
    return new ReceiptSigner(await importPKCS8(pem, 'EdDSA'), { ...publicJwk, kid, alg: 'EdDSA', use: 'sig' });
  }

  sign(facts: ReceiptFacts): Promise<string> {
    return this.signText(toCanonicalJson(receiptOf(facts)), 'azukari-consent-receipt+jws');
  }

  /** @param type of what is signed: nothing signed for one purpose passes for another */
  signText(text: string, type: string): Promise<string> {
    return new CompactSign(utf8(text))
      .setProtectedHeader({ alg: 'EdDSA', kid: this.publicJwk.kid!, typ: type })
      .sign(this.key);
  }
}

/** The receipt as JSON-LD; terms of https://w3id.org/dpv and https://w3id.org/dpv/schema/dpv-27560. */
export function receiptOf(facts: ReceiptFacts): Record<string, unknown> {
  const base = facts.publicUrl;
  return {
    '@context': { dpv: 'https://w3id.org/dpv#', dct: 'http://purl.org/dc/terms/', schema: 'https://schema.org/' },
    '@id': `${base}/v1/consents/${facts.consentId}/receipt`,
    '@type': 'dpv:ConsentReceipt',
    'dct:identifier': facts.consentId,
    'dct:conformsTo': 'https://w3id.org/dpv/schema/dpv-27560#receipt',
    'dct:created': facts.at.toISOString(),
    'dct:publisher': { 'schema:name': facts.operator.name, 'dct:identifier': facts.operator.municipality },
    'schema:recipient': 'dpv:DataSubject',
    'dpv:hasRecordOfActivity': {
      '@type': 'dpv:ConsentRecord',
      'dct:identifier': facts.consentId,
      'dct:conformsTo': 'https://w3id.org/dpv/schema/dpv-27560#record',
      'dpv:hasDataSubject': facts.pairwiseId === null ? null : { 'dct:identifier': facts.pairwiseId },
      'dpv:hasDataController': { 'schema:name': facts.operator.name },
      'dpv:hasJurisdiction': 'JP',
      'dpv:hasApplicableLaw': 'APPI',
      'dpv:hasProcess': processesOf(facts),
      'dpv:hasConsentControl': { '@type': 'dpv:WithdrawConsent', 'dpv:isExercisedAt': `${base}/my/consents` },
      'dpv:hasNotice': {
        '@type': 'dpv:ConsentNotice',
        'dct:hasVersion': facts.notice.version,
        'dct:language': facts.notice.locale,
        'azukari:sha256': toHex(facts.notice.sha256),
      },
      'dpv:hasConsentStatus': {
        '@type': [facts.state === 'given' ? 'dpv:ConsentGiven' : 'dpv:ConsentRefused', 'dpv:ExpressedConsent'],
        'dpv:isIndicatedBy': 'dpv:DataSubject',
        'dpv:isIndicatedAtTime': facts.at.toISOString(),
      },
      'dct:valid': { start: facts.at.toISOString(), end: facts.endsAt.toISOString() },
      'azukari:program': facts.program,
      'azukari:policy': facts.policy,
    },
  };
}

function processesOf(facts: ReceiptFacts): unknown[] {
  return facts.items.map((item) => ({
    '@type': 'dpv:Process',
    'dpv:hasPurpose': { '@id': item.purposeIri, 'dct:identifier': item.purpose },
    'dpv:hasPersonalData': { '@id': item.categoryIri, 'dct:identifier': item.category, 'azukari:fields': item.fields },
    'dpv:hasRecipient': { 'dct:identifier': facts.recipient.id, 'schema:name': facts.recipient.name },
    'dpv:hasLocation': facts.region,
    'dpv:hasStorageCondition': { '@type': 'dpv:StorageDuration', 'dpv:hasDuration': `P${facts.retentionDays}D` },
  }));
}
