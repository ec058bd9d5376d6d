/**
 * The vault's tables (design section 11). Records are sealed before they come here and the API's role cannot select them:
 * they leave through the gate only. A deposit needs an authorisation of the resident for that source and category.
 */
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, cityOwner } from '../as-owner.js';

export class Vault0000000000006 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await asOwner(
      runner,
      cityOwner,
      `
      CREATE TABLE deposit_authorisation (
        resident_id uuid NOT NULL REFERENCES resident,
        source_id text NOT NULL REFERENCES source,
        category code NOT NULL,
        basis text NOT NULL CONSTRAINT deposit_basis_is_known CHECK (basis IN ('consent', 'law')),
        -- The name this source knows the resident by, made as a pairwise id is.
        link_id sha256_bytes NOT NULL,
        granted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        ended_at timestamptz,
        PRIMARY KEY (resident_id, source_id, category),
        CONSTRAINT authorisation_ends_after_it_starts CHECK (ended_at > granted_at)
      );
      CREATE INDEX deposit_authorisation_link ON deposit_authorisation (source_id, link_id);

      -- Counts the deposits of one resident in one category; a log entry commits to this number.
      CREATE TABLE vault_version (
        resident_id uuid NOT NULL REFERENCES resident,
        category code NOT NULL,
        version bigint NOT NULL,
        PRIMARY KEY (resident_id, category)
      );

      CREATE TABLE vault_record (
        resident_id uuid NOT NULL REFERENCES resident,
        category code NOT NULL,
        id uuid NOT NULL,
        version bigint NOT NULL,
        superseded_version bigint,
        source_id text NOT NULL REFERENCES source,
        source_record_mac sha256_bytes NOT NULL,
        -- Of the record as stored; an unchanged redelivery is recognised by it.
        content_mac sha256_bytes NOT NULL,
        on_date date NOT NULL,
        sealed bytea NOT NULL,
        deposited_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        PRIMARY KEY (resident_id, category, id),
        CONSTRAINT record_is_superseded_after_it_came CHECK (superseded_version > version)
      );
      ALTER TABLE vault_record ALTER COLUMN sealed SET STORAGE EXTERNAL;
      CREATE UNIQUE INDEX one_current_record_per_source_record ON vault_record (resident_id, category, source_id, source_record_mac)
        WHERE superseded_version IS NULL;

      -- What was stripped before storing, so that the resident and the source can be told. The removed value is not kept.
      CREATE TABLE stripped_number (
        resident_id uuid NOT NULL,
        category text NOT NULL,
        record_id uuid NOT NULL,
        kind code NOT NULL,
        occurrences integer NOT NULL,
        PRIMARY KEY (resident_id, category, record_id, kind),
        FOREIGN KEY (resident_id, category, record_id) REFERENCES vault_record (resident_id, category, id)
      );

      CREATE TABLE deposit (
        id uuid PRIMARY KEY,
        source_id text NOT NULL REFERENCES source,
        category code NOT NULL,
        count integer NOT NULL,
        root sha256_bytes NOT NULL,
        log_index bigint NOT NULL REFERENCES log_entry,
        deposited_at timestamptz NOT NULL DEFAULT clock_timestamp()
      );

      -- Everything about records but the records: for the resident's own pages.
      CREATE VIEW deposited_records AS
        SELECT resident_id, category, id, version, superseded_version, source_id, on_date, deposited_at FROM vault_record;

      -- APPI article 29: what was provided to whom and for what says the entry, whose it was says the box, which opens for this entry alone.
      CREATE TABLE statutory.provision_record (
        entry_idx bigint PRIMARY KEY,
        recipient_id text NOT NULL,
        key_period text NOT NULL,
        keep_until date NOT NULL,
        sealed bytea NOT NULL,
        -- Of this server: it is looked at within a minute, and means nothing after a restore.
        recorded_by xid8 NOT NULL DEFAULT pg_current_xact_id()
      );

      GRANT SELECT ON deposit_authorisation, vault_version, stripped_number, deposit, deposited_records TO azukari_app;
    `,
      vaultFunctions,
    );
  }

  async down(): Promise<void> {
    throw new Error('the vault is not undone');
  }
}

const vaultFunctions = `
  CREATE FUNCTION authorise_deposits(p_resident uuid, p_source text, p_categories text[], p_basis text, p_link bytea)
    RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = azukari, pg_temp
    BEGIN ATOMIC
      SELECT share_resident(p_resident);
      INSERT INTO deposit_authorisation (resident_id, source_id, category, basis, link_id)
        SELECT p_resident, p_source, category, p_basis, p_link FROM unnest(p_categories) AS category
        ON CONFLICT (resident_id, source_id, category) DO UPDATE SET ended_at = NULL, basis = excluded.basis;
    END;

  CREATE FUNCTION end_deposit_authorisation(p_resident uuid, p_source text, p_category text)
    RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = azukari, pg_temp
    BEGIN ATOMIC
      UPDATE deposit_authorisation SET ended_at = clock_timestamp()
        WHERE resident_id = p_resident AND source_id = p_source AND category = p_category AND ended_at IS NULL;
    END;

  -- Reserves the next version of each resident's category and tells which current record, if any, each item replaces or repeats.
  -- The sealed boxes are bound to that version, so it must be known before sealing; the rows stay locked until the transaction ends.
  CREATE FUNCTION begin_deposit(p_source text, p_category text, p_residents uuid[], p_source_records bytea[], p_content_macs bytea[])
    RETURNS TABLE (ord bigint, outcome text, next_version bigint) LANGUAGE plpgsql SECURITY DEFINER SET search_path = azukari, pg_temp AS $$
  BEGIN
    PERFORM require_read_committed();
    PERFORM require_parallel(array_dims(p_residents), array_dims(p_source_records), array_dims(p_content_macs));
    -- Nobody is erased meanwhile. Before any other lock, as in share_resident; whoever is gone has no authorisation either. Not shared: where one sharer
    -- follows another, an erasure never has its turn. A node that stands still in between loses its transaction.
    PERFORM set_config('idle_in_transaction_session_timeout', '5s', true);
    PERFORM FROM resident WHERE id = ANY (p_residents) ORDER BY id FOR NO KEY UPDATE;
    -- One shared lock per resident keeps an ending authorisation from slipping between this check and the commit.
    PERFORM FROM deposit_authorisation a
      WHERE a.source_id = p_source AND a.category = p_category AND a.resident_id = ANY (p_residents)
      ORDER BY a.resident_id FOR SHARE;
    INSERT INTO vault_version (resident_id, category, version)
      SELECT DISTINCT resident, p_category, 0 FROM unnest(p_residents) AS resident
        JOIN deposit_authorisation a ON a.resident_id = resident AND a.source_id = p_source AND a.category = p_category AND a.ended_at IS NULL
        ORDER BY 1 ON CONFLICT DO NOTHING;
    PERFORM FROM vault_version v WHERE v.resident_id = ANY (p_residents) AND v.category = p_category ORDER BY v.resident_id FOR UPDATE;
    RETURN QUERY
      SELECT item.ord,
        CASE
          WHEN a.resident_id IS NULL OR a.ended_at IS NOT NULL OR s.status <> 'active' THEN 'not-authorised'
          WHEN r.content_mac = item.mac THEN 'unchanged'
          WHEN r.id IS NOT NULL THEN 'superseded'
          ELSE 'stored'
        END,
        v.version + 1
      FROM unnest(p_residents, p_source_records, p_content_macs) WITH ORDINALITY AS item (resident, source_record, mac, ord)
      JOIN source s ON s.id = p_source
      LEFT JOIN deposit_authorisation a ON a.resident_id = item.resident AND a.source_id = p_source AND a.category = p_category
      LEFT JOIN vault_version v ON v.resident_id = item.resident AND v.category = p_category
      LEFT JOIN vault_record r ON r.resident_id = item.resident AND r.category = p_category AND r.source_id = p_source
        AND r.source_record_mac = item.source_record AND r.superseded_version IS NULL
      ORDER BY item.ord;
  END $$;

  -- Stores what begin_deposit accepted in the same transaction, and logs the delivery: category, count, root of the record digests.
  CREATE FUNCTION finish_deposit(
    p_id uuid, p_source text, p_category text, p_root bytea, p_residents uuid[], p_records uuid[], p_versions bigint[],
    p_source_records bytea[], p_content_macs bytea[], p_dates date[], p_sealed bytea[], p_stripped jsonb
  ) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = azukari, pg_temp AS $$
  DECLARE
    new_index bigint;
  BEGIN
    PERFORM require_read_committed();
    PERFORM require_parallel(array_dims(p_residents), array_dims(p_records), array_dims(p_versions), array_dims(p_source_records),
      array_dims(p_content_macs), array_dims(p_dates), array_dims(p_sealed));
    IF EXISTS (
      SELECT FROM unnest(p_residents, p_versions) AS item (resident, version)
      LEFT JOIN deposit_authorisation a ON a.resident_id = item.resident AND a.source_id = p_source AND a.category = p_category AND a.ended_at IS NULL
      LEFT JOIN vault_version v ON v.resident_id = item.resident AND v.category = p_category AND v.version + 1 = item.version
      WHERE a.resident_id IS NULL OR v.resident_id IS NULL
    ) THEN
      RAISE EXCEPTION 'a deposit needs an authorisation and the next version' USING ERRCODE = 'AZ403';
    END IF;
    UPDATE vault_version SET version = version + 1 WHERE category = p_category AND resident_id = ANY (p_residents);
    UPDATE vault_record r SET superseded_version = item.version
      FROM unnest(p_residents, p_source_records, p_versions) AS item (resident, source_record, version)
      WHERE r.resident_id = item.resident AND r.category = p_category AND r.source_id = p_source
        AND r.source_record_mac = item.source_record AND r.superseded_version IS NULL;
    INSERT INTO vault_record (resident_id, category, id, version, source_id, source_record_mac, content_mac, on_date, sealed)
      SELECT item.resident, p_category, item.record, item.version, p_source, item.source_record, item.mac, item.on_date, item.sealed
      FROM unnest(p_residents, p_records, p_versions, p_source_records, p_content_macs, p_dates, p_sealed)
        AS item (resident, record, version, source_record, mac, on_date, sealed);
    INSERT INTO stripped_number (resident_id, category, record_id, kind, occurrences)
      SELECT item.resident, p_category, item.record, item.kind, item.occurrences
      FROM jsonb_to_recordset(p_stripped) AS item (resident uuid, record uuid, kind text, occurrences integer);
    new_index := append_entry(format('{"v":1,"t":"deposit","at":"%s","source":"%s","category":"%s","count":%s,"root":"%s"}',
      log_minute(), p_source, p_category, cardinality(p_records), encode(p_root, 'base64')));
    INSERT INTO deposit (id, source_id, category, count, root, log_index)
      VALUES (p_id, p_source, p_category, cardinality(p_records), p_root, new_index);
    RETURN new_index;
  END $$;

  GRANT EXECUTE ON FUNCTION authorise_deposits, end_deposit_authorisation, begin_deposit, finish_deposit TO azukari_app;
`;
