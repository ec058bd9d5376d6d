/**
 * Brings a database to the newest schema. TypeORM's migration runner takes no lock of its own, so it runs here behind
 * an advisory lock held by the very connection that migrates: if that connection is lost, so is the lock, and several
 * nodes may start at once. Governed by PostgreSQL's "Advisory Locks"; the lock is per database.
 */
import { Client, escapeIdentifier } from 'pg';
import { DataSource, MigrationExecutor, type Logger, type MigrationInterface, type QueryRunner } from 'typeorm';
import { DatabaseStartError } from './database-start-error.js';

export type MigrationClass = new () => MigrationInterface;

export interface MigrateOptions {
  /** A superuser's or owner's URL; its path names the database. */
  adminUrl: string;
  /** In order; the class names end in a number by which TypeORM sorts them. */
  migrations: readonly MigrationClass[];
  /** What the advisory lock is derived from. */
  lockName: string;
  /**
   * Grows whenever a migration that has run somewhere is rewritten instead of followed by another, as is done before the first release.
   * Null: not looked at.
   */
  edition?: number | null;
  /** How long another node's migration is waited for; default ten minutes. */
  waitMs?: number;
}

/** TypeORM prints a failed migration even with logging off; here it is thrown, once. */
const silent: Logger = {
  logQuery: () => undefined,
  logQueryError: () => undefined,
  logQuerySlow: () => undefined,
  logSchemaBuild: () => undefined,
  logMigration: () => undefined,
  log: () => undefined,
};

/**
 * Runs what has not run yet, each migration in its own transaction. Returns the names of those that ran.
 * @throws DatabaseStartError `other-version` on a database of another edition, of which nothing is touched
 */
export async function migrate(options: MigrateOptions): Promise<string[]> {
  const { adminUrl, migrations, lockName, edition = null, waitMs = 600_000 } = options;
  const database = new DataSource({
    type: 'postgres',
    url: adminUrl,
    migrations: [...migrations],
    migrationsTableName: 'schema_migration',
    migrationsTransactionMode: 'each',
    poolSize: 1,
    applicationName: 'azukari migrate',
    installExtensions: false,
    logger: silent,
    poolErrorHandler: () => undefined,
  });
  await database.initialize();
  try {
    const runner = database.createQueryRunner();
    try {
      await runner.query(`SET lock_timeout = ${Math.trunc(waitMs)}`);
      await runner.query('SELECT pg_advisory_lock(hashtextextended($1, 0))', [lockName]);
      await runner.query('RESET lock_timeout');
      if (edition !== null) await requireEdition(runner, edition);
      const executor = new MigrationExecutor(database, runner);
      executor.transaction = 'each';
      return (await executor.executePendingMigrations()).map((migration) => migration.name);
    } finally {
      await runner.release();
    }
  } finally {
    // Ends the session, and with it the lock.
    await database.destroy();
  }
}

/** What a database was made by stays written in it. */
async function requireEdition(runner: QueryRunner, edition: number): Promise<void> {
  await runner.query('CREATE TABLE IF NOT EXISTS public.schema_edition (edition integer NOT NULL)');
  const [found] = (await runner.query(`SELECT to_regclass('public.schema_migration') IS NOT NULL AS "isOld",
    (SELECT max(edition) FROM public.schema_edition) AS edition`)) as [{ isOld: boolean; edition: number | null }];
  if (found.edition === edition) return;
  if (found.edition === null && !found.isOld) {
    await runner.query('INSERT INTO public.schema_edition (edition) VALUES ($1)', [edition]);
    return;
  }
  throw new DatabaseStartError(
    'other-version',
    'the database was made by another version of Azukari, and before the first release there is no way from one to the next: use that version, or found the city anew (a demo: remove the data directory)',
  );
}

/**
 * Makes the database `name` unless it exists; safe when several try at once. Returns whether this call made it.
 * `owner` must exist. With `template` it becomes a copy of that database, which nobody may be using.
 */
export async function createDatabaseIfMissing(
  adminUrl: string,
  name: string,
  owner?: string,
  template?: string,
): Promise<boolean> {
  return asAdmin(adminUrl, async (client) => {
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [name]);
    if (rowCount === 1) return false;
    const clauses = [
      owner === undefined ? '' : ` OWNER ${escapeIdentifier(owner)}`,
      template === undefined ? '' : ` TEMPLATE ${escapeIdentifier(template)}`,
    ];
    try {
      await client.query(`CREATE DATABASE ${escapeIdentifier(name)}${clauses.join('')}`);
      return true;
    } catch (error) {
      // duplicate_database, or the unique index of pg_database when two commit at the same moment.
      if (['42P04', '23505'].includes((error as { code?: string }).code ?? '')) return false;
      throw error;
    }
  });
}

/** One connection for `work`, closed afterwards. */
export async function asAdmin<T>(adminUrl: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: adminUrl, connectionTimeoutMillis: 30_000 });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
