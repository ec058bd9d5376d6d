/** The connections a running service holds, by the role each signs in as. A class asks for the weakest that does its work. */

/** pg.Pool as azukari_app: the API's; may call the gate's functions, may not read sealed records. */
export const APP_POOL = Symbol('connections as azukari_app');
/** pg.Pool as azukari_signer: reads entries, publishes checkpoints. */
export const SIGNER_POOL = Symbol('connections as azukari_signer');
/** pg.Pool as azukari_keys, to the key store. */
export const KEYS_POOL = Symbol('connections as azukari_keys to the key store');
