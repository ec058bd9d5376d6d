/**
 * Where each table lies when the city's database is distributed over many machines with Citus (docs/growth.md). `create_distributed_table`,
 * `create_reference_table`, or the coordinator alone; and what of today's schema stands in the way.
 */

/** Table → the column by which it is distributed. All are co-located: one resident's rows lie on one machine. */
export const distributed: Readonly<Record<string, string>> = {
  resident: 'id',
  consent: 'resident_id',
  deposit_authorisation: 'resident_id',
  entry_detail: 'resident_id',
  own_access: 'resident_id',
  provision_count: 'resident_id',
  staff_access: 'resident_id',
  staff_look: 'resident_id',
  stripped_number: 'resident_id',
  vault_record: 'resident_id',
  vault_version: 'resident_id',
};

/** Small, and named by foreign keys of distributed tables: a copy on every machine. */
export const reference: readonly string[] = ['program', 'recipient', 'source', 'staff_member', 'unit'];

/** On the coordinator: the log and what is written with it, the look-up of pairwise ids, what the authorization server keeps, the registers. */
export const local: readonly string[] = [
  ...[
    'log_entry',
    'log_key',
    'city_log',
    'log_state',
    'log_tile',
    'published_checkpoint',
    'signer_state',
    'shown_alone',
    'erasure',
  ],
  ...['index_leaf', 'index_range', 'index_tile', 'witness_policy', 'witness_policy_named', 'witnessed_checkpoint'],
  ...[
    'provision_grant',
    'provision_void',
    'grant_sweep',
    'statutory.provision_record',
    'gate_state',
    'pairwise',
    'deposit',
    'status_change',
  ],
  ...['access_token', 'client_key', 'oauth_payload', 'used_jti', 'session', 'mirror_token', 'idempotency'],
  ...['board_member', 'city', 'program_decision', 'program_item', 'program_transition'],
  ...['sensitive_category', 'weighed_policy'],
];

/** They name residents and are not distributed by them. */
export const namesResidentsElsewhere: Readonly<Record<string, string>> = {
  pairwise:
    'it answers whom a recipient means: keyed by recipient and pairwise id, and looked up before the resident is known',
  erasure: 'it is written with its log entry, and nothing is left of the resident that it could lie beside',
  provision_grant: 'it is written with its log entry, named by the entry’s index, and used up within a minute',
};

/** Triggers that cannot be kept: on a distributed table they fire on the machine of the row. */
export const triggersThatGo: Readonly<Record<string, string>> = {
  a_consent_is_changed_alone:
    'the locks are on the coordinator, where every function that changes consents takes them before it does, but a restore, during which nobody reads; the trigger guards against one that forgets',
};

/** Constraints that cannot be kept when the tables are distributed, and what takes their place. */
export const constraintsThatGo: Readonly<Record<string, string>> = {
  consent_log_index_fkey:
    'the log is not on that machine; the functions that write consents write the entry in the same transaction',
  consent_end_log_index_fkey: 'the same',
  pairwise_resident_id_fkey:
    'register_resident and give_consent, which alone write pairwise ids, have just written or locked the resident',
  staff_access_by_id: 'unique over all machines only with the resident in it: then a form names both',
  resident_login_key: 'unique over all machines only as a table of its own on the coordinator, login → resident',
};
