/**
 * Step 1 of a read (design section 5): is this token ours, alive, for this audience and bound to the key of the proof, and
 * is the proof used for the first time on any node? One database call answers for everything that waits.
 */
import type { Pool } from 'pg';
import { inOneStatement } from '../database/pool.js';
import { Batcher } from '../kernel/batcher.js';
import { type Code, Mistake } from '../kernel/errors.js';
import { applicationType } from './authorization-details.js';
import type { ProofResult } from './proof/request-proof.js';

/** What a token lets its holder ask for. Whether it may be had is decided later, at the door. */
export type Authority = ProvisionAuthority | ApplicationAuthority;

export interface ProvisionAuthority {
  readonly kind: 'provision';
  readonly recipientId: string;
  readonly clientId: string;
  readonly programId: string;
  readonly purpose: string;
  /** Ascending. */
  readonly categories: readonly string[];
}

/** To draft and submit the recipient's own applications for programs, and to read them. */
export interface ApplicationAuthority {
  readonly kind: 'application';
  readonly recipientId: string;
  readonly clientId: string;
}

export type AuthenticationFailure = Extract<
  Code,
  'invalid-token' | 'token-expired' | 'wrong-audience' | 'invalid-dpop-proof' | 'replayed-dpop-proof'
>;

interface Row {
  outcome: 'ok' | AuthenticationFailure;
  recipient_id: string;
  client_id: string;
  detail_type: string;
  program_id: string;
  purpose: string;
  categories: string[];
}

const details: Record<AuthenticationFailure, string> = {
  'invalid-token': 'the access token is unknown or was revoked',
  'token-expired': 'the access token has expired',
  'wrong-audience': 'the access token is not for this resource',
  'invalid-dpop-proof': 'the proof is by another key than the one the access token is bound to',
  'replayed-dpop-proof': 'the proof was used before',
};

/**
 * The answers in the order of `proofs`; each proof that came with a good token is used up.
 * @param isBeforeEntry nothing is handed out before an entry is committed to the log: until then the use need not be on the disk
 */
export async function authenticateReads(
  pool: Pool,
  proofs: readonly ProofResult[],
  audience: string,
  isBeforeEntry: boolean,
): Promise<(Authority | AuthenticationFailure)[]> {
  const { rows } = await inOneStatement<Row>(pool, {
    name: 'authenticate-reads',
    text: 'SELECT * FROM azukari.authenticate_reads($1::bytea[], $2::text[], $3::bytea[], $4::timestamptz[], $5, $6)',
    values: [
      proofs.map((proof) => proof.tokenSha256),
      proofs.map((proof) => proof.jkt),
      proofs.map((proof) => proof.jtiSha256),
      proofs.map((proof) => proof.expiresAt),
      audience,
      isBeforeEntry,
    ],
  });
  return rows.map((row) => (row.outcome === 'ok' ? authorityOf(row) : row.outcome));
}

function authorityOf(row: Row): Authority {
  const holder = { recipientId: row.recipient_id, clientId: row.client_id };
  if (row.detail_type === applicationType) return { kind: 'application', ...holder };
  return { kind: 'provision', ...holder, programId: row.program_id, purpose: row.purpose, categories: row.categories };
}

/** As many as the gate redeems at once: more would go through the service in a convoy. */
const batchMax = 32;

export class ReadAuthenticator {
  /** A route for provisions hands out no data before an entry of the log is committed; one for applications may. */
  private readonly batchers: Readonly<
    Record<Authority['kind'], Batcher<ProofResult, Authority | AuthenticationFailure>>
  >;

  /** @param audience the resource the tokens must be for: `<issuer>/v1`. */
  constructor(pool: Pool, audience: string) {
    const batcher = (isBeforeEntry: boolean) =>
      new Batcher((proofs: ProofResult[]) => authenticateReads(pool, proofs, audience, isBeforeEntry), batchMax, 2);
    this.batchers = { provision: batcher(true), application: batcher(false) };
  }

  /** For what the route does, of whatever kind the token is. @throws Mistake with an `AuthenticationFailure` as its code (401) */
  async authenticate(proof: ProofResult, kind: Authority['kind']): Promise<Authority> {
    const answer = await this.batchers[kind].submit(proof);
    if (typeof answer === 'string') throw new Mistake(answer, details[answer]);
    return answer;
  }

  /** @throws Mistake `insufficient-scope` (403) when the token is of the other kind, or as {@link authenticate} */
  async requireProvisionAuthority(proof: ProofResult): Promise<ProvisionAuthority> {
    const authority = await this.authenticate(proof, 'provision');
    if (authority.kind !== 'provision')
      throw new Mistake('insufficient-scope', 'the access token is not for provisions');
    return authority;
  }

  /** @throws Mistake as {@link requireProvisionAuthority} */
  async requireApplicationAuthority(proof: ProofResult): Promise<ApplicationAuthority> {
    const authority = await this.authenticate(proof, 'application');
    if (authority.kind !== 'application') {
      throw new Mistake('insufficient-scope', 'the access token is not for applications');
    }
    return authority;
  }
}
