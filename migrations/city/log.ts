/**
 * The transparency log's tables (design section 6). An entry is appended by the owner's functions only, in the
 * transaction of the change it tells of; a checkpoint is published by the signer only. Nobody may update or delete.
 */
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, cityOwner } from '../as-owner.js';

export class Log0000000000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await asOwner(
      runner,
      cityOwner,
      `
      CREATE TABLE log_state (
        singleton boolean PRIMARY KEY DEFAULT true CONSTRAINT there_is_one_log CHECK (singleton),
        size bigint NOT NULL DEFAULT 0
      ) WITH (fillfactor = 10);
      INSERT INTO log_state DEFAULT VALUES;

      -- The city's logs, one after the other: a new one each year. In the database entries are numbered through all of them; what is signed, served
      -- and written into entries is the place in the entry's own log: this number less the base of its log (own_index).
      CREATE TABLE city_log (
        base bigint PRIMARY KEY CONSTRAINT base_is_not_negative CHECK (base >= 0),
        origin text NOT NULL UNIQUE CONSTRAINT origin_is_that_of_a_log CHECK (origin ~ '^[a-z0-9][a-z0-9.-]{0,99}(/[a-z0-9][a-z0-9._-]{0,63}){0,4}$'),
        -- Where it is served and kept: /log/<name>/….
        name text NOT NULL GENERATED ALWAYS AS (substring(origin FROM '[^/]+$')) STORED UNIQUE
          CONSTRAINT name_of_a_log_is_no_path_of_its_own CHECK (substring(origin FROM '[^/]+$') NOT IN ('checkpoint', 'tile', 'handover', 'evidence')),
        -- Entries of a log that is closed; null while it is open.
        size bigint CONSTRAINT a_closed_log_has_entries CHECK (size > 0),
        -- Its last checkpoint, and the witness policy a quorum of which has cosigned it; null until it has been signed, or cosigned.
        final_note text,
        final_policy digest,
        opened_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        CONSTRAINT only_a_closed_log_has_a_last_checkpoint CHECK (final_note IS NULL OR size IS NOT NULL),
        CONSTRAINT what_is_cosigned_was_signed CHECK (final_policy IS NULL OR final_note IS NOT NULL)
      );
      CREATE UNIQUE INDEX one_log_is_open ON city_log ((true)) WHERE size IS NULL;

      CREATE TABLE log_entry (
        idx bigint PRIMARY KEY,
        entry text NOT NULL CONSTRAINT entry_is_one_short_ascii_line
          CHECK (octet_length(entry) <= 4096 AND entry ~ '^[ -~]+$'),
        leaf_hash bytea NOT NULL CONSTRAINT leaf_hash_is_of_the_entry
          CHECK (leaf_hash = sha256('\\x00'::bytea || convert_to(entry, 'UTF8')))
      );

      -- An entry that is no JSON, or says one thing twice, is read by no verifier and by no restore. (PostgreSQL 15 cannot tell the latter.)
      DO $check$
      BEGIN
        EXECUTE 'ALTER TABLE log_entry ADD CONSTRAINT entry_is_an_object_that_says_each_thing_once CHECK ('
          || CASE WHEN current_setting('server_version_num')::integer >= 160000 THEN 'entry IS JSON OBJECT WITH UNIQUE KEYS'
             ELSE 'json_typeof(entry::json) = ''object''' END || ')';
      END $check$;

      -- Full hash tiles only (C2SP tlog-tiles); the rightmost, partial ones follow from the entries and these roots.
      CREATE TABLE log_tile (
        base bigint NOT NULL REFERENCES city_log,
        level integer NOT NULL CONSTRAINT level_is_0_to_63 CHECK (level BETWEEN 0 AND 63),
        n bigint NOT NULL CONSTRAINT tile_number_is_not_negative CHECK (n >= 0),
        hashes bytea NOT NULL CONSTRAINT full_tile_has_256_hashes CHECK (octet_length(hashes) = 8192),
        root sha256_bytes NOT NULL,
        PRIMARY KEY (base, level, n)
      );

      CREATE TABLE published_checkpoint (
        singleton boolean PRIMARY KEY DEFAULT true CONSTRAINT there_is_one_published_checkpoint CHECK (singleton),
        -- The log it is of, and how many entries of all logs it covers together with those before.
        base bigint NOT NULL REFERENCES city_log,
        size bigint NOT NULL,
        root sha256_bytes NOT NULL,
        note text NOT NULL,
        published_at timestamptz NOT NULL DEFAULT clock_timestamp()
      ) WITH (fillfactor = 10);

      CREATE TABLE signer_state (
        singleton boolean PRIMARY KEY DEFAULT true CONSTRAINT there_is_one_signer_state CHECK (singleton),
        seen_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        frozen_at timestamptz,
        freeze_reason text,
        CONSTRAINT a_freeze_has_a_reason CHECK ((frozen_at IS NULL) = (freeze_reason IS NULL))
      );
      INSERT INTO signer_state DEFAULT VALUES;

      -- What only the resident concerned may read of an entry, sealed under the resident's own key. No foreign key to the entry: only the
      -- functions that append write here, in the same transaction, and this table is distributed by resident where the log is not.
      CREATE TABLE entry_detail (
        resident_id uuid NOT NULL,
        idx bigint NOT NULL,
        sealed bytea NOT NULL,
        PRIMARY KEY (resident_id, idx)
      );

      -- Where the log begins to which the entry of this number belongs, and its place there.
      CREATE FUNCTION base_of(p_idx bigint) RETURNS bigint LANGUAGE sql STABLE SET search_path = azukari, pg_temp
        RETURN (SELECT max(base) FROM city_log WHERE base <= p_idx);
      CREATE FUNCTION own_index(p_idx bigint) RETURNS bigint LANGUAGE sql STABLE SET search_path = azukari, pg_temp
        RETURN p_idx - base_of(p_idx);
      -- The same for an entry that was appended a moment ago, maybe behind a turn that the statement did not see begin.
      CREATE FUNCTION place_in_log(p_idx bigint) RETURNS bigint LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = azukari, pg_temp AS $$
      BEGIN
        RETURN own_index(p_idx);
      END $$;
      CREATE FUNCTION open_base() RETURNS bigint LANGUAGE sql STABLE SET search_path = azukari, pg_temp
        RETURN (SELECT base FROM city_log WHERE size IS NULL);

      -- Taken last of all locks, so whoever holds it waits for nobody but its own node. A node that stands still meanwhile (stopped,
      -- cut off) loses its transaction after five seconds, or nobody could withdraw for as long. Returns the size before the append.
      CREATE FUNCTION lock_log() RETURNS bigint LANGUAGE plpgsql VOLATILE SET search_path = azukari, pg_temp AS $$
      DECLARE
        before bigint;
      BEGIN
        -- What stands in the log waits for the disk, also where a session, or its role, was told otherwise before.
        PERFORM require_read_committed(), set_config('idle_in_transaction_session_timeout', '5s', true),
          set_config('synchronous_commit', regexp_replace(current_setting('synchronous_commit'), '^(off|local)$', 'on'), true);
        SELECT size INTO before FROM log_state FOR UPDATE;
        RETURN before;
      END $$;

      -- Taken first of all locks by whoever makes or takes up a grant, so that none is under way while a new log begins (next-log.ts). From here on
      -- no lock is waited for for more than three seconds: behind who reads, somebody may wait who withdraws, and waits longer (pool.ts).
      CREATE FUNCTION share_log_turn() RETURNS void LANGUAGE sql VOLATILE SET search_path = azukari, pg_temp
        BEGIN ATOMIC SELECT set_config('lock_timeout', '3s', true), pg_advisory_xact_lock_shared(lock_key('log', 'turn')); END;

      -- The time of an entry: every one begins with its version, its kind and it.
      CREATE FUNCTION entry_minute(entry text) RETURNS text LANGUAGE sql IMMUTABLE RETURN split_part(entry, '"', 10);

      -- UTC to the minute, as the log writes it, for the entry at base. The caller holds lock_log(), so that a minute read earlier cannot be written
      -- later. A clock that was set back does not turn time around: until it has caught up, entries bear the time of the last one.
      CREATE FUNCTION log_minute_at(base bigint) RETURNS text LANGUAGE plpgsql VOLATILE SET search_path = azukari, pg_temp AS $$
      BEGIN
        RETURN greatest(to_char(clock_timestamp() AT TIME ZONE interval '0', 'YYYY-MM-DD"T"HH24:MI"Z"') COLLATE "C",
          (SELECT entry_minute(entry) FROM log_entry WHERE idx = base - 1) COLLATE "C");
      END $$;

      -- The same for the next entry. Takes the log's lock.
      CREATE FUNCTION log_minute() RETURNS text LANGUAGE sql VOLATILE SET search_path = azukari, pg_temp
        BEGIN ATOMIC SELECT log_minute_at(lock_log()); END;

      -- Writes the entries at the indices from base on. The caller holds lock_log().
      CREATE FUNCTION write_entries(base bigint, entries text[]) RETURNS void LANGUAGE plpgsql
        SET search_path = azukari, pg_temp AS $$
      BEGIN
        INSERT INTO log_entry (idx, entry, leaf_hash)
          SELECT base + item.ord - 1, item.entry, sha256('\\x00'::bytea || convert_to(item.entry, 'UTF8'))
          FROM unnest(entries) WITH ORDINALITY AS item (entry, ord);
        UPDATE log_state SET size = base + cardinality(entries) WHERE size = base;
        IF NOT FOUND THEN
          RAISE EXCEPTION 'the log moved under its lock' USING ERRCODE = 'AZ001';
        END IF;
      END $$;

      -- Appends one entry and returns its index. Takes the log's lock: call it last.
      CREATE FUNCTION append_entry(entry text) RETURNS bigint LANGUAGE plpgsql
        SET search_path = azukari, pg_temp AS $$
      DECLARE
        base bigint := lock_log();
      BEGIN
        PERFORM write_entries(base, ARRAY[entry]);
        RETURN base;
      END $$;

      -- STABLE, because format and convert_to are: else it could not be written into the statement that calls it.
      CREATE FUNCTION tag_of(pairwise_id bytea, at text) RETURNS text LANGUAGE sql STABLE RETURN
        encode(sha256('azukari/tag/v1'::bytea || '\\x00'::bytea || pairwise_id || convert_to(substr(at, 1, 7), 'UTF8')), 'hex');

      -- A list of codes, separated by commas, as JSON.
      CREATE FUNCTION json_codes(codes text) RETURNS text LANGUAGE sql IMMUTABLE
        RETURN '["' || replace(codes, ',', '","') || '"]';

      -- The signer's one way to publish, in the numbers of the log of p_base: compare-and-swap on the size it last saw, tiles in the same
      -- transaction. A log begins to be published once the one before it is so to its end.
      CREATE FUNCTION publish_checkpoint(
        p_base bigint, expected_size bigint, new_size bigint, new_root bytea, new_note text,
        tile_levels integer[], tile_numbers bigint[], tile_hashes bytea[], tile_roots bytea[]
      ) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = azukari, pg_temp AS $$
      DECLARE
        frozen boolean;
        of_log city_log;
        current published_checkpoint;
      BEGIN
        PERFORM require_read_committed();
        PERFORM require_parallel(array_dims(tile_levels), array_dims(tile_numbers), array_dims(tile_hashes), array_dims(tile_roots));
        SELECT frozen_at IS NOT NULL INTO frozen FROM signer_state;
        IF frozen THEN
          RAISE EXCEPTION 'the log is frozen' USING ERRCODE = 'AZ002';
        END IF;
        SELECT * INTO current FROM published_checkpoint FOR UPDATE;
        IF current.size IS NULL THEN
          INSERT INTO published_checkpoint (base, size, root, note)
            SELECT p_base, p_base + new_size, new_root, new_note WHERE expected_size IS NULL AND p_base = 0 ON CONFLICT DO NOTHING;
          IF NOT FOUND THEN RETURN false; END IF;
        ELSIF (current.base = p_base AND current.size - p_base IS NOT DISTINCT FROM expected_size AND new_size >= expected_size)
          OR (current.base < p_base AND current.size = p_base AND expected_size IS NULL) THEN
          UPDATE published_checkpoint
            SET base = p_base, size = p_base + new_size, root = new_root, note = new_note, published_at = clock_timestamp();
        ELSE
          RETURN false;
        END IF;
        SELECT * INTO of_log FROM city_log WHERE base = p_base;
        IF new_size > coalesce(of_log.size, (SELECT size FROM log_state) - p_base) THEN
          RAISE EXCEPTION 'a checkpoint cannot cover entries that do not exist' USING ERRCODE = 'AZ001';
        END IF;
        INSERT INTO log_tile (base, level, n, hashes, root)
          SELECT p_base, * FROM unnest(tile_levels, tile_numbers, tile_hashes, tile_roots);
        IF new_size = of_log.size THEN UPDATE city_log SET final_note = new_note WHERE base = p_base; END IF;
        UPDATE signer_state SET seen_at = clock_timestamp();
        -- For nodes that do not sign. Whoever notifies holds a lock of the whole instance while it commits: the signer may, an append may not.
        PERFORM pg_notify('azukari_checkpoint', '');
        RETURN true;
      END $$;

      CREATE FUNCTION freeze_log(reason text) RETURNS void LANGUAGE sql SECURITY DEFINER
        SET search_path = azukari, pg_temp
        BEGIN ATOMIC
          UPDATE signer_state SET frozen_at = clock_timestamp(), freeze_reason = reason WHERE frozen_at IS NULL;
        END;

      CREATE FUNCTION signer_heartbeat() RETURNS void LANGUAGE sql SECURITY DEFINER
        SET search_path = azukari, pg_temp
        BEGIN ATOMIC UPDATE signer_state SET seen_at = clock_timestamp(); END;

      GRANT SELECT ON city_log, log_state, log_entry, log_tile, published_checkpoint, signer_state
        TO azukari_app, azukari_signer, azukari_auditor;
      GRANT SELECT ON entry_detail TO azukari_app;
      GRANT EXECUTE ON FUNCTION place_in_log TO azukari_app;
      GRANT EXECUTE ON FUNCTION publish_checkpoint, freeze_log, signer_heartbeat TO azukari_signer;
    `,
    );
  }

  async down(): Promise<void> {
    throw new Error('a log is never undone');
  }
}
