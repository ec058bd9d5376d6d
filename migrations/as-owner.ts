/** Every object is made by the role that is to own it, in the schema where it belongs; the migration's own bookkeeping is not. */
import type { QueryRunner } from 'typeorm';

export interface Owner {
  role: 'azukari_owner' | 'azukari_key_owner';
  schema: 'azukari' | 'azukari_keys';
}

export const cityOwner: Owner = { role: 'azukari_owner', schema: 'azukari' };
export const keyOwner: Owner = { role: 'azukari_key_owner', schema: 'azukari_keys' };

/** Runs the statements as the owner, inside the migration's transaction, and hands the connection back as it was. */
export async function asOwner(runner: QueryRunner, owner: Owner, ...statements: readonly string[]): Promise<void> {
  await runner.query(`SET LOCAL ROLE ${owner.role}; SET LOCAL search_path = ${owner.schema}`);
  for (const statement of statements) await runner.query(statement);
  await runner.query('SET LOCAL ROLE NONE; SET LOCAL search_path = DEFAULT');
}
