/** The registers: the city itself, residents, recipients, sources, board members, and the sessions and tokens by which they are known. */
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, cityOwner } from '../as-owner.js';

export class Registers0000000000003 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await asOwner(
      runner,
      cityOwner,
      `
      CREATE TABLE city (
        singleton boolean PRIMARY KEY DEFAULT true CONSTRAINT there_is_one_city CHECK (singleton),
        name_ja text NOT NULL,
        name_en text NOT NULL,
        municipality_code municipality_code NOT NULL,
        operator_kind text NOT NULL CONSTRAINT operator_is_city_or_private CHECK (operator_kind IN ('city', 'private')),
        board_mode text NOT NULL CONSTRAINT board_is_binding_or_advisory CHECK (board_mode IN ('binding', 'advisory')),
        policy digest NOT NULL,
        demo boolean NOT NULL,
        -- Null while a demo is being founded: only then may it be thrown away.
        founding_completed_at timestamptz,
        founded_at timestamptz NOT NULL DEFAULT clock_timestamp()
      );

      CREATE TABLE recipient (
        id code PRIMARY KEY,
        kind text NOT NULL CONSTRAINT recipient_kind_is_known
          CHECK (kind IN ('clinic', 'university', 'transport', 'retailer', 'insurer', 'city')),
        name_ja text NOT NULL,
        name_en text NOT NULL,
        country text NOT NULL CONSTRAINT country_is_two_letters CHECK (country ~ '^[A-Z]{2}$'),
        municipality_code municipality_code NOT NULL,
        status text NOT NULL DEFAULT 'active' CONSTRAINT recipient_status_is_known
          CHECK (status IN ('active', 'suspended', 'removed')),
        status_changed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        registered_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        CONSTRAINT self_and_units_are_not_recipients CHECK (id <> 'self' AND id NOT LIKE 'op:%')
      );

      CREATE TABLE source (
        id code PRIMARY KEY,
        name_ja text NOT NULL,
        name_en text NOT NULL,
        municipality_code municipality_code NOT NULL,
        status text NOT NULL DEFAULT 'active' CONSTRAINT source_status_is_known
          CHECK (status IN ('active', 'suspended', 'removed')),
        categories text[] NOT NULL,
        token_sha256 sha256_bytes NOT NULL UNIQUE,
        registered_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        CONSTRAINT self_and_units_are_not_sources CHECK (id <> 'self' AND id NOT LIKE 'op:%')
      );

      CREATE TABLE resident (
        id uuid PRIMARY KEY,
        kind text NOT NULL DEFAULT 'resident' CONSTRAINT resident_kind_is_known
          CHECK (kind IN ('resident', 'visitor', 'worker')),
        municipality_code municipality_code NOT NULL,
        login text UNIQUE,
        language text NOT NULL DEFAULT 'ja' CONSTRAINT language_is_spoken_here CHECK (language IN ('ja', 'en', 'ja-Hira')),
        -- The day of birth itself stays sealed; the service needs only the band and the day on which it next changes.
        age_band text NOT NULL CONSTRAINT age_band_is_known CHECK (age_band IN ('child', 'young', 'adult')),
        age_band_until date,
        sealed_name bytea NOT NULL,
        -- Made from the resident's identifier key; the ids by which units of the operator know the resident are made from it (staff-access.ts).
        units_key sha256_bytes NOT NULL,
        registered_at timestamptz NOT NULL DEFAULT clock_timestamp()
      );

      -- The one table about residents that is not keyed by resident first: it answers who a recipient means.
      CREATE TABLE pairwise (
        recipient_id text NOT NULL,
        pairwise_id sha256_bytes NOT NULL,
        resident_id uuid NOT NULL REFERENCES resident,
        PRIMARY KEY (recipient_id, pairwise_id),
        CONSTRAINT one_pairwise_id_per_recipient_and_resident UNIQUE (resident_id, recipient_id)
      );

      CREATE TABLE board_member (
        id code PRIMARY KEY,
        name_ja text NOT NULL,
        name_en text NOT NULL,
        capacity_ja text NOT NULL,
        capacity_en text NOT NULL,
        -- A member with an interest in a recipient is recused from its programs.
        interests text[] NOT NULL DEFAULT '{}',
        left_at timestamptz
      );

      -- Why a recipient or program was suspended, resumed or ended, and by whom. The change itself stands in the log.
      CREATE TABLE status_change (
        log_index bigint PRIMARY KEY REFERENCES log_entry,
        subject_kind text NOT NULL CONSTRAINT status_change_subject_is_known CHECK (subject_kind IN ('recipient', 'program')),
        subject_id code NOT NULL,
        status text NOT NULL,
        reason jsonb NOT NULL CONSTRAINT status_change_has_a_reason_in_both_languages
          CHECK (length(reason ->> 'ja') > 0 AND length(reason ->> 'en') > 0),
        actor text NOT NULL,
        changed_at timestamptz NOT NULL DEFAULT clock_timestamp()
      );
      CREATE INDEX status_change_of_subject ON status_change (subject_kind, subject_id);

      CREATE TABLE session (
        sha256 sha256_bytes PRIMARY KEY,
        subject_kind text NOT NULL CONSTRAINT session_subject_is_known CHECK (subject_kind IN ('resident', 'board', 'staff')),
        subject_id text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        expires_at timestamptz NOT NULL,
        CONSTRAINT session_ends_after_it_starts CHECK (expires_at > created_at)
      );
      CREATE INDEX session_of_subject ON session (subject_id);

      CREATE TABLE mirror_token (
        sha256 sha256_bytes PRIMARY KEY,
        mirror text NOT NULL,
        expires_at timestamptz NOT NULL
      );

      CREATE TABLE idempotency (
        subject text NOT NULL,
        key text NOT NULL CONSTRAINT idempotency_key_is_short CHECK (length(key) BETWEEN 1 AND 200),
        request_sha256 sha256_bytes NOT NULL,
        status integer,
        answer jsonb,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        PRIMARY KEY (subject, key)
      );

      GRANT SELECT ON city, recipient, source, resident, pairwise, board_member, status_change TO azukari_app;
      GRANT SELECT, INSERT, DELETE ON session, mirror_token TO azukari_app;
      GRANT SELECT, INSERT, UPDATE (status, answer), DELETE ON idempotency TO azukari_app;
      GRANT SELECT ON city, recipient, source TO azukari_auditor, azukari_signer;
    `,
      registerFunctions,
    );
  }

  async down(): Promise<void> {
    throw new Error('the registers are not undone');
  }
}

const registerFunctions = `
  CREATE FUNCTION org_entry(org text, kind text, status text) RETURNS text LANGUAGE sql VOLATILE
    SET search_path = azukari, pg_temp RETURN
    format('{"v":1,"t":"org","at":"%s","org":"%s","kind":"%s","status":"%s"}', log_minute(), org, kind, status);

  CREATE FUNCTION current_policy() RETURNS text LANGUAGE sql STABLE SET search_path = azukari, pg_temp
    BEGIN ATOMIC SELECT policy FROM city; END;

  -- Founding writes the first entries: start, the key that signs, and the pseudo-recipient under which residents' own acts stand.
  CREATE FUNCTION found_city(
    p_name_ja text, p_name_en text, p_municipality text, p_operator_kind text, p_board_mode text, p_origin text, p_policy text, p_log_vkey text, p_demo boolean
  ) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = azukari, pg_temp AS $$
  BEGIN
    INSERT INTO city (name_ja, name_en, municipality_code, operator_kind, board_mode, policy, demo)
      VALUES (p_name_ja, p_name_en, p_municipality, p_operator_kind, p_board_mode, p_policy, p_demo);
    INSERT INTO city_log (base, origin) VALUES (0, p_origin);
    PERFORM append_entry(format('{"v":1,"t":"start","at":"%s","origin":"%s","municipality":"%s","operator":"%s","policy":"%s"}',
      log_minute(), p_origin, p_municipality, p_operator_kind, p_policy));
    PERFORM add_log_key(p_log_vkey);
    PERFORM append_entry(org_entry('self', 'pseudo', 'registered'));
  END $$;

  CREATE FUNCTION complete_founding() RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = azukari, pg_temp
    BEGIN ATOMIC UPDATE city SET founding_completed_at = clock_timestamp() WHERE founding_completed_at IS NULL; END;

  -- Raises unless the caller decides by the policy in force: what is recorded must name the policy that was really applied.
  CREATE FUNCTION require_policy(p_policy text) RETURNS void LANGUAGE plpgsql VOLATILE SECURITY DEFINER
    SET search_path = azukari, pg_temp AS $$
  BEGIN
    IF p_policy IS DISTINCT FROM current_policy() THEN
      RAISE EXCEPTION 'this node decides by another policy than the city' USING ERRCODE = 'AZ003';
    END IF;
  END $$;

  -- Raises unless the member sits on the board and has no interest in the recipient.
  CREATE FUNCTION require_member(p_member text, p_recipient text) RETURNS void LANGUAGE plpgsql VOLATILE
    SET search_path = azukari, pg_temp AS $$
  BEGIN
    IF NOT EXISTS (SELECT FROM board_member WHERE id = p_member AND left_at IS NULL AND NOT p_recipient = ANY (interests)) THEN
      RAISE EXCEPTION 'this member is not on the board or is recused' USING ERRCODE = 'AZ403';
    END IF;
  END $$;

  CREATE FUNCTION adopt_policy(p_policy text) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = azukari, pg_temp AS $$
  BEGIN
    UPDATE city SET policy = p_policy WHERE policy <> p_policy;
    IF NOT FOUND THEN RETURN false; END IF;
    PERFORM append_entry(format('{"v":1,"t":"policy","at":"%s","policy":"%s"}', log_minute(), p_policy));
    RETURN true;
  END $$;

  CREATE FUNCTION register_recipient(
    p_id text, p_kind text, p_name_ja text, p_name_en text, p_country text, p_municipality text
  ) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = azukari, pg_temp AS $$
  BEGIN
    INSERT INTO recipient (id, kind, name_ja, name_en, country, municipality_code)
      VALUES (p_id, p_kind, p_name_ja, p_name_en, p_country, p_municipality);
    RETURN append_entry(org_entry(p_id, 'recipient', 'registered'));
  END $$;

  -- Suspending waits for readers under way and is then seen by every reader that starts; it returns the entry's index, or null when nothing changed.
  CREATE FUNCTION change_recipient_status(p_id text, p_status text, p_reason jsonb, p_actor text) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = azukari, pg_temp AS $$
  DECLARE
    old_status text;
    new_index bigint;
  BEGIN
    PERFORM require_read_committed();
    PERFORM require_member(p_actor, p_id);
    PERFORM pg_advisory_xact_lock(lock_key('recipient', p_id));
    SELECT status INTO old_status FROM recipient WHERE id = p_id FOR UPDATE;
    IF NOT FOUND THEN RAISE EXCEPTION 'no such recipient' USING ERRCODE = 'AZ404'; END IF;
    IF old_status = p_status THEN RETURN NULL; END IF;
    IF old_status = 'removed' THEN RAISE EXCEPTION 'a removed recipient does not come back' USING ERRCODE = 'AZ409'; END IF;
    -- Ending a program ends the consents to it; so no consent outlives the recipient.
    IF p_status = 'removed' AND EXISTS (SELECT FROM program WHERE recipient_id = p_id AND program.status IN ('active', 'suspended')) THEN
      RAISE EXCEPTION 'the programs of a recipient are ended before it is removed' USING ERRCODE = 'AZ409';
    END IF;
    UPDATE recipient SET status = p_status, status_changed_at = clock_timestamp() WHERE id = p_id;
    new_index := append_entry(org_entry(p_id, 'recipient', CASE p_status WHEN 'active' THEN 'resumed' ELSE p_status END));
    INSERT INTO status_change (log_index, subject_kind, subject_id, status, reason, actor)
      VALUES (new_index, 'recipient', p_id, p_status, p_reason, p_actor);
    RETURN new_index;
  END $$;

  CREATE FUNCTION register_source(
    p_id text, p_name_ja text, p_name_en text, p_municipality text, p_categories text[], p_token_sha256 bytea
  ) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = azukari, pg_temp AS $$
  BEGIN
    INSERT INTO source (id, name_ja, name_en, municipality_code, categories, token_sha256)
      VALUES (p_id, p_name_ja, p_name_en, p_municipality, p_categories, p_token_sha256);
    RETURN append_entry(org_entry(p_id, 'source', 'registered'));
  END $$;

  CREATE FUNCTION register_resident(
    p_id uuid, p_kind text, p_municipality text, p_login text, p_language text, p_age_band text, p_age_band_until date,
    p_sealed_name bytea, p_self_pairwise bytea, p_units_key bytea
  ) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = azukari, pg_temp AS $$
  BEGIN
    IF EXISTS (SELECT FROM erasure WHERE resident_id = p_id) THEN
      RAISE EXCEPTION 'nobody comes back under the id of somebody who was erased' USING ERRCODE = 'AZ409';
    END IF;
    INSERT INTO resident (id, kind, municipality_code, login, language, age_band, age_band_until, sealed_name, units_key)
      VALUES (p_id, p_kind, p_municipality, p_login, p_language, p_age_band, p_age_band_until, p_sealed_name, p_units_key);
    INSERT INTO pairwise (recipient_id, pairwise_id, resident_id) VALUES ('self', p_self_pairwise, p_id);
  END $$;

  -- For whoever adds something of a resident: none is erased meanwhile, and nothing is added to one who was. Comes before the locks of consents.
  CREATE FUNCTION share_resident(p_resident uuid) RETURNS void LANGUAGE plpgsql VOLATILE SET search_path = azukari, pg_temp AS $$
  BEGIN
    PERFORM FROM resident WHERE id = p_resident FOR KEY SHARE;
    IF NOT FOUND THEN RAISE EXCEPTION 'no such resident' USING ERRCODE = 'AZ404'; END IF;
  END $$;

  CREATE FUNCTION appoint_board_member(
    p_id text, p_name_ja text, p_name_en text, p_capacity_ja text, p_capacity_en text, p_interests text[]
  ) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = azukari, pg_temp
    BEGIN ATOMIC
      INSERT INTO board_member (id, name_ja, name_en, capacity_ja, capacity_en, interests)
        VALUES (p_id, p_name_ja, p_name_en, p_capacity_ja, p_capacity_en, p_interests);
    END;

  GRANT EXECUTE ON FUNCTION found_city, complete_founding, require_policy, adopt_policy, register_recipient, change_recipient_status, register_source,
    register_resident, appoint_board_member TO azukari_app;
`;
