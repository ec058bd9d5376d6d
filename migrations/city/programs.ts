/**
 * Programs and the board's decisions (design section 7). A program is immutable once submitted; what moves is its status,
 * along the transitions listed here, and each move stands in the log. Who is active without a decision cannot be stored.
 */
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, cityOwner } from '../as-owner.js';

export class Programs0000000000004 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await asOwner(
      runner,
      cityOwner,
      `
      CREATE TABLE program_decision (
        id uuid PRIMARY KEY,
        program_id code NOT NULL,
        program_version integer NOT NULL,
        decision text NOT NULL CONSTRAINT decision_is_known CHECK (decision IN ('approve', 'return', 'refuse')),
        decided_by text NOT NULL REFERENCES board_member,
        reason jsonb NOT NULL CONSTRAINT reason_is_given_in_both_languages
          CHECK (length(reason ->> 'ja') > 0 AND length(reason ->> 'en') > 0),
        record jsonb NOT NULL,
        record_sha256 sha256_bytes NOT NULL,
        policy digest NOT NULL,
        decided_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        CONSTRAINT decision_names_its_program UNIQUE (id, program_id, program_version)
      );

      CREATE TABLE program (
        id code NOT NULL,
        version integer NOT NULL CONSTRAINT version_counts_from_one CHECK (version >= 1),
        recipient_id text NOT NULL REFERENCES recipient,
        status text NOT NULL DEFAULT 'draft' CONSTRAINT program_status_is_known CHECK (status IN
          ('draft', 'submitted', 'in_review', 'returned', 'refused', 'reexamined', 'approved', 'active', 'suspended', 'retired')),
        municipality_code municipality_code NOT NULL,
        -- The whole application as submitted: title, explanation, terms and the rest, in both languages.
        application jsonb NOT NULL,
        terms_sha256 sha256_bytes NOT NULL,
        legal_basis text NOT NULL CONSTRAINT legal_basis_is_known CHECK (legal_basis IN ('consent', 'law', 'special_zone', 'emergency')),
        relation text NOT NULL CONSTRAINT relation_is_known CHECK (relation IN ('third_party_provision', 'entrustment', 'joint_use')),
        minimum_age_band text NOT NULL DEFAULT 'adult' CONSTRAINT minimum_age_band_is_known CHECK (minimum_age_band IN ('child', 'young', 'adult')),
        starts_at timestamptz NOT NULL,
        ends_at timestamptz NOT NULL,
        -- Null: as often as needed, each use logged.
        frequency_count integer CONSTRAINT frequency_is_positive CHECK (frequency_count > 0),
        frequency_per text CONSTRAINT frequency_unit_is_known CHECK (frequency_per IN ('day', 'week', 'month')),
        findings jsonb NOT NULL DEFAULT '[]',
        policy digest NOT NULL,
        decision_id uuid,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        submitted_at timestamptz,
        status_changed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        PRIMARY KEY (id, version),
        FOREIGN KEY (decision_id, id, version) REFERENCES program_decision (id, program_id, program_version),
        CONSTRAINT program_ends_after_it_starts CHECK (ends_at > starts_at),
        CONSTRAINT frequency_has_count_and_unit CHECK ((frequency_count IS NULL) = (frequency_per IS NULL)),
        CONSTRAINT active_program_has_a_decision
          CHECK (status NOT IN ('approved', 'active', 'suspended') OR decision_id IS NOT NULL)
      );
      CREATE UNIQUE INDEX one_version_of_a_program_is_in_force ON program (id) WHERE status IN ('active', 'suspended');
      CREATE INDEX program_of_recipient ON program (recipient_id);

      CREATE TABLE program_item (
        program_id code NOT NULL,
        program_version integer NOT NULL,
        purpose code NOT NULL,
        category code NOT NULL,
        fields text[] NOT NULL CONSTRAINT item_has_fields CHECK (cardinality(fields) > 0),
        PRIMARY KEY (program_id, program_version, purpose, category),
        FOREIGN KEY (program_id, program_version) REFERENCES program (id, version)
      );

      CREATE TABLE program_transition (
        from_status text NOT NULL,
        to_status text NOT NULL,
        PRIMARY KEY (from_status, to_status)
      );
      INSERT INTO program_transition VALUES
        ('draft', 'submitted'), ('submitted', 'in_review'), ('in_review', 'returned'), ('in_review', 'refused'),
        ('in_review', 'approved'), ('refused', 'reexamined'), ('reexamined', 'in_review'), ('approved', 'active'),
        ('active', 'suspended'), ('suspended', 'active'), ('active', 'retired'), ('suspended', 'retired');

      GRANT SELECT ON program, program_item, program_decision, program_transition TO azukari_app;
      GRANT SELECT ON program, program_item, program_decision TO azukari_auditor;
    `,
      programFunctions,
    );
  }

  async down(): Promise<void> {
    throw new Error('programs are not undone');
  }
}

const programFunctions = `
  CREATE FUNCTION program_entry(p program) RETURNS text LANGUAGE plpgsql VOLATILE SET search_path = azukari, pg_temp AS $$
  DECLARE
    decision text;
  BEGIN
    SELECT encode(record_sha256, 'hex') INTO decision FROM program_decision WHERE id = p.decision_id;
    RETURN format('{"v":1,"t":"program","at":"%s","recipient":"%s","program":"%s","version":%s,"status":"%s","terms":"%s","policy":"%s"%s}',
      log_minute(), p.recipient_id, p.id, p.version, p.status, encode(p.terms_sha256, 'hex'), current_policy(),
      coalesce(',"decision":"' || decision || '"', ''));
  END $$;

  -- Moves a program along one transition and logs it. The caller holds the program's exclusive lock.
  CREATE FUNCTION move_program(p_id text, p_version integer, p_status text, p_decision uuid) RETURNS bigint
    LANGUAGE plpgsql SET search_path = azukari, pg_temp AS $$
  DECLARE
    p program;
  BEGIN
    SELECT * INTO p FROM program WHERE id = p_id AND version = p_version FOR UPDATE;
    IF NOT FOUND THEN RAISE EXCEPTION 'no such program' USING ERRCODE = 'AZ404'; END IF;
    IF NOT EXISTS (SELECT FROM program_transition WHERE from_status = p.status AND to_status = p_status) THEN
      RAISE EXCEPTION 'a program that is % does not become %', p.status, p_status USING ERRCODE = 'AZ409';
    END IF;
    UPDATE program SET status = p_status, status_changed_at = clock_timestamp(), decision_id = coalesce(p_decision, decision_id),
      submitted_at = CASE p_status WHEN 'submitted' THEN clock_timestamp() ELSE submitted_at END
      WHERE id = p_id AND version = p_version RETURNING * INTO p;
    RETURN append_entry(program_entry(p));
  END $$;

  -- p_items: [{purpose, category, fields}]. A new id gives version 1; a returned program gives its next version; a draft is replaced.
  CREATE FUNCTION save_program_draft(
    p_id text, p_recipient text, p_application jsonb, p_terms_sha256 bytea, p_legal_basis text, p_relation text, p_minimum_age_band text,
    p_starts_at timestamptz, p_ends_at timestamptz, p_frequency_count integer, p_frequency_per text, p_items jsonb, p_findings jsonb
  ) RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = azukari, pg_temp AS $$
  DECLARE
    latest program;
    new_version integer := 1;
  BEGIN
    PERFORM require_read_committed();
    PERFORM pg_advisory_xact_lock(lock_key('program', p_id));
    SELECT * INTO latest FROM program WHERE id = p_id ORDER BY version DESC LIMIT 1;
    IF FOUND THEN
      IF latest.recipient_id <> p_recipient THEN RAISE EXCEPTION 'no such program' USING ERRCODE = 'AZ404'; END IF;
      IF latest.status = 'draft' THEN
        DELETE FROM program_item WHERE program_id = p_id AND program_version = latest.version;
        DELETE FROM program WHERE id = p_id AND version = latest.version;
        new_version := latest.version;
      ELSIF latest.status = 'returned' THEN
        new_version := latest.version + 1;
      ELSE
        RAISE EXCEPTION 'a program that is % cannot be edited', latest.status USING ERRCODE = 'AZ409';
      END IF;
    END IF;
    INSERT INTO program (id, version, recipient_id, municipality_code, application, terms_sha256, legal_basis, relation, minimum_age_band,
        starts_at, ends_at, frequency_count, frequency_per, findings, policy)
      SELECT p_id, new_version, p_recipient, municipality_code, p_application, p_terms_sha256, p_legal_basis, p_relation, p_minimum_age_band,
        p_starts_at, p_ends_at, p_frequency_count, p_frequency_per, p_findings, policy FROM city;
    INSERT INTO program_item (program_id, program_version, purpose, category, fields)
      SELECT p_id, new_version, item.purpose, item.category, item.fields
      FROM jsonb_to_recordset(p_items) AS item (purpose text, category text, fields text[]);
    RETURN new_version;
  END $$;

  -- The recipient hands its draft in; the checks have found nothing that stands against a review.
  CREATE FUNCTION submit_program(p_id text, p_version integer, p_recipient text, p_application jsonb) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = azukari, pg_temp AS $$
  BEGIN
    PERFORM require_read_committed();
    PERFORM pg_advisory_xact_lock_shared(lock_key('recipient', p_recipient));
    PERFORM pg_advisory_xact_lock(lock_key('program', p_id));
    IF NOT EXISTS (SELECT FROM program WHERE id = p_id AND version = p_version AND recipient_id = p_recipient) THEN
      RAISE EXCEPTION 'no such program' USING ERRCODE = 'AZ404';
    END IF;
    -- What was checked is what is handed in: the draft may have been replaced meanwhile.
    IF NOT EXISTS (SELECT FROM program WHERE id = p_id AND version = p_version AND application = p_application) THEN
      RAISE EXCEPTION 'the draft has changed since it was checked' USING ERRCODE = 'AZ409';
    END IF;
    IF (SELECT status FROM recipient WHERE id = p_recipient) <> 'active' THEN
      RAISE EXCEPTION 'a recipient that is suspended cannot apply' USING ERRCODE = 'AZ409';
    END IF;
    PERFORM move_program(p_id, p_version, 'submitted', NULL);
    RETURN move_program(p_id, p_version, 'in_review', NULL);
  END $$;

  -- One member's vote is enough in this version. An approval takes effect at once and ends what stood of earlier versions: the last three
  -- parameters prepare the end of the consents to those, see end_consents.
  CREATE FUNCTION decide_program(
    p_id text, p_version integer, p_member text, p_decision_id uuid, p_decision text, p_reason jsonb, p_record jsonb, p_record_sha256 bytea,
    p_consents uuid[], p_commitments bytea[], p_details bytea[]
  ) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = azukari, pg_temp AS $$
  DECLARE
    recipient_of text;
  BEGIN
    PERFORM require_read_committed();
    PERFORM pg_advisory_xact_lock(lock_key('program', p_id));
    SELECT recipient_id INTO recipient_of FROM program WHERE id = p_id AND version = p_version;
    IF NOT FOUND THEN RAISE EXCEPTION 'no such program' USING ERRCODE = 'AZ404'; END IF;
    PERFORM require_member(p_member, recipient_of);
    INSERT INTO program_decision (id, program_id, program_version, decision, decided_by, reason, record, record_sha256, policy)
      SELECT p_decision_id, p_id, p_version, p_decision, p_member, p_reason, p_record, p_record_sha256, policy FROM city;
    IF p_decision = 'approve' THEN
      PERFORM end_consents(p_id, p_version - 1, p_consents, p_commitments, p_details);
      PERFORM move_program(id, version, 'retired', NULL) FROM program
        WHERE id = p_id AND version < p_version AND status IN ('active', 'suspended');
      PERFORM move_program(p_id, p_version, 'approved', p_decision_id);
      RETURN move_program(p_id, p_version, 'active', NULL);
    END IF;
    RETURN move_program(p_id, p_version, CASE p_decision WHEN 'refuse' THEN 'refused' ELSE 'returned' END, p_decision_id);
  END $$;

  -- Suspends, resumes or retires the version in force; null when it already stands so. Suspending leaves consents as they are, for the
  -- program may be resumed; retiring ends them all, see end_consents.
  CREATE FUNCTION change_program_status(
    p_id text, p_status text, p_reason jsonb, p_actor text, p_consents uuid[], p_commitments bytea[], p_details bytea[]
  ) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = azukari, pg_temp AS $$
  DECLARE
    p program;
    new_index bigint;
  BEGIN
    PERFORM require_read_committed();
    PERFORM pg_advisory_xact_lock(lock_key('program', p_id));
    SELECT * INTO p FROM program WHERE id = p_id ORDER BY (status IN ('active', 'suspended')) DESC, version DESC LIMIT 1;
    IF NOT FOUND THEN RAISE EXCEPTION 'no such program' USING ERRCODE = 'AZ404'; END IF;
    PERFORM require_member(p_actor, p.recipient_id);
    IF p_status NOT IN ('active', 'suspended', 'retired') THEN
      RAISE EXCEPTION 'not a status that can be set' USING ERRCODE = 'AZ409';
    END IF;
    IF p.status = p_status THEN RETURN NULL; END IF;
    IF p_status = 'active' AND p.status <> 'suspended' THEN
      RAISE EXCEPTION 'a program that is % does not become active again', p.status USING ERRCODE = 'AZ409';
    END IF;
    -- First, because it waits for withdrawals under way, and those wait for the log.
    IF p_status = 'retired' THEN PERFORM end_consents(p_id, p.version, p_consents, p_commitments, p_details); END IF;
    new_index := move_program(p_id, p.version, p_status, NULL);
    INSERT INTO status_change (log_index, subject_kind, subject_id, status, reason, actor)
      VALUES (new_index, 'program', p_id, p_status, p_reason, p_actor);
    RETURN new_index;
  END $$;

  GRANT EXECUTE ON FUNCTION save_program_draft, submit_program, decide_program, change_program_status TO azukari_app;
`;
