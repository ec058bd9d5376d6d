/**
 * What a provision leaves behind: bytes of the write-ahead log, of each table with its indexes, and what is written to the disk for it; and what
 * the city takes up as it is. Bytes do not depend on how busy the machine is.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { asAdmin } from '../src/database/migrate.js';
import { urlForDatabase } from '../src/database/roles.js';
import type { BenchedCity } from './benched-city.js';
import type { Usage } from './service-process.js';

const inFlight = 64;

interface Stored {
  wal: number;
  /** Whole pages in the write-ahead log: a page's first change after each checkpoint. */
  fullPages: number;
  /** By PostgreSQL, write-ahead log included. */
  written: number;
  syncs: number;
  tables: Record<string, number>;
}

/** A table with its indexes. */
interface TableFigures {
  bytes: number;
  rows: number;
}

export interface StorageFigures {
  reads: number;
  /** For each read. */
  walBytes: number;
  fullPages: number;
  databaseWrittenBytes: number;
  databaseSyncs: number;
  /** Tiles, bundles, checkpoints and the anchor; null where the system does not tell. */
  serviceWrittenBytes: number | null;
  /** Bytes that each table grew by for each read. */
  tableBytes: Record<string, number>;
  /** The whole city before these reads. */
  atRest: Record<string, TableFigures>;
}

export async function measureStorage(
  { databases, service, load }: BenchedCity,
  seconds: number,
): Promise<StorageFigures> {
  const { adminUrl } = databases;
  const atRest = {
    ...(await tablesOf(adminUrl)),
    ...(await tablesOf(urlForDatabase(adminUrl, databases.keysName))),
  };
  const { perSecond } = await load.reads(inFlight, seconds / 8, 0);
  const [before, usedBefore] = [await stored(adminUrl), await service.ask<Usage>('usage')];
  const { count: reads } = await load.reads(inFlight, seconds, perSecond);
  const [after, usedAfter] = [await stored(adminUrl), await service.ask<Usage>('usage')];
  const each = (pick: (at: Stored) => number) => (pick(after) - pick(before)) / reads;
  const grown = Object.keys(after.tables).map((table) => [table, each(({ tables }) => tables[table] ?? 0)] as const);
  const [from, to] = [usedBefore.writtenBytes, usedAfter.writtenBytes];
  return {
    ...{ reads, walBytes: each(({ wal }) => wal), fullPages: each(({ fullPages }) => fullPages) },
    ...{ databaseWrittenBytes: each(({ written }) => written), databaseSyncs: each(({ syncs }) => syncs) },
    serviceWrittenBytes: from === null || to === null ? null : (to - from) / reads,
    tableBytes: Object.fromEntries(grown.filter(([, bytes]) => bytes > 0)),
    atRest,
  };
}

async function stored(adminUrl: string): Promise<Stored> {
  // Connections tell what they have done once a second.
  await pause(1_500);
  return asAdmin(adminUrl, async (client) => {
    const { rows } = await client.query<{ wal: string; full: string; written: string; syncs: string }>(
      `SELECT pg_current_wal_insert_lsn() - '0/0' AS wal, (SELECT wal_fpi FROM pg_stat_wal) AS full,
         (SELECT coalesce(sum(write_bytes), 0) FROM pg_stat_io) AS written, (SELECT coalesce(sum(fsyncs), 0) FROM pg_stat_io) AS syncs`,
    );
    const { wal, full, written, syncs } = rows[0]!;
    const tables = Object.entries(await tablesOf(adminUrl)).map(([table, { bytes }]) => [table, bytes] as const);
    return {
      ...{ wal: Number(wal), fullPages: Number(full), written: Number(written), syncs: Number(syncs) },
      tables: Object.fromEntries(tables),
    };
  });
}

async function tablesOf(adminUrl: string): Promise<Record<string, TableFigures>> {
  return asAdmin(adminUrl, async (client) => {
    const { rows } = await client.query<{ name: string; bytes: string; rows: number }>(
      `SELECT c.oid::regclass::text AS name, pg_total_relation_size(c.oid) AS bytes, greatest(0, c.reltuples)::float8 AS rows
       FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace::regnamespace::text IN ('azukari', 'statutory', 'azukari_keys')`,
    );
    return Object.fromEntries(
      rows.map(({ name, bytes, rows: count }) => [name, { bytes: Number(bytes), rows: count }]),
    );
  });
}

/** Bytes of these tables, divided by `count`. */
export function bytesOf({ atRest }: StorageFigures, tables: readonly string[], count: number): number {
  return tables.reduce((sum, table) => sum + (atRest[table]?.bytes ?? 0), 0) / count;
}

/** What a resident has before anything was provided: register, keys, one consent, records. */
export const residentTables = [
  ...[
    'azukari.resident',
    'azukari.pairwise',
    'azukari.consent',
    'azukari.deposit_authorisation',
    'azukari.vault_version',
  ],
  ...['azukari.vault_record', 'azukari.stripped_number', 'azukari_keys.resident_key'],
];
/** What grows with the log. */
export const logTables = [
  ...[
    'azukari.log_entry',
    'azukari.log_tile',
    'azukari.entry_detail',
    'azukari.provision_grant',
    'azukari.provision_void',
  ],
  ...['statutory.provision_record', 'azukari.index_leaf', 'azukari.index_tile'],
];
