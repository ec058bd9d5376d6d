/**
 * Client assertions are used once, on all nodes (RFC 7523 section 3, item 7). The library asks "seen?" and then stores, which two
 * requests at once can both pass; so nothing is answered to the question, and storing is the decision.
 */
import { type Adapter, errors } from 'oidc-provider';
import type { Pool } from 'pg';
import { inOneStatement } from '../../database/pool.js';
import { sha256, utf8 } from '../../kernel/bytes.js';
import { systemClock } from '../../kernel/clock.js';
import { invariant } from '../../kernel/errors.js';
import { memoryMarginSeconds } from './lifetimes.js';
import { unusedAdapter } from './unused-adapter.js';

/** Whether this call is the first on any node with that kind and hash. */
export async function useOnce(
  pool: Pool,
  kind: 'assertion' | 'proof',
  usedSha256: Buffer,
  expiresAt: Date,
): Promise<boolean> {
  const { rows } = await inOneStatement<{ first: boolean }>(pool, {
    name: 'use-once',
    text: 'SELECT azukari.use_once($1, $2, $3) AS first',
    values: [kind, usedSha256, expiresAt],
  });
  return rows[0]!.first;
}

export function replayAdapter(pool: Pool): Adapter {
  return {
    ...unusedAdapter,
    find: () => Promise.resolve(undefined),
    async upsert(id, _payload, lifetimeSeconds) {
      invariant(lifetimeSeconds !== undefined, 'an assertion has an end');
      const expiresAt = new Date(systemClock().getTime() + (lifetimeSeconds + memoryMarginSeconds) * 1000);
      // The id is the library's hash of issuer and jti.
      const isFirst = await useOnce(pool, 'assertion', sha256(utf8(JSON.stringify(['assertion', id]))), expiresAt);
      if (!isFirst) throw new errors.InvalidClientAuth('the client assertion was used before');
    },
  };
}
