/**
 * A resident's access to their own data (design section 5): through the log as everything else. One entry under the resident's own tag stands
 * and is covered by a published checkpoint before anything is handed over, within a minute, to the session that asked. No recipient, program or consent
 * is asked, and no quorum of witnesses is waited for: nobody may keep people from their own data. There is no void: the entry says that it may have been shown.
 */
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, cityOwner } from '../as-owner.js';

export class OwnAccess0000000000032 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await asOwner(
      runner,
      cityOwner,
      `
      -- What is being handed over. A row goes when that is done, or a minute later with the resident's next one.
      CREATE TABLE own_access (
        resident_id uuid NOT NULL REFERENCES resident,
        -- No foreign key, as in entry_detail.
        entry_idx bigint NOT NULL,
        session_sha256 sha256_bytes NOT NULL,
        categories text[] NOT NULL,
        -- The version of each category, in the same order, that the entry's commitment names.
        versions bigint[] NOT NULL,
        -- Also what was replaced since; else only the current records.
        is_everything boolean NOT NULL,
        granted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        PRIMARY KEY (resident_id, entry_idx),
        CONSTRAINT each_own_category_has_a_version CHECK (cardinality(categories) = cardinality(versions))
      );
    `,
      accessFunctions,
    );
  }

  async down(): Promise<void> {
    throw new Error('own access is not undone');
  }
}

const accessFunctions = `
  -- Whose session this is. Whoever asks never names a resident, so a mistake cannot show one person's data to another.
  CREATE FUNCTION resident_of_session(p_session bytea) RETURNS uuid LANGUAGE plpgsql STABLE SET search_path = azukari, pg_temp AS $$
  DECLARE
    who uuid;
  BEGIN
    SELECT subject_id::uuid INTO who FROM session
      WHERE sha256 = p_session AND subject_kind = 'resident' AND expires_at > clock_timestamp();
    IF NOT FOUND THEN RAISE EXCEPTION 'no resident is signed in with this session' USING ERRCODE = 'AZ403'; END IF;
    RETURN who;
  END $$;

  -- The sealed records of these categories as of these versions (parallel), in the order of their ids, from behind the one named on: so many that a reader
  -- who stands still does not keep the locks. p_is_everything: also what was replaced since.
  CREATE FUNCTION records_as_of(
    p_resident uuid, p_categories text[], p_versions bigint[], p_is_everything boolean, p_after_category text, p_after_record uuid
  ) RETURNS TABLE (
    category text, record_id uuid, version bigint, superseded_version bigint, source_id text, on_date date, deposited_at timestamptz, sealed bytea
  ) LANGUAGE sql STABLE SET search_path = azukari, pg_temp
    BEGIN ATOMIC
      SELECT n.category, n.id, n.version, n.superseded_version, n.source_id, n.on_date, n.deposited_at, n.sealed
      FROM (SELECT next.*, row_number() OVER by_id AS place, sum(octet_length(next.sealed)) OVER by_id AS bytes FROM (
          SELECT r.category::text AS category, r.id, r.version, r.superseded_version, r.source_id::text AS source_id, r.on_date, r.deposited_at, r.sealed
          FROM unnest(p_categories, p_versions) AS wanted (category, version)
          JOIN vault_record r ON r.resident_id = p_resident AND r.category = wanted.category AND r.version <= wanted.version
          WHERE (p_is_everything OR r.superseded_version IS NULL OR r.superseded_version > wanted.version)
            AND (p_after_record IS NULL OR (r.category::text COLLATE "C", r.id) > (p_after_category COLLATE "C", p_after_record))
          ORDER BY r.category::text COLLATE "C", r.id LIMIT 500) AS next
        WINDOW by_id AS (ORDER BY next.category COLLATE "C", next.id)) AS n
      WHERE n.place = 1 OR n.bytes <= 500000 ORDER BY n.place;
    END;

  -- p_categories and p_versions are parallel; p_is_everything: an export, which takes what was replaced since as well. Locks: the log's turn, the resident,
  -- the log.
  CREATE FUNCTION append_own_access(
    p_session bytea, p_categories text[], p_versions bigint[], p_is_everything boolean, p_commitment bytea, p_detail bytea
  ) RETURNS TABLE (idx bigint, entry text) LANGUAGE plpgsql SECURITY DEFINER SET search_path = azukari, pg_temp AS $$
  #variable_conflict use_column
  DECLARE
    who uuid;
    own_id bytea;
    base bigint;
    at text;
    line text;
  BEGIN
    PERFORM require_read_committed(), require_same_run(), share_log_turn();
    IF octet_length(p_commitment) IS DISTINCT FROM 32 OR p_detail IS NULL OR p_is_everything IS NULL THEN
      RAISE EXCEPTION 'an access does not have the form of an entry' USING ERRCODE = 'AZ001';
    END IF;
    who := resident_of_session(p_session);
    PERFORM share_resident(who);
    SELECT pairwise_id INTO STRICT own_id FROM pairwise WHERE recipient_id = 'self' AND resident_id = who;
    DELETE FROM own_access WHERE resident_id = who AND granted_at NOT BETWEEN clock_timestamp() - interval '60 seconds' AND clock_timestamp();
    base := lock_log();
    at := log_minute_at(base);
    line := format('{"v":1,"t":"%s","at":"%s","recipient":"self","tag":"%s","commitment":"%s"}',
      CASE WHEN p_is_everything THEN 'export' ELSE 'access' END, at, tag_of(own_id, at), encode(p_commitment, 'hex'));
    PERFORM write_entries(base, ARRAY[line]);
    INSERT INTO entry_detail (resident_id, idx, sealed) VALUES (who, base, p_detail);
    INSERT INTO own_access (resident_id, entry_idx, session_sha256, categories, versions, is_everything)
      VALUES (who, base, p_session, p_categories, p_versions, p_is_everything);
    RETURN QUERY SELECT base, line;
  END $$;

  -- Hands over the sealed records of an access that the same session asked for within the last minute, from behind the one named on, and none once there are
  -- no more; then the access is over. Raises while no published
  -- checkpoint covers its entry, while the log is frozen, and where there is none. Locks: the log's turn, the resident.
  CREATE FUNCTION redeem_own_access(p_session bytea, p_idx bigint, p_after_category text, p_after_record uuid) RETURNS TABLE (
    category text, record_id uuid, version bigint, superseded_version bigint, source_id text, on_date date, deposited_at timestamptz, sealed bytea
  ) LANGUAGE plpgsql SECURITY DEFINER SET search_path = azukari, pg_temp AS $$
  #variable_conflict use_column
  DECLARE
    who uuid;
    asked own_access;
  BEGIN
    PERFORM require_read_committed(), require_same_run(), share_log_turn(), set_config('idle_in_transaction_session_timeout', '5s', true);
    who := resident_of_session(p_session);
    PERFORM share_resident(who);
    PERFORM require_covered(ARRAY[p_idx]);
    SELECT * INTO asked FROM own_access WHERE resident_id = who AND entry_idx = p_idx AND session_sha256 = p_session
      AND granted_at BETWEEN clock_timestamp() - interval '60 seconds' AND clock_timestamp() AND entry_idx >= (SELECT opened_size FROM gate_state);
    IF NOT FOUND THEN RAISE EXCEPTION 'no access that was asked for within a minute' USING ERRCODE = 'AZ005'; END IF;
    RETURN QUERY SELECT * FROM records_as_of(who, asked.categories, asked.versions, asked.is_everything, p_after_category, p_after_record);
    IF NOT FOUND THEN DELETE FROM own_access WHERE resident_id = who AND entry_idx = p_idx; END IF;
  END $$;

  GRANT EXECUTE ON FUNCTION append_own_access, redeem_own_access TO azukari_app;
`;
