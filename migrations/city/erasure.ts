/**
 * Erasure (design section 6): whatever is kept of a resident goes in the transaction that says so in the log, under the resident's own tag. The
 * record of third-party provision stays, in its own store and under its own key, until its date. The keys lie in another database and are
 * destroyed afterwards; until then the row in `erasure` says that there is something to finish.
 */
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, cityOwner } from '../as-owner.js';

export class Erasure0000000000031 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await asOwner(
      runner,
      cityOwner,
      `
      -- Of whoever was here no more than a random number, which nothing else bears any longer.
      CREATE TABLE erasure (
        resident_id uuid PRIMARY KEY,
        log_index bigint NOT NULL UNIQUE REFERENCES log_entry,
        erased_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        -- Null: the keys may still be there.
        keys_destroyed_at timestamptz,
        -- Null: what was under way when the rest went may have left something.
        finished_at timestamptz,
        CONSTRAINT an_erasure_is_finished_once_the_keys_are_destroyed CHECK (finished_at IS NULL OR keys_destroyed_at IS NOT NULL)
      );
      CREATE INDEX erasure_to_finish ON erasure (erased_at) WHERE finished_at IS NULL;
      GRANT SELECT ON erasure TO azukari_app;
    `,
      forgetFunctions,
      eraseFunction,
      retentionFunction,
    );
  }

  async down(): Promise<void> {
    throw new Error('an erasure is not undone');
  }
}

const forgetFunctions = `
  -- What there is most of: records, and the openings of entries.
  CREATE FUNCTION forget_history(p_resident uuid) RETURNS void LANGUAGE sql SET search_path = azukari, pg_temp
    BEGIN ATOMIC
      DELETE FROM entry_detail WHERE resident_id = p_resident;
      DELETE FROM stripped_number WHERE resident_id = p_resident;
      DELETE FROM vault_record WHERE resident_id = p_resident;
    END;

  -- Whatever is kept of the resident. What was granted and not yet read counts as provided, as after a crash: somebody may be about to read it, and a void under
  -- the recipient's tag beside the erasure would tell whose it is. Until it is swept it stays as nobody's: without it, a batch of reads would fail for
  -- everybody in it.
  CREATE FUNCTION forget_resident(p_resident uuid) RETURNS void LANGUAGE plpgsql SET search_path = azukari, pg_temp AS $$
  DECLARE
    waiting bigint[] := ARRAY(SELECT entry_idx FROM provision_grant WHERE entry_idx >= (SELECT swept FROM grant_sweep) AND resident_id = p_resident
      ORDER BY entry_idx FOR UPDATE);
  BEGIN
    PERFORM keep_records(waiting);
    UPDATE provision_grant SET resident_id = NULL, consent_id = NULL, statutory_sealed = '' WHERE entry_idx = ANY (waiting);
    PERFORM forget_history(p_resident);
    DELETE FROM provision_count WHERE resident_id = p_resident;
    DELETE FROM vault_version WHERE resident_id = p_resident;
    DELETE FROM deposit_authorisation WHERE resident_id = p_resident;
    DELETE FROM own_access WHERE resident_id = p_resident;
    DELETE FROM staff_access WHERE resident_id = p_resident;
    DELETE FROM consent WHERE resident_id = p_resident;
    DELETE FROM pairwise WHERE resident_id = p_resident;
    DELETE FROM session WHERE subject_kind = 'resident' AND subject_id = p_resident::text;
    DELETE FROM idempotency WHERE subject = 'resident:' || p_resident::text;
    DELETE FROM resident WHERE id = p_resident;
  END $$;

  -- The keys are gone; so is, a while later, what was left behind. Returns whether there is nothing left to do.
  CREATE FUNCTION finish_erasure(p_resident uuid) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = azukari, pg_temp AS $$
  DECLARE
    e erasure;
  BEGIN
    PERFORM require_read_committed();
    UPDATE erasure SET keys_destroyed_at = coalesce(keys_destroyed_at, clock_timestamp()) WHERE resident_id = p_resident RETURNING * INTO e;
    IF NOT FOUND THEN RAISE EXCEPTION 'no such erasure' USING ERRCODE = 'AZ404'; END IF;
    IF e.finished_at IS NOT NULL THEN RETURN true; END IF;
    IF e.erased_at > clock_timestamp() - interval '2 minutes' AND e.erased_at <= clock_timestamp() THEN RETURN false; END IF;
    PERFORM forget_resident(p_resident);
    -- Committed by who was refused while this went on.
    IF EXISTS (SELECT FROM entry_detail WHERE resident_id = p_resident) THEN RETURN false; END IF;
    UPDATE erasure SET finished_at = clock_timestamp() WHERE resident_id = p_resident;
    RETURN true;
  END $$;

  GRANT EXECUTE ON FUNCTION finish_erasure TO azukari_app;
`;

const eraseFunction = `
  -- Erases a resident, with one entry under the resident's own tag; a second time it says what it said the first time (entry: null). Consents end with it and have no
  -- entry of their own: under the tags of several recipients, side by side, they would tell whose they are. Once this has committed, no read that
  -- starts anywhere returns data (V1). Locks: the log's turn, the resident, consents by ascending key, grants, the log.
  CREATE FUNCTION erase_resident(p_resident uuid, p_commitment bytea)
    RETURNS TABLE (log_index bigint, erased_at timestamptz, entry text) LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = azukari, pg_temp AS $$
  #variable_conflict use_column
  DECLARE
    own_id bytea;
    base bigint;
    at text;
    line text;
  BEGIN
    -- It waits as long as a withdrawal (pool.ts), and not as briefly as who reads: a node that stands still with the resident's row loses it after five seconds.
    PERFORM require_read_committed(), share_log_turn(), set_config('lock_timeout', '6s', true),
      set_config('idle_in_transaction_session_timeout', '5s', true);
    IF octet_length(p_commitment) IS DISTINCT FROM 32 THEN
      RAISE EXCEPTION 'a commitment has 32 bytes' USING ERRCODE = 'AZ001';
    END IF;
    -- Whoever consents or deposits shares this row, so nothing new comes from here on.
    PERFORM FROM resident WHERE id = p_resident FOR UPDATE;
    IF NOT FOUND THEN
      RETURN QUERY SELECT log_index, erased_at, NULL::text FROM erasure WHERE resident_id = p_resident;
      IF NOT FOUND THEN RAISE EXCEPTION 'no such resident' USING ERRCODE = 'AZ404'; END IF;
      RETURN;
    END IF;
    -- Before the consents are locked, for whoever reads waits behind those, and everybody else in the same batch.
    PERFORM forget_history(p_resident);
    PERFORM pg_advisory_xact_lock(lock) FROM (
      SELECT DISTINCT consent_lock_key(resident_id, program_id) AS lock FROM consent WHERE resident_id = p_resident ORDER BY lock) AS sorted;
    SELECT pairwise_id INTO STRICT own_id FROM pairwise WHERE recipient_id = 'self' AND resident_id = p_resident;
    PERFORM forget_resident(p_resident);
    base := lock_log();
    at := log_minute_at(base);
    line := format('{"v":1,"t":"erasure","at":"%s","recipient":"self","tag":"%s","commitment":"%s"}',
      at, tag_of(own_id, at), encode(p_commitment, 'hex'));
    PERFORM write_entries(base, ARRAY[line]);
    RETURN QUERY INSERT INTO erasure (resident_id, log_index) VALUES (p_resident, base) RETURNING log_index, erased_at, line;
  END $$;

  GRANT EXECUTE ON FUNCTION erase_resident TO azukari_app;
`;

const retentionFunction = `
  -- Removes records of provisions whose time is over by the calendar in Japan, at most p_limit, and returns how many. They were written in the order
  -- of their entries, or nearly so: whatever is due is found among the first. A clock that runs ahead removes too much; that is for the operator to keep right.
  CREATE FUNCTION sweep_provision_records(p_limit integer) RETURNS integer LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = azukari, pg_temp SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
  DECLARE
    swept integer;
  BEGIN
    PERFORM require_read_committed();
    DELETE FROM statutory.provision_record WHERE keep_until < in_japan(clock_timestamp())::date
      AND entry_idx IN (SELECT entry_idx FROM statutory.provision_record ORDER BY entry_idx LIMIT p_limit);
    GET DIAGNOSTICS swept = ROW_COUNT;
    RETURN swept;
  END $$;

  GRANT EXECUTE ON FUNCTION sweep_provision_records TO azukari_app;
`;
