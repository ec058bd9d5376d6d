/**
 * Consents that change without a new answer (design sections 5 and 9): those of a program that ends become inapplicable in the
 * transaction that ends it, and a resident who withdraws one item is left with a smaller consent, never with none in between.
 */
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, cityOwner } from '../as-owner.js';

export class ConsentChanges0000000000030 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, cityOwner, endFunction, narrowFunction);
  }

  async down(): Promise<void> {
    throw new Error('consents are not undone');
  }
}

const endFunction = `
  -- Ends consents in force to the program's versions up to p_version, with an entry each; returns how many. p_ids names them, with a
  -- commitment and a sealed detail each, made before: one that is missing there was given meanwhile, and the caller begins again (AZ412).
  -- At most 500, for the log stands still meanwhile: when there are more, end_consents_of_ended goes on. The caller holds the program's
  -- exclusive lock, so nobody reads under these consents and nobody gives new ones. Consents are locked before the log: call it before
  -- anything is appended.
  CREATE FUNCTION end_consents(p_program text, p_version integer, p_ids uuid[], p_commitments bytea[], p_details bytea[])
    RETURNS integer LANGUAGE plpgsql SET search_path = azukari, pg_temp AS $$
  DECLARE
    base bigint;
    at text;
    residents uuid[];
    ids uuid[];
    entries text[];
    details bytea[];
  BEGIN
    PERFORM require_parallel(array_dims(p_ids), array_dims(p_commitments), array_dims(p_details));
    IF (SELECT count(DISTINCT id) FROM unnest(p_ids) AS id) IS DISTINCT FROM cardinality(p_ids) THEN
      RAISE EXCEPTION 'each consent that ends is named, once' USING ERRCODE = 'AZ001';
    END IF;
    IF cardinality(p_ids) > 500 OR EXISTS (SELECT FROM unnest(p_commitments) AS made WHERE octet_length(made) IS DISTINCT FROM 32) THEN
      RAISE EXCEPTION 'at most 500 consents end at once, with a commitment of 32 bytes each' USING ERRCODE = 'AZ001';
    END IF;
    PERFORM pg_advisory_xact_lock(lock) FROM (SELECT consent_lock_key(resident_id, program_id) AS lock FROM consent
      WHERE program_id = p_program AND program_version <= p_version AND id = ANY (p_ids) ORDER BY lock) AS sorted;
    -- Only consents that really end here count towards the 500, not whatever else was named.
    IF EXISTS (
      SELECT FROM consent WHERE program_id = p_program AND program_version <= p_version AND state IN ('active', 'paused') AND id <> ALL (p_ids)
    ) AND (
      SELECT count(*) FROM consent WHERE program_id = p_program AND program_version <= p_version AND state IN ('active', 'paused') AND id = ANY (p_ids)
    ) < 500 THEN
      RAISE EXCEPTION 'a consent was given while the end of the program was prepared' USING ERRCODE = 'AZ412';
    END IF;
    base := lock_log();
    at := log_minute_at(base);
    -- In the order of the pairwise ids, which tells nothing.
    SELECT array_agg(c.resident_id ORDER BY c.pairwise_id), array_agg(c.id ORDER BY c.pairwise_id), array_agg(made.detail ORDER BY c.pairwise_id),
        array_agg(consent_line(at, c.recipient_id, c.program_id, c.program_version, 'inapplicable', c.pairwise_id, made.commitment)
          ORDER BY c.pairwise_id)
      INTO residents, ids, details, entries
      FROM consent c JOIN unnest(p_ids, p_commitments, p_details) AS made (id, commitment, detail) ON made.id = c.id
      WHERE c.program_id = p_program AND c.program_version <= p_version AND c.state IN ('active', 'paused');
    IF entries IS NULL THEN RETURN 0; END IF;
    PERFORM write_entries(base, entries);
    UPDATE consent c SET state = 'inapplicable', ended_at = clock_timestamp(), ended_by = 'board', end_log_index = base + ended.ord - 1
      FROM unnest(residents, ids) WITH ORDINALITY AS ended (resident_id, id, ord)
      WHERE c.resident_id = ended.resident_id AND c.id = ended.id;
    INSERT INTO entry_detail (resident_id, idx, sealed)
      SELECT ended.resident_id, base + ended.ord - 1, ended.detail
      FROM unnest(residents, details) WITH ORDINALITY AS ended (resident_id, detail, ord);
    RETURN cardinality(entries);
  END $$;

  -- Goes on where a program had more consents than end at once. The gate refuses them since the program ended.
  CREATE FUNCTION end_consents_of_ended(p_program text, p_ids uuid[], p_commitments bytea[], p_details bytea[])
    RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = azukari, pg_temp AS $$
  BEGIN
    PERFORM require_read_committed();
    PERFORM pg_advisory_xact_lock(lock_key('program', p_program));
    RETURN end_consents(p_program, (SELECT max(version) FROM program WHERE id = p_program AND status = 'retired'),
      p_ids, p_commitments, p_details);
  END $$;

  GRANT EXECUTE ON FUNCTION end_consents_of_ended TO azukari_app;
`;

const narrowFunction = `
  -- Withdraws some items: the consent p_id is superseded by p_new_id, which has the others and all else as it was. Like a withdrawal it asks
  -- nothing of program, recipient or policy. Once this has committed, no read that starts anywhere returns data of these items (V1).
  CREATE FUNCTION withdraw_items(
    p_resident uuid, p_id uuid, p_items text[], p_reason text, p_new_id uuid, p_receipt text, p_commitment bytea, p_sealed_detail bytea,
    p_end_commitment bytea, p_end_sealed_detail bytea
  ) RETURNS TABLE (state text, withdrawn_at timestamptz, log_index bigint) LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = azukari, pg_temp AS $$
  #variable_conflict use_column
  DECLARE
    program_of text;
    c consent;
    old_index bigint;
    new_index bigint;
  BEGIN
    PERFORM require_read_committed();
    SELECT program_id INTO program_of FROM consent WHERE resident_id = p_resident AND id = p_id;
    IF NOT FOUND THEN RAISE EXCEPTION 'no such consent' USING ERRCODE = 'AZ404'; END IF;
    PERFORM share_resident(p_resident);
    PERFORM pg_advisory_xact_lock(consent_lock_key(p_resident, program_of));
    SELECT * INTO c FROM consent WHERE resident_id = p_resident AND id = p_id FOR UPDATE;
    IF NOT FOUND THEN RAISE EXCEPTION 'no such consent' USING ERRCODE = 'AZ404'; END IF;
    IF c.state NOT IN ('active', 'paused') OR c.ends_at <= clock_timestamp() THEN
      RAISE EXCEPTION 'nothing can be withdrawn from a consent that is %', c.state USING ERRCODE = 'AZ409';
    END IF;
    IF NOT p_items <@ c.items OR cardinality(p_items) = 0 OR p_items @> c.items THEN
      RAISE EXCEPTION 'the items are not some of those consented to' USING ERRCODE = 'AZ422';
    END IF;
    old_index := append_entry(consent_entry(c.recipient_id, c.program_id, c.program_version, 'superseded', c.recipient_id, p_resident, p_end_commitment));
    UPDATE consent SET state = 'superseded', ended_at = clock_timestamp(), ended_by = 'resident', end_reason = p_reason, end_log_index = old_index
      WHERE resident_id = p_resident AND id = p_id;
    new_index := append_entry(consent_entry(c.recipient_id, c.program_id, c.program_version, c.state, c.recipient_id, p_resident, p_commitment));
    INSERT INTO consent (resident_id, id, recipient_id, program_id, program_version, pairwise_id, state, items, legal_basis, relation,
        municipality_code, ends_at, supersedes, notice_sha256, notice_locale, notice_version, policy, receipt, log_index)
      VALUES (p_resident, p_new_id, c.recipient_id, c.program_id, c.program_version, c.pairwise_id, c.state,
        ARRAY(SELECT item FROM unnest(c.items) AS item WHERE item <> ALL (p_items) ORDER BY item COLLATE "C"), c.legal_basis, c.relation,
        c.municipality_code, c.ends_at, c.id, c.notice_sha256, c.notice_locale, c.notice_version, current_policy(), p_receipt, new_index);
    -- As in withdraw_consent.
    INSERT INTO entry_detail (resident_id, idx, sealed) VALUES (p_resident, old_index, p_end_sealed_detail), (p_resident, new_index, p_sealed_detail)
      ON CONFLICT (resident_id, idx) DO NOTHING;
    RETURN QUERY SELECT c.state, given_at, new_index FROM consent WHERE resident_id = p_resident AND id = p_new_id;
  END $$;

  GRANT EXECUTE ON FUNCTION withdraw_items TO azukari_app;
`;
