/**
 * The gate's second half (design section 5, step 7): hands over sealed records for grants whose entry a published checkpoint
 * covers, once, within 60 seconds, and only while recipient, program and consent still stand. Otherwise a void entry follows.
 *
 * In two transactions. First the record that the law demands of every provision is written to its own store and committed; only what another
 * transaction has committed is redeemed. So nobody reads and then takes back that they did: what stands recorded is never voided unseen.
 */
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, cityOwner } from '../as-owner.js';

export class GateRedeem0000000000008 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, cityOwner, voidFunctions, recordFunction, redeemFunction, standingFunction);
  }

  async down(): Promise<void> {
    throw new Error('the gate is not undone');
  }
}

const voidFunctions = `
  CREATE FUNCTION void_entry(at text, of_index bigint, reason text, recipient text, tag text) RETURNS text LANGUAGE sql STABLE RETURN
    format('{"v":1,"t":"void","at":"%s","of":%s,"reason":"%s","recipient":"%s","tag":"%s"}', at, own_index(of_index), reason, recipient, tag);

  -- Voids grants for the reasons given and logs each exactly once. The caller holds them. Takes the log's lock: call it last.
  CREATE FUNCTION void_grants(p_indexes bigint[], p_reasons text[]) RETURNS integer LANGUAGE plpgsql SET search_path = azukari, pg_temp AS $$
  DECLARE
    base bigint;
    at text;
    entries text[];
  BEGIN
    IF coalesce(cardinality(p_indexes), 0) = 0 THEN RETURN 0; END IF;
    -- What never left does not count against the approved frequency. The counts are locked in the order in which append takes them.
    PERFORM FROM provision_count u JOIN provision_grant g ON g.resident_id = u.resident_id AND g.program_id = u.program_id
      WHERE g.entry_idx = ANY (p_indexes)
      ORDER BY consent_lock_key(u.resident_id, u.program_id), u.period_start FOR UPDATE OF u;
    UPDATE provision_count u SET count = u.count - item.voided
      FROM (SELECT g.resident_id, g.program_id, period_start(p.frequency_per, g.granted_at) AS period_start, count(*) AS voided
        FROM provision_grant g JOIN program p ON p.id = g.program_id AND p.version = g.program_version AND p.frequency_per IS NOT NULL
        WHERE g.entry_idx = ANY (p_indexes) GROUP BY 1, 2, 3) AS item
      WHERE u.resident_id = item.resident_id AND u.program_id = item.program_id AND u.period_start = item.period_start;
    base := lock_log();
    at := log_minute_at(base);
    entries := ARRAY(
      SELECT void_entry(at, item.idx, item.reason, g.recipient_id, tag_of(w.pairwise_id, at))
      FROM unnest(p_indexes, p_reasons) AS item (idx, reason)
      JOIN provision_grant g ON g.entry_idx = item.idx
      JOIN pairwise w ON w.recipient_id = g.recipient_id AND w.resident_id = g.resident_id
      ORDER BY item.idx);
    -- An entry for each, or the numbers of the voids would be wrong. (A nobody's grant has none to name: it is never void.)
    IF cardinality(entries) <> cardinality(p_indexes) THEN RAISE EXCEPTION 'nobody''s grant cannot become void' USING ERRCODE = 'AZ001'; END IF;
    PERFORM write_entries(base, entries);
    INSERT INTO provision_void (entry_idx, void_idx)
      SELECT idx, base + row_number() OVER (ORDER BY idx) - 1 FROM unnest(p_indexes) AS idx;
    DELETE FROM provision_grant WHERE entry_idx = ANY (p_indexes);
    RETURN cardinality(entries);
  END $$;

  -- The record of third-party provision (APPI article 29) of these grants, in its own store: three years by the calendar in Japan.
  CREATE FUNCTION keep_records(p_indexes bigint[]) RETURNS void LANGUAGE sql SET search_path = azukari, pg_temp
    BEGIN ATOMIC
      INSERT INTO statutory.provision_record (entry_idx, recipient_id, key_period, keep_until, sealed)
        SELECT entry_idx, recipient_id, statutory_period, in_japan(clock_timestamp())::date + interval '3 years', statutory_sealed
        FROM provision_grant WHERE entry_idx = ANY (p_indexes) ORDER BY entry_idx
        ON CONFLICT (entry_idx) DO NOTHING;
    END;

  -- Closes grants that nobody redeems any more; the caller holds them. Void where no record of the provision was written, for then nothing can
  -- have left; else it counts as provided, as that of somebody who was erased does, however long ago the record was. So does what was granted before the gate was opened last: its record may have been lost with the run before, or in a crash.
  -- Returns how many became void.
  CREATE FUNCTION close_grants(p_indexes bigint[], p_reason text) RETURNS integer LANGUAGE plpgsql SET search_path = azukari, pg_temp AS $$
  DECLARE
    recorded bigint[];
    unread bigint[];
  BEGIN
    PERFORM keep_records(ARRAY(SELECT idx FROM unnest(p_indexes) AS idx WHERE idx < (SELECT opened_size FROM gate_state)));
    -- A statement of its own: who recorded held the grant until the commit, and may have committed since.
    recorded := ARRAY(SELECT entry_idx FROM statutory.provision_record WHERE entry_idx = ANY (p_indexes)
      UNION SELECT entry_idx FROM provision_grant WHERE entry_idx = ANY (p_indexes) AND resident_id IS NULL);
    DELETE FROM provision_grant WHERE entry_idx = ANY (recorded);
    unread := ARRAY(SELECT idx FROM unnest(p_indexes) AS idx WHERE idx <> ALL (recorded));
    RETURN void_grants(unread, array_fill(p_reason, ARRAY[cardinality(unread)]));
  END $$;

  -- Closes grants that nobody redeemed within 60 seconds, and those whose time lies more than 60 seconds ahead, because the clock was set back. Called by the
  -- sweepers of all nodes; while one works, the others have nothing to do. Returns how many became void; null when another one works.
  CREATE FUNCTION sweep_grants(p_limit integer) RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = azukari, pg_temp
    SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off AS $$
  DECLARE
    mark bigint;
    stale bigint[];
  BEGIN
    PERFORM require_read_committed();
    PERFORM require_same_run();
    PERFORM set_config('idle_in_transaction_session_timeout', '5s', true);
    IF NOT pg_try_advisory_xact_lock(lock_key('grant', 'sweep')) THEN RETURN NULL; END IF;
    PERFORM share_log_turn();
    -- Up to the first there is, or else to the end of the log. Grants are committed in the order of their entries and with the log's size, so none can
    -- turn up below. The mark moves before any grant is closed, because closing locks the log.
    SELECT coalesce((SELECT entry_idx FROM provision_grant WHERE entry_idx >= swept ORDER BY entry_idx LIMIT 1), (SELECT size FROM log_state))
      INTO mark FROM grant_sweep;
    UPDATE grant_sweep SET swept = mark WHERE swept < mark;
    stale := ARRAY(SELECT entry_idx FROM provision_grant
      WHERE entry_idx >= mark AND granted_at NOT BETWEEN clock_timestamp() - interval '60 seconds' AND clock_timestamp() + interval '60 seconds'
      ORDER BY entry_idx LIMIT p_limit FOR UPDATE SKIP LOCKED);
    RETURN close_grants(stale, 'not-redeemed');
  END $$;

  -- For the resident's page: which of these provisions are void.
  CREATE FUNCTION voids_of(p_indexes bigint[]) RETURNS TABLE (entry_idx bigint, void_idx bigint) LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path = azukari, pg_temp
    BEGIN ATOMIC
      SELECT v.entry_idx, v.void_idx FROM provision_void v WHERE v.entry_idx = ANY (p_indexes);
    END;

  GRANT EXECUTE ON FUNCTION sweep_grants, voids_of TO azukari_app;
`;

const recordFunction = `
  -- Was there a grant that is used, or void?
  CREATE FUNCTION is_closed(p_idx bigint) RETURNS boolean LANGUAGE sql STABLE SET search_path = azukari, pg_temp
    RETURN EXISTS (SELECT FROM statutory.provision_record WHERE entry_idx = p_idx) OR EXISTS (SELECT FROM provision_void WHERE entry_idx = p_idx);

  -- Raises while the log is frozen, and where a published checkpoint does not cover an index: nothing leaves before that, to whomever.
  CREATE FUNCTION require_covered(p_indexes bigint[]) RETURNS void LANGUAGE plpgsql VOLATILE SET search_path = azukari, pg_temp AS $$
  DECLARE
    covered bigint;
  BEGIN
    -- Once the log is in doubt, nothing leaves, whatever was signed before.
    SELECT size INTO covered FROM published_checkpoint, signer_state WHERE frozen_at IS NULL;
    IF covered IS NULL OR EXISTS (SELECT FROM unnest(p_indexes) AS wanted (idx) WHERE wanted.idx IS NULL OR wanted.idx >= covered) THEN
      RAISE EXCEPTION 'no published checkpoint covers this entry' USING ERRCODE = 'AZ005';
    END IF;
  END $$;

  -- Raises as require_covered does, when witnesses are missing, and when there never was such a grant.
  CREATE FUNCTION require_redeemable(p_indexes bigint[]) RETURNS void LANGUAGE plpgsql VOLATILE SET search_path = azukari, pg_temp
    SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
  BEGIN
    PERFORM require_covered(p_indexes);
    IF (SELECT count(*) FROM provision_grant WHERE entry_idx = ANY (p_indexes)) <> cardinality(p_indexes) AND
      (SELECT count(DISTINCT idx) FROM unnest(p_indexes) AS idx
        WHERE EXISTS (SELECT FROM provision_grant WHERE entry_idx = idx) OR is_closed(idx)) <> cardinality(p_indexes) THEN
      RAISE EXCEPTION 'no such grant' USING ERRCODE = 'AZ404';
    END IF;
    PERFORM require_witnesses(p_indexes);
  END $$;

  -- Takes the locks of these grants (recipients, programs, consents by ascending key) and says of each why it does not stand: null where
  -- recipient, program and consent all do. Until the transaction ends only the clock can change this.
  CREATE FUNCTION judge_grants(p_indexes bigint[]) RETURNS TABLE (idx bigint, why text) LANGUAGE plpgsql
    SET search_path = azukari, pg_temp SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
  #variable_conflict use_column
  DECLARE
    kind record;
    kinds judged_kind[] := '{}';
  BEGIN
    -- A node that stands still with these locks loses them as soon as one that holds the log's: a withdrawal waits for both.
    PERFORM set_config('idle_in_transaction_session_timeout', '5s', true);
    PERFORM share_log_turn();
    PERFORM pg_advisory_xact_lock_shared(lock_key('recipient', name)) FROM (
      SELECT DISTINCT recipient_id AS name FROM provision_grant WHERE entry_idx = ANY (p_indexes) ORDER BY name) AS sorted;
    PERFORM pg_advisory_xact_lock_shared(lock_key('program', name)) FROM (
      SELECT DISTINCT program_id AS name FROM provision_grant WHERE entry_idx = ANY (p_indexes) ORDER BY name) AS sorted;
    PERFORM pg_advisory_xact_lock_shared(lock) FROM (
      SELECT consent_lock_key(resident_id, program_id) AS lock FROM provision_grant WHERE entry_idx = ANY (p_indexes) ORDER BY lock) AS sorted;
    FOR kind IN
      SELECT DISTINCT recipient_id, program_id, purpose, array_to_string(categories, ',') AS categories, program_version
      FROM provision_grant WHERE entry_idx = ANY (p_indexes)
    LOOP
      kinds := kinds || judge_kind(kind.recipient_id, kind.program_id, kind.purpose, kind.categories, kind.program_version);
    END LOOP;
    -- A statement of its own, so that it sees what was committed while the locks were awaited.
    RETURN QUERY SELECT g.entry_idx, CASE
        WHEN k.refusal IS NOT NULL THEN k.refusal
        WHEN k.ends_at <= clock_timestamp() THEN 'program-not-active'
        WHEN c.recipient_id IS DISTINCT FROM g.recipient_id OR c.program_id::text IS DISTINCT FROM g.program_id THEN 'no-consent'
        ELSE consent_refusal(c.state, c.ends_at, c.program_version, c.items, k.version, k.asked)
      END
      FROM provision_grant g
      JOIN unnest(kinds) AS k ON k.recipient = g.recipient_id AND k.program = g.program_id AND k.purpose = g.purpose
        AND k.codes = g.categories AND k.version = g.program_version
      LEFT JOIN consent c ON c.resident_id = g.resident_id AND c.id = g.consent_id
      WHERE g.entry_idx = ANY (p_indexes);
  END $$;

  -- The record of a provision is written, and nothing leaves before that is committed. What is stale, used,
  -- void or fallen is passed over, redeeming says why; repeating it changes nothing. Raises as redeeming would: what cannot leave is not recorded.
  CREATE FUNCTION record_provisions(p_indexes bigint[]) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = azukari, pg_temp SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
  DECLARE
    standing bigint[];
  BEGIN
    PERFORM require_read_committed();
    PERFORM require_same_run();
    PERFORM require_redeemable(p_indexes);
    standing := ARRAY(SELECT idx FROM judge_grants(p_indexes) WHERE why IS NULL);
    -- The grant is held until the commit, so that the sweeper does not void it meanwhile.
    PERFORM keep_records(ARRAY(SELECT entry_idx FROM provision_grant
      WHERE entry_idx = ANY (standing) AND granted_at > clock_timestamp() - interval '60 seconds'
      ORDER BY entry_idx FOR SHARE));
    -- If it is lost in a crash, its grants are those of an earlier run, which count as provided, and are recorded again.
    PERFORM commit_without_waiting();
  END $$;

  GRANT EXECUTE ON FUNCTION record_provisions TO azukari_app;
`;

const redeemFunction = `
  -- Takes nothing but the indices. One row per grant with its outcome ('provided', or why not) and its records, one a line: category, id,
  -- version, source, date and the sealed bytes in hex, between spaces (none of them has one), in no order: sorting them here costs as much as
  -- reading them. As one value they cost a reader half of what they cost as rows. Of what is used or void by now nothing is left but that.
  -- What does not stand becomes void, unless it was recorded before: then it may have been read by a transaction that was taken back, and counts
  -- as provided. What stands and has no record that is committed is 'not-recorded', and stays as it was: it did not stand when it was to be
  -- recorded, or nobody did. Raises as require_redeemable does.
  CREATE FUNCTION redeem_grants(p_indexes bigint[])
    RETURNS TABLE (entry_idx bigint, outcome text, resident_id uuid, records text)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = azukari, pg_temp SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
  #variable_conflict use_column
  DECLARE
    g record;
    judged bigint[];
    judgements text[];
    opened bigint;
    used bigint[] := '{}';
    void_indexes bigint[] := '{}';
    void_reasons text[] := '{}';
    answered bigint[] := '{}';
  BEGIN
    PERFORM require_read_committed();
    PERFORM require_same_run();
    -- Not before: the gate may have been opened in between.
    opened := (SELECT opened_size FROM gate_state);
    PERFORM require_redeemable(p_indexes);
    SELECT array_agg(idx ORDER BY idx), array_agg(why ORDER BY idx) INTO judged, judgements FROM judge_grants(p_indexes);
    -- Whoever else would use one of them waits here, in the order of the entries, and then finds that it is gone.
    PERFORM FROM provision_grant WHERE entry_idx = ANY (p_indexes) ORDER BY entry_idx FOR UPDATE;
    FOR g IN
      SELECT held.*, r.entry_idx IS NOT NULL AS is_recorded,
        CASE
          -- Erased meanwhile: as if there had never been anybody.
          WHEN held.resident_id IS NULL THEN 'no-consent'
          -- Whether what was granted in an earlier run of the database was used, may have been forgotten.
          WHEN granted_at <= clock_timestamp() - interval '60 seconds' OR held.entry_idx < opened THEN 'not-redeemed'
          -- It was not there when grants were judged.
          WHEN array_position(judged, held.entry_idx) IS NULL THEN 'not-recorded'
          ELSE coalesce(judgements[array_position(judged, held.entry_idx)],
            -- The transaction itself, whatever its savepoints, proves nothing; whose else is seen is committed.
            CASE WHEN (r.recorded_by <> pg_current_xact_id()) IS NOT TRUE THEN 'not-recorded' END)
        END AS why
      FROM provision_grant held LEFT JOIN statutory.provision_record r ON r.entry_idx = held.entry_idx WHERE held.entry_idx = ANY (p_indexes)
    LOOP
      answered := answered || g.entry_idx;
      entry_idx := g.entry_idx;
      resident_id := g.resident_id;
      outcome := coalesce(g.why, 'provided');
      records := NULL;
      IF g.why IS NULL THEN
        used := used || g.entry_idx;
        records := (SELECT string_agg(
            r.category || ' ' || r.id || ' ' || r.version || ' ' || r.source_id || ' ' || r.on_date || ' ' || encode(r.sealed, 'hex'), E'\n')
          FROM unnest(g.categories, g.versions) AS wanted (category, version)
          JOIN vault_record r ON r.resident_id = g.resident_id AND r.category = wanted.category AND r.version <= wanted.version
          WHERE (r.superseded_version IS NULL OR r.superseded_version > wanted.version)
            AND (g.from_on IS NULL OR r.on_date >= g.from_on) AND (g.to_on IS NULL OR r.on_date < g.to_on));
      ELSIF g.why <> 'not-recorded' THEN
        IF g.is_recorded OR g.resident_id IS NULL THEN
          used := used || g.entry_idx;
        -- The others are left to the sweeper.
        ELSIF g.entry_idx >= opened THEN
          void_indexes := void_indexes || g.entry_idx;
          void_reasons := void_reasons || g.why;
        END IF;
      END IF;
      RETURN NEXT;
    END LOOP;
    IF cardinality(answered) < cardinality(p_indexes) THEN
      RETURN QUERY SELECT DISTINCT idx, 'already-used', NULL::uuid, NULL::text FROM unnest(p_indexes) AS idx WHERE idx <> ALL (answered);
    END IF;
    DELETE FROM provision_grant WHERE entry_idx = ANY (used);
    PERFORM void_grants(void_indexes, void_reasons);
    -- That a grant was used may be lost in a crash: it is one of an earlier run then. An entry of the log may not.
    IF cardinality(void_indexes) = 0 THEN PERFORM commit_without_waiting(); END IF;
  END $$;

  GRANT EXECUTE ON FUNCTION redeem_grants TO azukari_app;
`;

const standingFunction = `
  -- For a stream whose reader was slow: of the residents whom a recipient asked about, by the place of their pairwise ids, those whose consent to
  -- these items still stands, for the version of the program that each was granted under. A consent given after the grant's entry is another one (V2).
  -- Nothing is written of the others.
  CREATE FUNCTION consents_that_stand(p_recipient text, p_program text, p_items text[], p_versions integer[], p_pairwise bytea[], p_indexes bigint[])
    RETURNS TABLE (place integer) LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = azukari, pg_temp
    BEGIN ATOMIC
      SELECT require_read_committed();
      SELECT i.place::integer FROM unnest(p_versions, p_pairwise, p_indexes) WITH ORDINALITY AS i (version, pairwise_id, idx, place)
      JOIN consent c ON c.program_id = p_program AND c.pairwise_id = i.pairwise_id AND c.recipient_id = p_recipient AND c.state = 'active'
        AND c.log_index < i.idx
      JOIN program p ON p.id = p_program AND p.version = i.version
      JOIN recipient r ON r.id = p_recipient
      WHERE consent_refusal(c.state, c.ends_at, c.program_version, c.items, i.version, p_items) IS NULL
        AND p.status = 'active' AND p.ends_at > clock_timestamp() AND r.status = 'active'
        AND NOT EXISTS (SELECT FROM signer_state WHERE frozen_at IS NOT NULL) AND is_gate_open();
    END;

  GRANT EXECUTE ON FUNCTION consents_that_stand TO azukari_app;
`;
