/** What is signed of an export: the hashes of its files, as a compact JWS of a type of its own, so that none passes for a consent receipt. */
import { toCanonicalJson } from '../kernel/canonical-json.js';
import type { ReceiptSigner } from './consent-receipt.js';

export interface ExportManifest {
  /** ISO 8601, UTC. */
  at: string;
  /** Public address of the service, which publishes the key at `/.well-known/azukari-receipt-keys`. */
  issuer: string;
  /** Origin of the log in which the export stands. */
  log: string;
  /** SHA-256 of each file by its name, lower-case hex. */
  sha256: Readonly<Record<string, string>>;
}

export function signManifest(signer: ReceiptSigner, manifest: ExportManifest): Promise<string> {
  return signer.signText(toCanonicalJson(manifest), 'azukari-export-manifest+jws');
}
