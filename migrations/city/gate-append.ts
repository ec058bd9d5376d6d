/**
 * The gate's first half (design section 5, step 5): decides each item of a batch under the locks, writes a provision entry and
 * a grant, or a refusal entry. The entry is built here from the values that were checked, so it cannot differ from its grant.
 */
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, cityOwner } from '../as-owner.js';

export class GateAppend0000000000007 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await asOwner(
      runner,
      cityOwner,
      runFunctions,
      `
      -- What may leave, once, within 60 seconds, for one entry. It is there until it is used or void, and then nowhere: that it was used stands in the record
      -- that the law demands, that it is void in provision_void. Fields follow from the program version, which never changes.
      CREATE TABLE provision_grant (
        -- No foreign key to the entry, as in entry_detail: only the function that has just written the entry writes here, and the look-up
        -- would lock and rewrite each entry once more.
        entry_idx bigint PRIMARY KEY,
        -- Both null once the resident was erased: then it is nobody's.
        resident_id uuid,
        consent_id uuid,
        recipient_id text NOT NULL,
        program_id text NOT NULL,
        program_version integer NOT NULL,
        purpose text NOT NULL,
        categories text[] NOT NULL,
        -- The version of each category, in the same order, that the entry's commitment names.
        versions bigint[] NOT NULL,
        -- Half-open: from_on is in, to_on is not.
        from_on date,
        to_on date,
        -- Whose data it is, sealed for the record that the law demands, and the month of its key.
        statutory_period text NOT NULL,
        statutory_sealed bytea NOT NULL,
        granted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        CONSTRAINT each_category_has_a_version CHECK (cardinality(categories) = cardinality(versions)),
        CONSTRAINT window_ends_after_it_starts CHECK (to_on > from_on),
        CONSTRAINT a_grant_is_somebodys_by_consent CHECK ((resident_id IS NULL) = (consent_id IS NULL))
      -- What was once needed for a minute's grants will be needed again.
      ) WITH (vacuum_truncate = off);

      -- What was granted and never left, and the entry that says so.
      CREATE TABLE provision_void (
        entry_idx bigint PRIMARY KEY REFERENCES log_entry,
        void_idx bigint NOT NULL UNIQUE REFERENCES log_entry
      );

      -- No grant is left below: whoever looks for those that wait begins here, and not among those that were.
      CREATE TABLE grant_sweep (
        singleton boolean PRIMARY KEY DEFAULT true CONSTRAINT there_is_one_sweep CHECK (singleton),
        swept bigint NOT NULL DEFAULT 0
      );
      INSERT INTO grant_sweep DEFAULT VALUES;

      -- How often a program has used a resident's data in the current period, where the terms limit it.
      CREATE TABLE provision_count (
        resident_id uuid NOT NULL,
        program_id text NOT NULL,
        period_start timestamptz NOT NULL,
        count integer NOT NULL,
        PRIMARY KEY (resident_id, program_id, period_start)
      );
      GRANT SELECT ON provision_count TO azukari_app;
    `,
      decideFunctions,
      appendFunction,
      listFunction,
    );
  }

  async down(): Promise<void> {
    throw new Error('the gate is not undone');
  }
}

const runFunctions = `
  -- Which run of which server this is. A replica that was promoted, a backup that was put back, a volume that was rolled back: each is served by
  -- another postmaster, which was started at another time. (A timeline tells less: it is not written down until the first checkpoint after a
  -- promotion, and a volume that was rolled back has none of its own.) While the postmaster stands, a dump may be put back, or a copy that was made
  -- with CREATE DATABASE … TEMPLATE: then the table's file is another one. (Not where a superuser gives the copy the number of the original, which the
  -- gate cannot tell.) VACUUM FULL makes another file as well: the gate is shut until the journal was replayed once more.
  CREATE FUNCTION database_run() RETURNS text LANGUAGE sql STABLE
    RETURN extract(epoch FROM pg_postmaster_start_time()) || '/' || pg_relation_filepath(to_regclass('azukari.gate_state'));

  -- The run into which the journal was replayed last. A database of another run may have forgotten what was answered: the gate is shut. So may one whose
  -- postmaster stands and whose backends crashed, for not every commit waits for the disk. Therefore UNLOGGED: whatever recovers empties this table.
  CREATE UNLOGGED TABLE gate_state (
    singleton boolean PRIMARY KEY DEFAULT true CONSTRAINT there_is_one_gate CHECK (singleton),
    run text NOT NULL DEFAULT database_run(),
    opened_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- The transaction that wrote this row. Who puts back what was dumped writes it in another one, and the gate stays shut.
    opened_in xid8 NOT NULL DEFAULT pg_current_xact_id(),
    -- Of the log when it was opened: what was granted before, was granted in another run, or before a crash.
    opened_size bigint NOT NULL DEFAULT 0
  );
  INSERT INTO gate_state DEFAULT VALUES;

  CREATE FUNCTION is_gate_open() RETURNS boolean LANGUAGE sql STABLE SET search_path = azukari, pg_temp
    BEGIN ATOMIC SELECT EXISTS (SELECT FROM gate_state WHERE run = database_run() AND xmin = opened_in::xid); END;

  CREATE FUNCTION require_same_run() RETURNS void LANGUAGE plpgsql STABLE SET search_path = azukari, pg_temp AS $$
  BEGIN
    IF NOT is_gate_open() THEN
      RAISE EXCEPTION 'this is another run of the database than the journal was replayed into' USING ERRCODE = 'AZ007';
    END IF;
  END $$;

  -- For who has replayed the journal since this run was seen. What was replayed into another run opens nothing. Not for the role that serves
  -- requests: whoever has taken that over could open the gate after a restore and leave out the journal.
  CREATE FUNCTION open_gate(p_run text) RETURNS void LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = azukari, pg_temp
    BEGIN ATOMIC
      INSERT INTO gate_state AS g (run, opened_size) SELECT p_run, size FROM log_state WHERE p_run = database_run()
        ON CONFLICT (singleton) DO UPDATE
          SET run = excluded.run, opened_at = excluded.opened_at, opened_in = excluded.opened_in, opened_size = excluded.opened_size
          WHERE g.run <> excluded.run OR g.xmin <> g.opened_in::xid;
    END;

  GRANT SELECT ON gate_state TO azukari_app;
  GRANT EXECUTE ON FUNCTION database_run, is_gate_open TO azukari_app;
  GRANT EXECUTE ON FUNCTION open_gate TO azukari_signer;
`;

const decideFunctions = `
  -- What entries of one kind in one batch begin with; the tag and the commitment follow.
  CREATE FUNCTION provision_head(
    at text, recipient text, program text, version integer, purpose text, categories text, policy text
  ) RETURNS text LANGUAGE sql STABLE RETURN
    format('{"v":1,"t":"provision","at":"%s","recipient":"%s","program":"%s","version":%s,"purpose":"%s","categories":%s,"policy":"%s","tag":"',
      at, recipient, program, version, purpose, json_codes(categories), policy);

  CREATE FUNCTION provision_entry(head text, tag text, commitment bytea) RETURNS text LANGUAGE sql STABLE RETURN
    head || tag || '","commitment":"' || encode(commitment, 'hex') || '"}';

  -- Somebody has shortened a log that ends before what was provided from it. A grant of an entry anew would find the record of the other.
  CREATE FUNCTION require_nothing_provided(p_from bigint) RETURNS void LANGUAGE plpgsql STABLE SET search_path = azukari, pg_temp AS $$
  BEGIN
    IF EXISTS (SELECT FROM statutory.provision_record WHERE entry_idx >= p_from) THEN
      RAISE EXCEPTION 'the log has fewer entries than were provided from it' USING ERRCODE = 'unique_violation';
    END IF;
  END $$;

  -- 32 bytes nobody can guess: without them, who sees the public leaf of an entry that names nobody could find the entry by trying.
  CREATE FUNCTION entry_salt() RETURNS text LANGUAGE sql VOLATILE RETURN
    encode(sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid())), 'hex');

  CREATE FUNCTION refusal_entry(
    at text, recipient text, program text, version integer, purpose text, categories text, reason text, policy text, tag text
  ) RETURNS text LANGUAGE sql VOLATILE RETURN
    format('{"v":1,"t":"refusal","at":"%s","recipient":"%s"%s%s%s,"reason":"%s","policy":"%s"%s}', at, recipient,
      CASE WHEN version IS NOT NULL THEN format(',"program":"%s","version":%s', program, version) ELSE '' END,
      coalesce(',"purpose":"' || purpose || '"', ''), coalesce(',"categories":' || json_codes(nullif(categories, '')), ''),
      reason, policy, coalesce(',"tag":"' || tag || '"', ',"salt":"' || entry_salt() || '"'));

  -- What is asked for, as a consent names its items: the categories of one purpose, from a comma-separated list.
  CREATE FUNCTION items_asked(p_purpose text, p_categories text) RETURNS text[] LANGUAGE sql IMMUTABLE RETURN
    string_to_array(p_purpose || '/' || replace(p_categories, ',', ',' || p_purpose || '/'), ',');

  -- Does a comma-separated list name each code once, in ascending order?
  CREATE FUNCTION is_ascending(codes text) RETURNS boolean LANGUAGE sql IMMUTABLE RETURN
    string_to_array(codes, ',') = ARRAY(SELECT DISTINCT code COLLATE "C" FROM unnest(string_to_array(codes, ',')) AS code ORDER BY 1);

  -- What items of one kind, those of one recipient, program, purpose and list of categories, have in common.
  CREATE TYPE judged_kind AS (
    recipient text, program text, purpose text, categories text,
    -- The same as a list, and as a consent names it.
    codes text[], asked text[],
    -- Why none of them may go, or null.
    refusal text,
    -- Of the program, which no item outlives; the version is null when this recipient has no such program.
    version integer, ends_at timestamptz, frequency_count integer, frequency_per text
  );

  -- One look at recipient, program and terms for each kind of item in a batch. The caller holds the locks of both, so until the transaction ends only
  -- the clock can change what it says. p_version: the version that must be in force; null: the one in force, or else the newest. Raises where items of
  -- the kind could not stand in the log as they are: the caller is broken.
  CREATE FUNCTION judge_kind(p_recipient text, p_program text, p_purpose text, p_categories text, p_version integer) RETURNS judged_kind
    LANGUAGE plpgsql VOLATILE SET search_path = azukari, pg_temp AS $$
  DECLARE
    look record;
    -- Nothing enters an entry that is no code.
    wanted_purpose code := p_purpose;
    wanted code[] := string_to_array(p_categories, ',');
  BEGIN
    SELECT r.status, p.status = 'active' AS is_active, p.version, p.starts_at, p.ends_at, p.frequency_count, p.frequency_per,
        ARRAY(SELECT category::text FROM program_item WHERE program_id = p_program AND program_version = p.version AND purpose = wanted_purpose) AS categories
      INTO look FROM recipient r
      LEFT JOIN program p ON p.id = p_program AND p.recipient_id = r.id AND p.version = coalesce(p_version, p.version)
      WHERE r.id = p_recipient ORDER BY p.status = 'active' DESC NULLS LAST, p.version DESC LIMIT 1;
    IF NOT FOUND OR p_program IS NULL OR p_purpose IS NULL OR coalesce(p_categories, '') = ''
      OR (position(',' IN p_categories) > 0 AND NOT is_ascending(p_categories)) THEN
      RAISE EXCEPTION 'an item does not have the form of an entry' USING ERRCODE = 'AZ001';
    END IF;
    RETURN ROW(p_recipient, p_program, p_purpose, p_categories, wanted, items_asked(p_purpose, p_categories),
      CASE
        WHEN p_version IS NOT NULL AND look.is_active IS NOT TRUE THEN 'program-not-active'
        WHEN look.status <> 'active' THEN 'recipient-not-active'
        WHEN (look.is_active AND clock_timestamp() >= look.starts_at AND clock_timestamp() < look.ends_at) IS NOT TRUE THEN 'program-not-active'
        WHEN NOT wanted::text[] <@ look.categories THEN 'outside-terms'
      END,
      coalesce(p_version, look.version), look.ends_at, look.frequency_count, look.frequency_per)::judged_kind;
  END $$;

  -- What a consent says to one request; all of it null where there is none. A code about the consent itself goes only to who once held it;
  -- all others hear no-consent. One expression without a query in it, so that it is written into the statement that judges a batch.
  CREATE FUNCTION consent_refusal(
    p_state text, p_ends_at timestamptz, p_given_for integer, p_items text[], p_version integer, p_asked text[]
  ) RETURNS text LANGUAGE sql VOLATILE RETURN
    CASE
      WHEN p_state IS NULL THEN 'no-consent'
      WHEN p_state = 'withdrawn' THEN 'consent-withdrawn'
      WHEN p_state = 'expired' OR (p_state IN ('active', 'paused') AND p_ends_at <= clock_timestamp()) THEN 'consent-expired'
      WHEN p_state = 'paused' THEN 'consent-paused'
      WHEN p_state = 'active' AND p_given_for = p_version AND p_asked <@ p_items THEN NULL
      ELSE 'no-consent'
    END;

  -- Counts one use against the terms; false when the period's uses are spent. The row stays locked until the transaction ends.
  CREATE FUNCTION count_use(p_resident uuid, p_program text, p_limit integer, p_per text) RETURNS boolean
    LANGUAGE plpgsql VOLATILE SET search_path = azukari, pg_temp AS $$
  BEGIN
    INSERT INTO provision_count AS used (resident_id, program_id, period_start, count)
      VALUES (p_resident, p_program, period_start(p_per, clock_timestamp()), 1)
      ON CONFLICT (resident_id, program_id, period_start) DO UPDATE SET count = used.count + 1 WHERE used.count < p_limit;
    RETURN FOUND;
  END $$;
`;

const appendFunction = `
  -- What items have in common is named once: p_recipients to p_categories are parallel, one element per kind, p_kind_of gives the number of each item's
  -- kind, and it and all that follow but p_versions are parallel, one element per item. p_categories are comma-separated lists, ascending. p_versions: of
  -- the categories of every item, one item's after the other's, from the place p_versions_from on.
  -- p_residents: whom the caller takes the pairwise ids to belong to, or null; by it the locks are taken before anything is looked at, so there is no
  -- grant where it is not so. p_refusals: a reason found before the database was asked (policy, terms), or null. What the policy says of a resident is
  -- told only where a consent stands: to everybody else, they are like those who do not exist. Returns one row, for as rows the items would cost more:
  -- the number of the first entry and, in the order of the items, the reasons, separated by commas (empty where a grant was made), and the entries, a
  -- line each. Locks: recipients, programs, consents by ascending key, the counts of their uses in the same order, the log last.
  CREATE FUNCTION append_provisions(
    p_policy text, p_recipients text[], p_programs text[], p_purposes text[], p_categories text[], p_kind_of integer[], p_residents uuid[],
    p_pairwise bytea[], p_versions bigint[], p_versions_from integer[], p_refusals text[], p_from date[], p_to date[], p_commitments bytea[], p_details bytea[],
    p_statutory_periods text[], p_statutory bytea[]
  ) RETURNS TABLE (first_idx bigint, reason_list text, entry_lines text) LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = azukari, pg_temp
    -- Its statements are planned once: planning them for each batch took as long as running them. They read by key alone, also where they are
    -- planned while a table is still empty.
    SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
  #variable_conflict use_column
  DECLARE
    kinds judged_kind[] := '{}';
    -- Of each item, in order: whom it is about (null when unknown), the consent, why it may not go.
    residents uuid[];
    consents uuid[];
    reasons text[];
    are_sound boolean;
    are_counted boolean;
    -- The items whose uses are limited, in the order of the locks.
    counted integer[] := '{}';
    heads text[];
    entries text[];
    base bigint;
    at text;
  BEGIN
    -- Each statement costs a batch more than what it does here.
    PERFORM require_read_committed(), require_same_run(),
      require_parallel(array_dims(p_recipients), array_dims(p_programs), array_dims(p_purposes), array_dims(p_categories)),
      require_parallel(array_dims(p_kind_of), array_dims(p_residents), array_dims(p_pairwise), array_dims(p_versions_from), array_dims(p_refusals),
        array_dims(p_from), array_dims(p_to), array_dims(p_commitments), array_dims(p_details), array_dims(p_statutory_periods), array_dims(p_statutory)),
      require_parallel(array_dims(p_versions)), share_log_turn();
    -- Before any lock is taken: there is room for so many, and not for ever so many.
    IF greatest(cardinality(p_recipients), cardinality(p_kind_of)) > 1000 THEN
      RAISE EXCEPTION 'a batch has at most 1000 items' USING ERRCODE = 'AZ001';
    END IF;
    PERFORM pg_advisory_xact_lock_shared(lock_key('recipient', name)) FROM (SELECT DISTINCT name FROM unnest(p_recipients) AS name ORDER BY name) AS sorted;
    PERFORM pg_advisory_xact_lock_shared(lock_key('program', name)) FROM (SELECT DISTINCT name FROM unnest(p_programs) AS name ORDER BY name) AS sorted;
    PERFORM pg_advisory_xact_lock_shared(lock) FROM (SELECT consent_lock_key(i.resident, p_programs[i.kind]) AS lock
      FROM unnest(p_kind_of, p_residents) AS i (kind, resident) WHERE i.resident IS NOT NULL ORDER BY lock) AS sorted;
    FOR place IN 1 .. cardinality(p_recipients) LOOP
      kinds := kinds || judge_kind(p_recipients[place], p_programs[place], p_purposes[place], p_categories[place], NULL);
    END LOOP;

    -- Each item with the consent in force, or else the last one, of whom the caller takes it to be about: nobody else's lock is held. Who became known to
    -- this recipient after it had asked, or is so no more, is answered as of then. A statement that begins when the locks are held, so it sees what was
    -- committed until then.
    SELECT array_agg(reason ORDER BY ord), array_agg(resident ORDER BY ord), array_agg(consent_id ORDER BY ord),
        -- By its detail the resident finds out what an entry says. Whoever knows the resident has the key to make it.
        bool_and(is_sound AND (reason IS NOT NULL OR detail IS NOT NULL)), bool_or(reason IS NULL AND frequency_count IS NOT NULL)
      INTO reasons, residents, consents, are_sound, are_counted FROM (
      SELECT i.ord, i.detail, CASE WHEN c.id IS NOT NULL THEN i.resident END AS resident, c.id AS consent_id,
        (kinds[i.kind]).frequency_count,
        coalesce((i.kind BETWEEN 1 AND cardinality(kinds)) AND octet_length(i.pairwise) = 32 AND octet_length(i.commitment) = 32, false)
          AND coalesce(i.refusal IN ('program-not-active', 'outside-terms', 'policy-forbids'), true) AS is_sound,
        coalesce((kinds[i.kind]).refusal, CASE WHEN (kinds[i.kind]).ends_at <= clock_timestamp() THEN 'program-not-active' END,
          nullif(i.refusal, 'policy-forbids'),
          consent_refusal(c.state, c.ends_at, c.program_version, c.items, (kinds[i.kind]).version, (kinds[i.kind]).asked), i.refusal,
          CASE WHEN i.statutory IS NULL THEN 'no-consent' END) AS reason
      FROM unnest(p_kind_of, p_residents, p_pairwise, p_refusals, p_commitments, p_details, p_statutory) WITH ORDINALITY
        AS i (kind, resident, pairwise, refusal, commitment, detail, statutory, ord)
      LEFT JOIN LATERAL (
        SELECT id, state, ends_at, program_version, items FROM consent
        WHERE resident_id = i.resident AND program_id = p_programs[i.kind] AND recipient_id = p_recipients[i.kind] AND pairwise_id = i.pairwise
        ORDER BY state IN ('active', 'paused') DESC, given_at DESC LIMIT 1) c ON true) AS judged;
    -- Whose id it is, is asked only where no consent says so.
    IF array_position(consents, NULL) IS NOT NULL THEN
      residents := ARRAY(SELECT coalesce(i.resident, w.resident_id) FROM unnest(residents, p_kind_of, p_pairwise) WITH ORDINALITY AS i (resident, kind, pairwise, ord)
        LEFT JOIN pairwise w ON i.resident IS NULL AND w.recipient_id = p_recipients[i.kind] AND w.pairwise_id = i.pairwise ORDER BY i.ord);
    END IF;
    IF are_sound IS NOT TRUE THEN RAISE EXCEPTION 'an item does not have the form of an entry' USING ERRCODE = 'AZ001'; END IF;
    IF are_counted THEN
      counted := ARRAY(SELECT i.ord::integer FROM unnest(reasons, p_kind_of, residents) WITH ORDINALITY AS i (reason, kind, resident, ord)
        WHERE i.reason IS NULL AND (kinds[i.kind]).frequency_count IS NOT NULL ORDER BY consent_lock_key(i.resident, p_programs[i.kind]), i.ord);
    END IF;
    -- Only now, in the same order: whoever holds a count waits for no consent, or a withdrawal could wait for both.
    FOR place IN 1 .. cardinality(counted) LOOP
      IF NOT count_use(residents[counted[place]], p_programs[p_kind_of[counted[place]]], (kinds[p_kind_of[counted[place]]]).frequency_count,
        (kinds[p_kind_of[counted[place]]]).frequency_per) THEN
        reasons[counted[place]] := 'frequency-exceeded';
      END IF;
    END LOOP;

    base := lock_log();
    at := log_minute_at(base);
    -- Whoever adopts a policy appends under the same lock, so from here on it stands.
    PERFORM require_policy(p_policy), require_nothing_provided(base);
    FOR place IN 1 .. cardinality(kinds) LOOP
      heads[place] := provision_head(at, p_recipients[place], p_programs[place], (kinds[place]).version, p_purposes[place], p_categories[place],
        p_policy);
    END LOOP;
    entries := ARRAY(
      SELECT CASE
        WHEN i.reason IS NULL THEN provision_entry(heads[i.kind], tag_of(i.pairwise, at), i.commitment)
        ELSE refusal_entry(at, p_recipients[i.kind], p_programs[i.kind], (kinds[i.kind]).version, p_purposes[i.kind], p_categories[i.kind],
          i.reason, p_policy, CASE WHEN i.resident IS NOT NULL THEN tag_of(i.pairwise, at) END)
      END FROM unnest(p_kind_of, reasons, p_pairwise, p_commitments, residents) WITH ORDINALITY AS i (kind, reason, pairwise, commitment, resident, ord)
      ORDER BY i.ord);
    PERFORM write_entries(base, entries);
    INSERT INTO provision_grant (entry_idx, resident_id, recipient_id, program_id, program_version, consent_id, purpose, categories, versions,
        from_on, to_on, statutory_period, statutory_sealed)
      SELECT base + i.ord - 1, i.resident, p_recipients[i.kind], p_programs[i.kind], (kinds[i.kind]).version, i.consent, p_purposes[i.kind],
        (kinds[i.kind]).codes, p_versions[i.versions_from : i.versions_from + cardinality((kinds[i.kind]).codes) - 1], i.from_on, i.to_on, i.statutory_period, i.statutory
      FROM unnest(p_kind_of, residents, consents, p_versions_from, p_from, p_to, p_statutory_periods, p_statutory, reasons) WITH ORDINALITY
        AS i (kind, resident, consent, versions_from, from_on, to_on, statutory_period, statutory, reason, ord)
      WHERE i.reason IS NULL;
    INSERT INTO entry_detail (resident_id, idx, sealed)
      SELECT i.resident, base + i.ord - 1, i.detail FROM unnest(residents, p_details) WITH ORDINALITY AS i (resident, detail, ord)
      WHERE i.resident IS NOT NULL AND i.detail IS NOT NULL;
    first_idx := base;
    reason_list := coalesce(array_to_string(reasons, ',', ''), '');
    entry_lines := array_to_string(entries, E'\n');
    RETURN NEXT;
  END $$;

  GRANT EXECUTE ON FUNCTION append_provisions TO azukari_app;
`;

const listFunction = `
  -- The list of pairwise ids who consent is given out through the gate too: one untagged entry with its count per page.
  CREATE FUNCTION append_list(p_policy text, p_recipient text, p_program text, p_count integer)
    RETURNS TABLE (idx bigint, reason text, entry text) LANGUAGE plpgsql SECURITY DEFINER SET search_path = azukari, pg_temp AS $$
  #variable_conflict use_column
  DECLARE
    p program;
    why text;
    line text;
    base bigint;
  BEGIN
    PERFORM require_read_committed(), require_same_run(), set_config('lock_timeout', '3s', true);
    IF p_policy IS DISTINCT FROM current_policy() THEN
      RAISE EXCEPTION 'this node decides by another policy than the city' USING ERRCODE = 'AZ003';
    END IF;
    IF p_count IS NULL OR p_count < 0 OR NOT EXISTS (SELECT FROM recipient WHERE id = p_recipient) THEN
      RAISE EXCEPTION 'a list does not have the form of an entry' USING ERRCODE = 'AZ001';
    END IF;
    -- A list is not redeemed, so it is stopped here.
    IF (SELECT frozen_at IS NOT NULL FROM signer_state) THEN
      RAISE EXCEPTION 'the log is frozen' USING ERRCODE = 'AZ005';
    END IF;
    PERFORM require_witnesses('{}');
    PERFORM pg_advisory_xact_lock_shared(lock_key('recipient', p_recipient));
    PERFORM pg_advisory_xact_lock_shared(lock_key('program', p_program));
    SELECT * INTO p FROM program WHERE id = p_program AND recipient_id = p_recipient
      ORDER BY (status = 'active') DESC, version DESC LIMIT 1;
    why := CASE
      WHEN (SELECT status FROM recipient WHERE id = p_recipient) IS DISTINCT FROM 'active' THEN 'recipient-not-active'
      WHEN p.status IS DISTINCT FROM 'active' OR clock_timestamp() < p.starts_at OR clock_timestamp() >= p.ends_at THEN 'program-not-active'
    END;
    base := lock_log();
    line := CASE WHEN why IS NULL
      THEN format('{"v":1,"t":"list","at":"%s","recipient":"%s","program":"%s","version":%s,"count":%s,"policy":"%s","salt":"%s"}',
        log_minute_at(base), p_recipient, p_program, p.version, p_count, p_policy, entry_salt())
      ELSE refusal_entry(log_minute_at(base), p_recipient, p_program, p.version, NULL, NULL, why, p_policy, NULL) END;
    PERFORM write_entries(base, ARRAY[line]);
    RETURN QUERY SELECT base, why, line;
  END $$;

  GRANT EXECUTE ON FUNCTION append_list TO azukari_app;
`;
