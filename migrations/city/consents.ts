/**
 * Consents (design section 9): a resident's answer to one program version. Each change takes the consent's exclusive lock, so
 * it waits for readers under way and is seen by every reader that starts later, and stands in the log in the same transaction.
 */
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, cityOwner } from '../as-owner.js';

export class Consents0000000000005 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await asOwner(
      runner,
      cityOwner,
      `
      CREATE TABLE consent (
        resident_id uuid NOT NULL REFERENCES resident,
        id uuid NOT NULL,
        recipient_id text NOT NULL REFERENCES recipient,
        program_id code NOT NULL,
        program_version integer NOT NULL,
        -- As in the table pairwise: a program's list is read in this order, which tells nothing.
        pairwise_id sha256_bytes,
        state text NOT NULL CONSTRAINT consent_state_is_known CHECK (state IN
          ('active', 'paused', 'withdrawn', 'expired', 'superseded', 'inapplicable', 'invalidated', 'refused')),
        -- 'purpose/category', ascending; empty for a refusal.
        items text[] NOT NULL,
        legal_basis text NOT NULL DEFAULT 'consent',
        relation text NOT NULL,
        municipality_code municipality_code NOT NULL,
        given_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        ends_at timestamptz NOT NULL,
        ended_at timestamptz,
        ended_by text CONSTRAINT who_ended_a_consent_is_known CHECK (ended_by IN ('resident', 'representative', 'time', 'board', 'operator')),
        end_reason text,
        supersedes uuid,
        notice_sha256 sha256_bytes NOT NULL,
        notice_locale text NOT NULL,
        notice_version text NOT NULL,
        policy digest NOT NULL,
        -- The signed ISO/IEC TS 27560 receipt handed to the resident (JWS, compact).
        receipt text NOT NULL,
        log_index bigint NOT NULL REFERENCES log_entry,
        end_log_index bigint REFERENCES log_entry,
        PRIMARY KEY (resident_id, id),
        FOREIGN KEY (program_id, program_version) REFERENCES program (id, version),
        CONSTRAINT consent_ends_after_it_starts CHECK (ends_at > given_at OR state = 'refused'),
        CONSTRAINT an_active_consent_has_a_pairwise_id CHECK ((state = 'refused') = (pairwise_id IS NULL)),
        CONSTRAINT consent_has_items_unless_refused CHECK ((state = 'refused') = (cardinality(items) = 0)),
        CONSTRAINT an_ended_consent_says_when_and_by_whom CHECK (
          (state IN ('active', 'paused', 'refused')) = (ended_at IS NULL) AND (ended_at IS NULL) = (ended_by IS NULL)),
        CONSTRAINT consent_change_stands_in_the_log CHECK ((ended_at IS NULL) = (end_log_index IS NULL))
      );
      CREATE UNIQUE INDEX one_consent_in_force_per_program ON consent (resident_id, program_id) WHERE state IN ('active', 'paused');
      CREATE INDEX consent_of_resident_and_program ON consent (resident_id, program_id, given_at);
      CREATE INDEX consent_in_force_of_program ON consent (program_id, pairwise_id) WHERE state = 'active';
      CREATE INDEX consent_due_to_expire ON consent (ends_at) WHERE state IN ('active', 'paused');

      GRANT SELECT ON consent TO azukari_app;
    `,
      consentFunctions,
    );
  }

  async down(): Promise<void> {
    throw new Error('consents are not undone');
  }
}

const consentFunctions = `
  -- One lock per resident and program, so that it outlives the consent's id when one supersedes another.
  CREATE FUNCTION consent_lock_key(resident uuid, program text) RETURNS bigint LANGUAGE sql IMMUTABLE
    RETURN lock_key('consent', resident::text || ':' || program);

  -- Whoever reads under a consent shares its lock, so a change has it alone, and no change can forget that. Who has taken it already has it. While the
  -- gate is shut nobody reads, and a restore may change more consents than there is room for locks.
  CREATE FUNCTION change_consent_alone() RETURNS trigger LANGUAGE plpgsql SET search_path = azukari, pg_temp AS $$
  BEGIN
    IF is_gate_open() THEN
      PERFORM pg_advisory_xact_lock(consent_lock_key(OLD.resident_id, OLD.program_id));
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
  END $$;
  CREATE TRIGGER a_consent_is_changed_alone BEFORE UPDATE OR DELETE ON consent FOR EACH ROW EXECUTE FUNCTION change_consent_alone();

  CREATE FUNCTION consent_line(
    at text, recipient text, program text, version integer, state text, pairwise_id bytea, commitment bytea
  ) RETURNS text LANGUAGE sql STABLE SET search_path = azukari, pg_temp RETURN
    format('{"v":1,"t":"consent","at":"%s","recipient":"%s","program":"%s","version":%s,"state":"%s","policy":"%s","tag":"%s","commitment":"%s"}',
      at, recipient, program, version, state, current_policy(), tag_of(pairwise_id, at), encode(commitment, 'hex'));

  CREATE FUNCTION consent_entry(
    recipient text, program text, version integer, state text, tag_recipient text, resident uuid, commitment bytea
  ) RETURNS text LANGUAGE plpgsql VOLATILE SET search_path = azukari, pg_temp AS $$
  DECLARE
    at text := log_minute();
    named bytea;
  BEGIN
    IF octet_length(commitment) IS DISTINCT FROM 32 THEN
      RAISE EXCEPTION 'a commitment has 32 bytes' USING ERRCODE = 'AZ001';
    END IF;
    SELECT pairwise_id INTO STRICT named FROM pairwise WHERE recipient_id = tag_recipient AND resident_id = resident;
    RETURN consent_line(at, recipient, program, version, state, named, commitment);
  END $$;

  -- Gives (p_state active) or refuses consent. A consent in force for the same program is superseded. Returns the log index.
  CREATE FUNCTION give_consent(
    p_resident uuid, p_id uuid, p_program text, p_version integer, p_state text, p_items text[], p_ends_at timestamptz,
    p_notice_sha256 bytea, p_notice_locale text, p_notice_version text, p_receipt text, p_pairwise bytea, p_commitment bytea,
    p_sealed_detail bytea, p_supersede_commitment bytea
  ) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = azukari, pg_temp AS $$
  DECLARE
    recipient_of text;
    answer_to text;
    p program;
    old consent;
    ends timestamptz;
    old_index bigint;
    new_index bigint;
  BEGIN
    PERFORM require_read_committed();
    IF p_state IS NULL OR p_state NOT IN ('active', 'refused') THEN
      RAISE EXCEPTION 'an answer gives or refuses' USING ERRCODE = 'AZ422';
    END IF;
    SELECT recipient_id INTO recipient_of FROM program WHERE id = p_program AND version = p_version;
    IF NOT FOUND THEN RAISE EXCEPTION 'no such program' USING ERRCODE = 'AZ404'; END IF;
    -- First: whoever waits here holds nothing that is needed to stop a program.
    PERFORM share_resident(p_resident);
    PERFORM pg_advisory_xact_lock_shared(lock_key('recipient', recipient_of));
    PERFORM pg_advisory_xact_lock_shared(lock_key('program', p_program));
    PERFORM pg_advisory_xact_lock(consent_lock_key(p_resident, p_program));
    SELECT * INTO p FROM program WHERE id = p_program AND version = p_version;
    IF p.status <> 'active' OR p.decision_id IS NULL OR clock_timestamp() >= p.ends_at
       OR (SELECT status FROM recipient WHERE id = recipient_of) <> 'active' THEN
      RAISE EXCEPTION 'nobody can be asked about a program that is not active' USING ERRCODE = 'AZ410';
    END IF;
    IF NOT p_items <@ ARRAY(SELECT purpose || '/' || category FROM program_item WHERE program_id = p_program AND program_version = p_version) THEN
      RAISE EXCEPTION 'the items are not within the program' USING ERRCODE = 'AZ422';
    END IF;
    -- The bands in the order of age.
    IF p_state = 'active' AND (SELECT array_position(ARRAY['child', 'young', 'adult'], age_band) FROM resident WHERE id = p_resident)
       < array_position(ARRAY['child', 'young', 'adult'], p.minimum_age_band) THEN
      RAISE EXCEPTION 'the program is not for residents of this age' USING ERRCODE = 'AZ422';
    END IF;
    ends := least(p_ends_at, p.ends_at);
    INSERT INTO pairwise (recipient_id, pairwise_id, resident_id)
      SELECT recipient_of, p_pairwise, p_resident WHERE p_state = 'active' ON CONFLICT DO NOTHING;
    IF p_state = 'active' AND NOT EXISTS (
      SELECT FROM pairwise WHERE recipient_id = recipient_of AND resident_id = p_resident AND pairwise_id = p_pairwise) THEN
      RAISE EXCEPTION 'this is not the pairwise id of this resident' USING ERRCODE = 'AZ001';
    END IF;
    SELECT * INTO old FROM consent WHERE resident_id = p_resident AND program_id = p_program AND state IN ('active', 'paused') FOR UPDATE;
    IF FOUND AND p_state = 'refused' THEN
      RAISE EXCEPTION 'a consent in force is withdrawn, not refused' USING ERRCODE = 'AZ409';
    ELSIF FOUND THEN
      old_index := append_entry(consent_entry(recipient_of, p_program, old.program_version, 'superseded', recipient_of, p_resident, p_supersede_commitment));
      UPDATE consent SET state = 'superseded', ended_at = clock_timestamp(), ended_by = 'resident', end_log_index = old_index
        WHERE resident_id = p_resident AND id = old.id;
      INSERT INTO entry_detail (resident_id, idx, sealed) VALUES (p_resident, old_index, p_sealed_detail);
    END IF;
    -- A refusal is the resident's own affair: it stands under self, where the recipient learns nothing from it.
    answer_to := CASE p_state WHEN 'refused' THEN 'self' ELSE recipient_of END;
    new_index := append_entry(consent_entry(answer_to, p_program, p_version, p_state, answer_to, p_resident, p_commitment));
    INSERT INTO consent (resident_id, id, recipient_id, program_id, program_version, pairwise_id, state, items, relation, municipality_code, ends_at,
        supersedes, notice_sha256, notice_locale, notice_version, policy, receipt, log_index)
      VALUES (p_resident, p_id, recipient_of, p_program, p_version, CASE p_state WHEN 'active' THEN p_pairwise END, p_state, p_items, p.relation, p.municipality_code, ends,
        old.id, p_notice_sha256, p_notice_locale, p_notice_version, current_policy(), p_receipt, new_index);
    INSERT INTO entry_detail (resident_id, idx, sealed) VALUES (p_resident, new_index, p_sealed_detail);
    RETURN new_index;
  END $$;

  -- Ends a consent. Once this has committed, no read that starts anywhere returns data (V1). Withdrawing twice is one withdrawal.
  CREATE FUNCTION withdraw_consent(
    p_resident uuid, p_id uuid, p_ended_by text, p_reason text, p_commitment bytea, p_sealed_detail bytea
  ) RETURNS TABLE (state text, ended_at timestamptz, log_index bigint) LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = azukari, pg_temp AS $$
  DECLARE
    program_of text;
    c consent;
    end_index bigint;
  BEGIN
    PERFORM require_read_committed();
    SELECT consent.program_id INTO program_of FROM consent WHERE resident_id = p_resident AND id = p_id;
    IF NOT FOUND THEN RAISE EXCEPTION 'no such consent' USING ERRCODE = 'AZ404'; END IF;
    PERFORM pg_advisory_xact_lock(consent_lock_key(p_resident, program_of));
    SELECT * INTO c FROM consent WHERE resident_id = p_resident AND id = p_id FOR UPDATE;
    IF NOT FOUND THEN RAISE EXCEPTION 'no such consent' USING ERRCODE = 'AZ404'; END IF;
    IF c.state = 'withdrawn' THEN
      RETURN QUERY SELECT c.state, c.ended_at, c.end_log_index;
      RETURN;
    END IF;
    IF c.state NOT IN ('active', 'paused') THEN
      RAISE EXCEPTION 'a consent that is % cannot be withdrawn', c.state USING ERRCODE = 'AZ409';
    END IF;
    end_index := append_entry(consent_entry(c.recipient_id, c.program_id, c.program_version, 'withdrawn', c.recipient_id, p_resident, p_commitment));
    UPDATE consent SET state = 'withdrawn', ended_at = clock_timestamp(), ended_by = p_ended_by, end_reason = p_reason, end_log_index = end_index
      WHERE resident_id = p_resident AND id = p_id RETURNING * INTO c;
    -- Where a superuser has shortened the log, there is one already: withdrawing works all the same, and what is left of the entry that was taken out stays.
    INSERT INTO entry_detail (resident_id, idx, sealed) VALUES (p_resident, end_index, p_sealed_detail) ON CONFLICT (resident_id, idx) DO NOTHING;
    RETURN QUERY SELECT c.state, c.ended_at, c.end_log_index;
  END $$;

  -- Marks one consent whose time is over. The gate never relied on this mark: it compares the end with the clock.
  CREATE FUNCTION expire_consent(p_resident uuid, p_id uuid, p_commitment bytea, p_sealed_detail bytea) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = azukari, pg_temp AS $$
  DECLARE
    program_of text;
    c consent;
    end_index bigint;
  BEGIN
    PERFORM require_read_committed();
    SELECT consent.program_id INTO program_of FROM consent WHERE resident_id = p_resident AND id = p_id;
    PERFORM pg_advisory_xact_lock(consent_lock_key(p_resident, program_of));
    SELECT * INTO c FROM consent WHERE resident_id = p_resident AND id = p_id FOR UPDATE;
    IF NOT FOUND OR c.state NOT IN ('active', 'paused') OR c.ends_at > clock_timestamp() THEN RETURN NULL; END IF;
    end_index := append_entry(consent_entry(c.recipient_id, c.program_id, c.program_version, 'expired', c.recipient_id, p_resident, p_commitment));
    UPDATE consent SET state = 'expired', ended_at = c.ends_at, ended_by = 'time', end_log_index = end_index
      WHERE resident_id = p_resident AND id = p_id;
    INSERT INTO entry_detail (resident_id, idx, sealed) VALUES (p_resident, end_index, p_sealed_detail);
    RETURN end_index;
  END $$;

  GRANT EXECUTE ON FUNCTION give_consent, withdraw_consent, expire_consent TO azukari_app;
`;
