/**
 * The gate's second half (design section 5, step 7): hands over sealed records for grants whose entry a published checkpoint
 * covers, once, within 60 seconds, and only while recipient, program and consent still stand. Otherwise a void entry follows.
 */
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, cityOwner } from '../as-owner.js';

export class GateRedeem0000000000008 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await asOwner(
      runner,
      cityOwner,
      `
      CREATE FUNCTION void_entry(at text, of_index bigint, reason text, recipient text, tag text) RETURNS text LANGUAGE sql STABLE RETURN
        format('{"v":1,"t":"void","at":"%s","of":%s,"reason":"%s","recipient":"%s","tag":"%s"}', at, own_index(of_index), reason, recipient, tag);

      -- Voids grants for the reasons given and logs each exactly once. Takes the log's lock: call it last.
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
          FROM (SELECT g.resident_id, g.program_id, date_trunc(p.frequency_per, g.granted_at, 'Asia/Tokyo') AS period_start, count(*) AS voided
            FROM provision_grant g JOIN program p ON p.id = g.program_id AND p.version = g.program_version AND p.frequency_per IS NOT NULL
            WHERE g.entry_idx = ANY (p_indexes) AND g.voided_at IS NULL AND g.redeemed_at IS NULL GROUP BY 1, 2, 3) AS item
          WHERE u.resident_id = item.resident_id AND u.program_id = item.program_id AND u.period_start = item.period_start;
        base := lock_log();
        at := log_minute();
        entries := ARRAY(
          SELECT void_entry(at, item.idx, item.reason, g.recipient_id, tag_of(w.pairwise_id, at))
          FROM unnest(p_indexes, p_reasons) AS item (idx, reason)
          JOIN provision_grant g ON g.entry_idx = item.idx
          JOIN pairwise w ON w.recipient_id = g.recipient_id AND w.resident_id = g.resident_id
          ORDER BY item.idx);
        PERFORM write_entries(base, entries);
        UPDATE provision_grant g SET voided_at = clock_timestamp(), void_idx = base + item.place - 1
          FROM (SELECT idx, row_number() OVER (ORDER BY idx) AS place FROM unnest(p_indexes) AS idx) AS item
          WHERE g.entry_idx = item.idx AND g.redeemed_at IS NULL AND g.voided_at IS NULL;
        RETURN cardinality(entries);
      END $$;

      -- Voids grants that nobody redeemed within 60 seconds. Called by the sweeper; two at once share the work.
      CREATE FUNCTION sweep_grants(p_limit integer) RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = azukari, pg_temp AS $$
      DECLARE
        stale bigint[];
      BEGIN
        PERFORM share_log_turn();
        stale := ARRAY(SELECT entry_idx FROM provision_grant
          WHERE redeemed_at IS NULL AND voided_at IS NULL AND granted_at < clock_timestamp() - interval '60 seconds'
          ORDER BY granted_at LIMIT p_limit FOR UPDATE SKIP LOCKED);
        RETURN void_grants(stale, array_fill('not-redeemed'::text, ARRAY[cardinality(stale)]));
      END $$;

      -- For the resident's page: which of these provisions are void.
      CREATE FUNCTION voids_of(p_indexes bigint[]) RETURNS TABLE (entry_idx bigint, void_idx bigint) LANGUAGE sql STABLE SECURITY DEFINER
        SET search_path = azukari, pg_temp
        BEGIN ATOMIC
          SELECT g.entry_idx, g.void_idx FROM provision_grant g WHERE g.entry_idx = ANY (p_indexes) AND g.void_idx IS NOT NULL;
        END;

      GRANT EXECUTE ON FUNCTION sweep_grants, voids_of TO azukari_app;
    `,
      redeemFunction,
      standingFunction,
    );
  }

  async down(): Promise<void> {
    throw new Error('the gate is not undone');
  }
}

const redeemFunction = `
  -- Takes nothing but the indices. One row per grant with its outcome ('provided', or why not) and its records, each an array of category, id,
  -- version, source, date and the sealed bytes in hex: as one value they cost a reader half of what they cost as rows.
  -- Raises when the log is frozen or a published checkpoint does not cover an index, or when there is no such grant: that caller is broken.
  CREATE FUNCTION redeem_grants(p_indexes bigint[])
    RETURNS TABLE (entry_idx bigint, outcome text, resident_id uuid, records json)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = azukari, pg_temp SET plan_cache_mode = force_generic_plan AS $$
  #variable_conflict use_column
  DECLARE
    covered bigint;
    item record;
    g provision_grant;
    c consent;
    why text;
    -- Of each kind of grant in the batch (recipient, program version, purpose, categories): when its program ends, and why not.
    ends timestamptz[] := '{}';
    refusals text[] := '{}';
    judged boolean[] := '{}';
    provided bigint[] := '{}';
    void_indexes bigint[] := '{}';
    void_reasons text[] := '{}';
  BEGIN
    PERFORM require_read_committed();
    PERFORM require_same_run();
    -- Once the log is in doubt, nothing leaves, whatever was signed before.
    SELECT size INTO covered FROM published_checkpoint, signer_state WHERE frozen_at IS NULL;
    IF covered IS NULL OR EXISTS (SELECT FROM unnest(p_indexes) AS wanted (idx) WHERE wanted.idx IS NULL OR wanted.idx >= covered) THEN
      RAISE EXCEPTION 'no published checkpoint covers this entry' USING ERRCODE = 'AZ005';
    END IF;
    IF (SELECT count(*) FROM provision_grant WHERE entry_idx = ANY (p_indexes)) <> cardinality(p_indexes) THEN
      RAISE EXCEPTION 'no such grant' USING ERRCODE = 'AZ404';
    END IF;
    PERFORM require_witnesses(p_indexes);
    PERFORM share_log_turn();
    PERFORM pg_advisory_xact_lock_shared(lock_key('recipient', name)) FROM (
      SELECT DISTINCT recipient_id AS name FROM provision_grant WHERE entry_idx = ANY (p_indexes) ORDER BY name) AS sorted;
    PERFORM pg_advisory_xact_lock_shared(lock_key('program', name)) FROM (
      SELECT DISTINCT program_id AS name FROM provision_grant WHERE entry_idx = ANY (p_indexes) ORDER BY name) AS sorted;

    FOR item IN
      SELECT entry_idx AS idx, consent_lock_key(resident_id, program_id) AS lock,
        dense_rank() OVER (ORDER BY recipient_id, program_id, program_version, purpose, categories) AS kind
      FROM provision_grant WHERE entry_idx = ANY (p_indexes) ORDER BY lock, idx
    LOOP
      PERFORM pg_advisory_xact_lock_shared(item.lock);
      SELECT * INTO g FROM provision_grant WHERE entry_idx = item.idx FOR UPDATE;
      SELECT * INTO c FROM consent WHERE resident_id = g.resident_id AND id = g.consent_id FOR SHARE;
      IF judged[item.kind] IS NULL THEN
        -- Recipient and program are locked, so until the transaction ends only the clock can change this.
        ends[item.kind] := (SELECT ends_at FROM program WHERE id = g.program_id AND program.version = g.program_version AND status = 'active');
        refusals[item.kind] := CASE WHEN ends[item.kind] IS NULL THEN 'program-not-active'
          ELSE program_refusal(g.recipient_id, g.program_id, g.purpose, g.categories) END;
        judged[item.kind] := true;
      END IF;
      why := CASE
        WHEN g.redeemed_at IS NOT NULL OR g.voided_at IS NOT NULL THEN 'already-used'
        WHEN g.granted_at < clock_timestamp() - interval '60 seconds' THEN 'not-redeemed'
        WHEN refusals[item.kind] IS NOT NULL THEN refusals[item.kind]
        WHEN ends[item.kind] <= clock_timestamp() THEN 'program-not-active'
        WHEN (c.recipient_id, c.program_id::text) IS DISTINCT FROM (g.recipient_id, g.program_id) THEN 'no-consent'
        ELSE consent_refusal(c, g.program_version, g.purpose, g.categories)
      END;
      entry_idx := g.entry_idx;
      resident_id := g.resident_id;
      outcome := coalesce(why, 'provided');
      records := NULL;
      IF why IS NULL THEN
        provided := provided || g.entry_idx;
        records := (SELECT json_agg(json_build_array(r.category, r.id, r.version, r.source_id, r.on_date, encode(r.sealed, 'hex'))
            ORDER BY wanted.ord, r.on_date, r.id)
          FROM unnest(g.categories, g.versions) WITH ORDINALITY AS wanted (category, version, ord)
          JOIN vault_record r ON r.resident_id = g.resident_id AND r.category = wanted.category AND r.version <= wanted.version
          WHERE (r.superseded_version IS NULL OR r.superseded_version > wanted.version)
            AND (g.from_on IS NULL OR r.on_date >= g.from_on) AND (g.to_on IS NULL OR r.on_date < g.to_on));
      ELSIF why <> 'already-used' THEN
        void_indexes := void_indexes || g.entry_idx;
        void_reasons := void_reasons || why;
      END IF;
      RETURN NEXT;
    END LOOP;
    -- The grants are locked since they were looked at. The statutory record moves: from here on it is kept in its own store alone.
    INSERT INTO statutory.provision_record (entry_idx, recipient_id, key_period, keep_until, sealed)
      SELECT entry_idx, recipient_id, statutory_period, (clock_timestamp() AT TIME ZONE 'Asia/Tokyo')::date + interval '3 years', statutory_sealed
      FROM provision_grant WHERE entry_idx = ANY (provided);
    UPDATE provision_grant SET redeemed_at = clock_timestamp(), statutory_sealed = '' WHERE entry_idx = ANY (provided);
    PERFORM void_grants(void_indexes, void_reasons);
  END $$;

  GRANT EXECUTE ON FUNCTION redeem_grants TO azukari_app;
`;

const standingFunction = `
  -- For a stream whose reader was slow: do the grants just redeemed still stand? Nothing is written of those that do not.
  CREATE FUNCTION grants_still_stand(p_indexes bigint[]) RETURNS TABLE (entry_idx bigint, stands boolean)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = azukari, pg_temp
    BEGIN ATOMIC
      SELECT require_read_committed();
      SELECT g.entry_idx, c.state = 'active' AND c.ends_at > clock_timestamp() AND p.status = 'active' AND p.ends_at > clock_timestamp()
        AND r.status = 'active' AND NOT EXISTS (SELECT FROM signer_state WHERE frozen_at IS NOT NULL)
        AND EXISTS (SELECT FROM gate_state WHERE run = database_run())
      FROM provision_grant g
      JOIN consent c ON c.resident_id = g.resident_id AND c.id = g.consent_id
      JOIN program p ON p.id = g.program_id AND p.version = g.program_version
      JOIN recipient r ON r.id = g.recipient_id
      WHERE g.entry_idx = ANY (p_indexes);
    END;

  GRANT EXECUTE ON FUNCTION grants_still_stand TO azukari_app;
`;
