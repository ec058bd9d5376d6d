/**
 * Clients, derived at every request from the recipients and their keys: nothing is remembered between requests, so a suspended
 * recipient or a removed key is refused on every node at once. Keys come by value; no address of a client's is ever fetched.
 */
import type { Adapter, AllClientMetadata, JWK } from 'oidc-provider';
import type { Pool } from 'pg';
import { detailTypes } from '../authorization-details.js';
import { unusedAdapter } from './unused-adapter.js';

/** The member of a client's metadata that names its recipient. */
export const recipientMember = 'recipient_id';

export function clientAdapter(pool: Pool): Adapter {
  return {
    ...unusedAdapter,
    async find(clientId) {
      const { rows } = await pool.query<{ recipient_id: string; keys: JWK[] }>({
        name: 'find-client',
        text: 'SELECT * FROM azukari.find_client($1)',
        values: [clientId],
      });
      return rows[0] && clientMetadata(clientId, rows[0].recipient_id, rows[0].keys);
    },
  };
}

function clientMetadata(clientId: string, recipientId: string, keys: JWK[]): AllClientMetadata {
  return {
    client_id: clientId,
    [recipientMember]: recipientId,
    jwks: { keys },
    token_endpoint_auth_method: 'private_key_jwt',
    grant_types: ['client_credentials'],
    response_types: [],
    redirect_uris: [],
    dpop_bound_access_tokens: true,
    authorization_details_types: [...detailTypes],
  };
}
