/**
 * TypeORM's connection, for entities and their repositories. Its `DataSource` is called `Database` here, since *source*
 * is a word of the field (データ提供元) that it would collide with. Hot paths use the plain pool of `pool.ts`.
 */
import { DataSource, type EntitySchema, type MixedList } from 'typeorm';
import { rowTypes } from './row-types.js';

export { DataSource as Database } from 'typeorm';

export interface DatabaseOptions {
  url: string;
  entities: MixedList<string | EntitySchema | (new () => object)>;
  /** Connections at most. */
  poolSize: number;
  /** Shown in pg_stat_activity. */
  applicationName: string;
}

/** Connects at once, so that a wrong URL fails here. Never synchronises the schema: only migrations change it. */
export async function openDatabase({ url, entities, poolSize, applicationName }: DatabaseOptions): Promise<DataSource> {
  const database = new DataSource({
    type: 'postgres',
    url,
    entities: entities as MixedList<string | EntitySchema>,
    poolSize,
    applicationName,
    synchronize: false,
    migrationsRun: false,
    installExtensions: false,
    logging: false,
    connectTimeoutMS: 10_000,
    // A lost idle connection is replaced on next use; without a listener it would end the process.
    poolErrorHandler: () => undefined,
    extra: { types: rowTypes, keepAlive: true },
  });
  return database.initialize();
}
