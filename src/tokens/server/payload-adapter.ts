/**
 * Whatever else the library stores, such as grants and codes, under the hash of its id and without the id. Consuming is a
 * conditional UPDATE: of two who consume at once, on whichever nodes, one succeeds and the other's request fails.
 */
import { type Adapter, type AdapterPayload, errors } from 'oidc-provider';
import type { Pool } from 'pg';
import { inOneStatement } from '../../database/pool.js';
import { sha256, utf8 } from '../../kernel/bytes.js';
import { invariant } from '../../kernel/errors.js';
import { unusedAdapter } from './unused-adapter.js';

interface Row {
  payload: AdapterPayload;
  consumed_at: Date | null;
}

export function payloadAdapter(pool: Pool, kind: string): Adapter {
  const call = (text: string, values: unknown[]) => inOneStatement(pool, { text, values: [kind, ...values] });

  async function find(id: string, isUid: boolean): Promise<AdapterPayload | undefined> {
    const { rows } = await pool.query<Row>({
      name: 'find-oauth-payload',
      text: 'SELECT * FROM azukari.find_oauth_payload($1, $2, $3)',
      values: [kind, hashOf(id), isUid],
    });
    const [row] = rows;
    if (!row) return undefined;
    const consumed = row.consumed_at ? Math.floor(row.consumed_at.getTime() / 1000) : undefined;
    return { ...row.payload, ...(isUid ? {} : { jti: id }), ...(consumed === undefined ? {} : { consumed }) };
  }

  return {
    ...unusedAdapter,
    find: (id) => find(id, false),
    findByUid: (uid) => find(uid, true),
    async upsert(id, payload, lifetimeSeconds) {
      invariant(lifetimeSeconds !== undefined, 'what the authorization server stores has an end');
      const hashes = [payload.uid, payload.grantId].map((part) => (part === undefined ? null : hashOf(part)));
      await call('SELECT azukari.put_oauth_payload($1, $2, $3, $4, $5, $6)', [
        hashOf(id),
        JSON.stringify({ ...payload, jti: undefined }),
        ...hashes,
        lifetimeSeconds,
      ]);
    },
    async consume(id) {
      const { rows } = await call('SELECT azukari.consume_oauth_payload($1, $2) AS consumed', [hashOf(id)]);
      if (rows[0]?.consumed !== true) throw new errors.InvalidGrant('it was used before');
    },
    async destroy(id) {
      await call('SELECT azukari.delete_oauth_payload($1, $2)', [hashOf(id)]);
    },
    async revokeByGrantId(grantId) {
      await call('SELECT azukari.delete_oauth_grant($1, $2)', [hashOf(grantId)]);
    },
  };
}

function hashOf(id: string): Buffer {
  return sha256(utf8(id));
}
