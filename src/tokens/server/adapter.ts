/** Which of the library's models is kept where. */
import type { Adapter } from 'oidc-provider';
import type { Pool } from 'pg';
import { accessTokenAdapter } from './access-token-adapter.js';
import { clientAdapter } from './client-adapter.js';
import { payloadAdapter } from './payload-adapter.js';
import { replayAdapter } from './replay-adapter.js';

export function adapterFactory(pool: Pool): (model: string) => Adapter {
  return (model) => {
    switch (model) {
      case 'Client':
        return clientAdapter(pool);
      case 'ClientCredentials':
        return accessTokenAdapter(pool, model);
      case 'ReplayDetection':
        return replayAdapter(pool);
      default:
        return payloadAdapter(pool, model);
    }
  };
}
