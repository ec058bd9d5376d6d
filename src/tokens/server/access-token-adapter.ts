/** Access tokens in typed columns, under the hash of their value; whoever reads the table holds no token. */
import type { Adapter, AdapterPayload } from 'oidc-provider';
import type { Pool } from 'pg';
import { inOneStatement } from '../../database/pool.js';
import { invariant } from '../../kernel/errors.js';
import { hashAccessToken } from '../proof/request-proof.js';
import { unusedAdapter } from './unused-adapter.js';

interface Row {
  client_id: string;
  jkt: string;
  audience: string;
  details: AdapterPayload['rar'];
  issued_at: Date;
  expires_at: Date;
}

/** @param kind the library's name for the model, which it wants to see again in what it finds. */
export function accessTokenAdapter(pool: Pool, kind: string): Adapter {
  return {
    ...unusedAdapter,
    async upsert(value, { clientId, jkt, aud, rar }, lifetimeSeconds) {
      invariant(typeof jkt === 'string', 'an access token is bound to a key');
      invariant(typeof aud === 'string', 'an access token has one audience');
      invariant(rar?.length === 1, 'an access token has one authorization detail');
      await inOneStatement(pool, {
        name: 'issue-access-token',
        text: 'SELECT azukari.issue_access_token($1, $2, $3, $4, $5, $6)',
        values: [hashAccessToken(value), clientId, jkt, aud, JSON.stringify(rar), lifetimeSeconds],
      });
    },
    async find(value) {
      const { rows } = await pool.query<Row>({
        name: 'find-access-token',
        text: 'SELECT * FROM azukari.find_access_token($1)',
        values: [hashAccessToken(value)],
      });
      return rows[0] && payloadOf(value, kind, rows[0]);
    },
    async destroy(value) {
      await inOneStatement(pool, {
        name: 'revoke-access-token',
        text: 'SELECT azukari.revoke_access_token($1)',
        values: [hashAccessToken(value)],
      });
    },
  };
}

function payloadOf(value: string, kind: string, row: Row): AdapterPayload {
  return {
    kind,
    jti: value,
    clientId: row.client_id,
    jkt: row.jkt,
    aud: row.audience,
    rar: row.details,
    iat: Math.floor(row.issued_at.getTime() / 1000),
    exp: Math.floor(row.expires_at.getTime() / 1000),
  };
}
