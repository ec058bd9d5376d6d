/**
 * The completeness index (design section 6): the database computes it from the log itself, so no process of the service can append a wrong
 * one. The work is done before the log is locked: entries never change, so what was computed over [from, to) stays true. Leaves and tiles
 * are kept beside the entry, from which proofs are made.
 */
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, cityOwner } from '../as-owner.js';

export class Completeness0000000000020 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await asOwner(
      runner,
      cityOwner,
      `
      -- One row for each index and rollup entry. They follow one another from the first entry of their log: each begins where one of its kind ended.
      CREATE TABLE index_range (
        kind text NOT NULL CONSTRAINT a_range_is_an_index_or_a_rollup CHECK (kind IN ('index', 'rollup')),
        base bigint NOT NULL REFERENCES city_log,
        from_idx bigint NOT NULL,
        to_idx bigint NOT NULL,
        follows bigint GENERATED ALWAYS AS (nullif(from_idx, base)) STORED,
        n bigint NOT NULL CONSTRAINT an_index_has_no_more_tags_than_entries CHECK (n BETWEEN 0 AND to_idx - from_idx),
        root sha256_bytes NOT NULL,
        entry_idx bigint NOT NULL UNIQUE REFERENCES log_entry,
        -- By the clock, where the entry's own time may be that of a clock that once was ahead (log_minute).
        appended_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        PRIMARY KEY (kind, to_idx),
        CONSTRAINT no_two_ranges_begin_alike UNIQUE (kind, from_idx),
        CONSTRAINT a_range_begins_where_another_ended FOREIGN KEY (kind, follows) REFERENCES index_range (kind, to_idx),
        CONSTRAINT a_range_ends_after_it_starts CHECK (from_idx < to_idx),
        CONSTRAINT no_index_reaches_beyond_itself CHECK (to_idx <= entry_idx)
      );

      -- The leaves of each index, in their order, with the places of the entries in their own log. Rollups are for auditors, who recompute them; nothing of them is kept.
      CREATE TABLE index_leaf (
        to_idx bigint NOT NULL,
        tag sha256_bytes NOT NULL,
        position bigint NOT NULL,
        indices bigint[] NOT NULL CONSTRAINT a_leaf_has_entries CHECK (cardinality(indices) > 0),
        PRIMARY KEY (to_idx, tag)
      );

      -- The tree of each index as C2SP tiles of up to 256 hashes, the rightmost of each level as wide as it is.
      CREATE TABLE index_tile (
        to_idx bigint NOT NULL,
        level integer NOT NULL,
        n bigint NOT NULL,
        hashes bytea NOT NULL CONSTRAINT index_tile_has_1_to_256_hashes
          CHECK (octet_length(hashes) BETWEEN 32 AND 8192 AND octet_length(hashes) % 32 = 0),
        PRIMARY KEY (to_idx, level, n)
      );
      -- The few entries that are looked for by what they are.
      CREATE INDEX organisations_in_the_log ON log_entry (idx) WHERE starts_with(entry, '{"v":1,"t":"org",');
      CREATE INDEX indexes_in_the_log ON log_entry (idx)
        WHERE starts_with(entry, '{"v":1,"t":"index",') OR starts_with(entry, '{"v":1,"t":"rollup",');
      GRANT SELECT ON index_range, index_leaf, index_tile TO azukari_app, azukari_auditor;
    `,
      computingFunctions,
      appendFunctions,
    );
  }

  async down(): Promise<void> {
    throw new Error('a log is never undone');
  }
}

const computingFunctions = `
  -- The tagged entries of [p_from, p_to), by tag: what a leaf is made of, and its hash.
  CREATE FUNCTION leaves_between(p_from bigint, p_to bigint) RETURNS TABLE (tag bytea, indices bigint[], leaf bytea)
    LANGUAGE sql STABLE SET search_path = azukari, pg_temp
    BEGIN ATOMIC
      -- An entry has one spelling, and no value in it holds a quotation mark: the first "tag":" is the tag.
      WITH tagged AS (
        SELECT decode(substr(entry, strpos(entry, '"tag":"') + 7, 64), 'hex') AS tag, idx FROM log_entry
        WHERE idx >= p_from AND idx < p_to AND strpos(entry, '"tag":"') > 0
      ), leaf AS (
        SELECT tag, array_agg(idx - base ORDER BY idx) AS indices, string_agg(int8send(idx - base), ''::bytea ORDER BY idx) AS encoded
        FROM tagged, base_of(p_from) AS base GROUP BY tag
      )
      SELECT tag, indices, sha256('\\x00'::bytea || tag || sha256(encoded)) FROM leaf;
    END;

  -- The next height of a tree: each pair of hashes becomes one, the odd one is carried up (RFC 6962 section 2.1).
  CREATE FUNCTION next_height(hashes bytea) RETURNS bytea LANGUAGE sql IMMUTABLE SET search_path = azukari, pg_temp RETURN
    coalesce((SELECT string_agg(sha256('\\x01'::bytea || substring(hashes FROM (pair * 64 + 1)::integer FOR 64)), ''::bytea ORDER BY pair)
      FROM generate_series(0, octet_length(hashes) / 64 - 1) AS pair), ''::bytea)
    || substring(hashes FROM octet_length(hashes) / 64 * 64 + 1);

  -- Keeps one level of an index's tree. Only the hashes of whole subtrees belong into tiles; what is carried up is the root's affair.
  CREATE FUNCTION keep_index_tiles(p_to bigint, p_level integer, p_hashes bytea, p_whole bigint) RETURNS void LANGUAGE sql VOLATILE
    SET search_path = azukari, pg_temp
    BEGIN ATOMIC
      INSERT INTO index_tile (to_idx, level, n, hashes)
        SELECT p_to, p_level, tile, substring(p_hashes FROM (tile * 8192 + 1)::integer FOR least(8192, p_whole * 32 - tile * 8192)::integer)
        FROM generate_series(0, (p_whole - 1) / 256) AS tile WHERE p_whole > 0;
    END;

  -- Computes the index of [p_from, p_to), and keeps leaves and tiles when it is one that proofs are made from.
  CREATE FUNCTION compute_range(p_kind text, p_from bigint, p_to bigint, OUT n bigint, OUT root bytea) LANGUAGE plpgsql VOLATILE
    SET search_path = azukari, pg_temp AS $$
  DECLARE
    hashes bytea;
    height integer := 0;
  BEGIN
    WITH leaf AS MATERIALIZED (SELECT * FROM leaves_between(p_from, p_to)), kept AS (
      INSERT INTO index_leaf (to_idx, tag, position, indices)
        SELECT p_to, l.tag, row_number() OVER (ORDER BY l.tag) - 1, l.indices FROM leaf AS l WHERE p_kind = 'index'
    )
    SELECT count(*), string_agg(l.leaf, ''::bytea ORDER BY l.tag) INTO n, hashes FROM leaf AS l;
    IF n = 0 THEN
      root := sha256(''::bytea);
      RETURN;
    END IF;
    LOOP
      IF p_kind = 'index' AND height % 8 = 0 THEN
        PERFORM keep_index_tiles(p_to, height / 8, hashes, n >> height);
      END IF;
      EXIT WHEN octet_length(hashes) = 32;
      hashes := next_height(hashes);
      height := height + 1;
    END LOOP;
    root := hashes;
  END $$;
`;

const appendFunctions = `
  -- Takes up indexes that stand in the log but not in the table, as after a restore from tiles. A wrong one stops everything that follows.
  CREATE FUNCTION take_up_indexes(p_since bigint) RETURNS void LANGUAGE plpgsql VOLATILE SET search_path = azukari, pg_temp AS $$
  DECLARE
    missing record;
    computed record;
  BEGIN
    FOR missing IN
      SELECT idx, base, entry::json ->> 't' AS kind, base + (entry::json ->> 'from')::bigint AS from_idx, base + (entry::json ->> 'to')::bigint AS to_idx,
        (entry::json ->> 'n')::bigint AS n, decode(entry::json ->> 'root', 'base64') AS root, read_minute(entry::json ->> 'at') AS at
      FROM log_entry, base_of(idx) AS base WHERE idx > p_since AND (starts_with(entry, '{"v":1,"t":"index",') OR starts_with(entry, '{"v":1,"t":"rollup",')) ORDER BY idx
    LOOP
      SELECT * INTO computed FROM compute_range(missing.kind, missing.from_idx, missing.to_idx);
      IF (computed.n, computed.root) IS DISTINCT FROM (missing.n, missing.root) THEN
        RAISE EXCEPTION 'the % at entry % does not follow from the log', missing.kind, missing.idx USING ERRCODE = 'AZ001';
      END IF;
      INSERT INTO index_range (kind, base, from_idx, to_idx, n, root, entry_idx, appended_at)
        VALUES (missing.kind, missing.base, missing.from_idx, missing.to_idx, missing.n, missing.root, missing.idx, least(missing.at, clock_timestamp()));
    END LOOP;
  END $$;

  -- Computes, then locks the log, then writes one entry. The caller holds the lock of the index.
  CREATE FUNCTION append_range(p_kind text, p_from bigint, p_to bigint) RETURNS bigint LANGUAGE plpgsql VOLATILE
    SET search_path = azukari, pg_temp AS $$
  DECLARE
    computed record;
    at_index bigint;
    log_base bigint := base_of(p_from);
  BEGIN
    SELECT * INTO computed FROM compute_range(p_kind, p_from, p_to);
    at_index := append_entry(format('{"v":1,"t":"%s","at":"%s","from":%s,"to":%s,"n":%s,"root":"%s"}',
      p_kind, log_minute(), p_from - log_base, p_to - log_base, computed.n, encode(computed.root, 'base64')));
    INSERT INTO index_range (kind, base, from_idx, to_idx, n, root, entry_idx)
      VALUES (p_kind, log_base, p_from, p_to, computed.n, computed.root, at_index);
    RETURN at_index;
  END $$;

  -- The month in which an entry was written, as YYYY-MM.
  CREATE FUNCTION month_of(entry text) RETURNS text LANGUAGE sql IMMUTABLE SET search_path = azukari, pg_temp RETURN
    substr(entry_minute(entry), 1, 7);

  -- What both kinds need before anything is computed. Lock order: the index, then the log; no one who holds the log waits for an index.
  CREATE FUNCTION lock_index() RETURNS void LANGUAGE plpgsql VOLATILE SET search_path = azukari, pg_temp AS $$
  BEGIN
    PERFORM pg_advisory_xact_lock(lock_key('log', 'index'));
    IF (SELECT frozen_at IS NOT NULL FROM signer_state) THEN
      RAISE EXCEPTION 'the log is frozen' USING ERRCODE = 'AZ005';
    END IF;
    PERFORM take_up_indexes(coalesce((SELECT max(entry_idx) FROM index_range), -1));
  END $$;

  -- Appends the index of everything in the open log since its last one. With p_unless_since: only if the last one was written before that instant (while
  -- there is none: if the city was founded before). An instant that is still to come is that of a caller whose clock is ahead: it gets one a
  -- day. A last one that is still to come was written by a clock that was ahead: it keeps no other from being written. Returns the index's
  -- entry; null where none was due. Of two callers at once the second waits, and then sees what the first has written.
  CREATE FUNCTION append_index(p_unless_since timestamptz) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = azukari, pg_temp AS $$
  DECLARE
    last_at timestamptz;
    unless_since timestamptz;
    start bigint;
    finish bigint;
  BEGIN
    PERFORM lock_index();
    SELECT coalesce((SELECT appended_at FROM index_range WHERE kind = 'index' ORDER BY to_idx DESC LIMIT 1), (SELECT founded_at FROM city)) INTO last_at;
    unless_since := CASE WHEN p_unless_since > clock_timestamp() THEN clock_timestamp() - interval '1 day' ELSE p_unless_since END;
    SELECT coalesce(max(to_idx), open_base()) INTO start FROM index_range WHERE kind = 'index' AND base = open_base();
    SELECT size INTO finish FROM log_state;
    IF start = finish OR last_at BETWEEN unless_since AND clock_timestamp() THEN RETURN NULL; END IF;
    RETURN append_range('index', start, finish);
  END $$;

  -- Appends the rollup of the oldest month of the open log that is over, wholly indexed and not yet rolled up; null while there is none. A month ends with
  -- the first entry of a later one.
  CREATE FUNCTION append_rollup() RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = azukari, pg_temp AS $$
  DECLARE
    indexed bigint;
    start bigint;
    finish bigint;
    month text;
  BEGIN
    PERFORM lock_index();
    SELECT coalesce(max(to_idx), open_base()) INTO indexed FROM index_range WHERE kind = 'index' AND base = open_base();
    SELECT coalesce(max(to_idx), open_base()) INTO start FROM index_range WHERE kind = 'rollup' AND base = open_base();
    SELECT month_of(entry) INTO month FROM log_entry WHERE idx = start;
    -- A look at one entry tells on most days that the month is not over.
    IF month >= (SELECT month_of(entry) FROM log_entry WHERE idx = indexed) IS NOT FALSE THEN RETURN NULL; END IF;
    SELECT idx INTO finish FROM log_entry WHERE idx > start AND idx <= indexed AND month_of(entry) > month ORDER BY idx LIMIT 1;
    RETURN append_range('rollup', start, finish);
  END $$;

  GRANT EXECUTE ON FUNCTION append_index, append_rollup TO azukari_app;
`;
