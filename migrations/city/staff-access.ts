/**
 * The operator's own staff (promise 10): nobody of them sees a resident's data alone. One asks, with a reason; another approves it; then whoever asked may
 * look for an hour, and each look goes the way of every read: one entry under the unit's tag, covered by a published checkpoint before anything is
 * handed over, within a minute, to the session that asked. What is asked for is refused with an entry too. Who asked, who approved it and why stands in the
 * detail that the resident opens. There is no void: the entry says that it may have been shown.
 */
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, cityOwner } from '../as-owner.js';

export class StaffAccess0000000000033 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await asOwner(
      runner,
      cityOwner,
      `
      -- A unit of the operator: the pseudo-recipient under which what its staff see stands in the log.
      CREATE TABLE unit (
        id code PRIMARY KEY CONSTRAINT a_unit_is_named_as_one CHECK (id LIKE 'op:_%'),
        name_ja text NOT NULL,
        name_en text NOT NULL,
        registered_at timestamptz NOT NULL DEFAULT clock_timestamp()
      );

      CREATE TABLE staff_member (
        id code PRIMARY KEY,
        unit_id code NOT NULL REFERENCES unit,
        name_ja text NOT NULL,
        name_en text NOT NULL,
        left_at timestamptz
      );

      CREATE TABLE staff_access (
        resident_id uuid NOT NULL REFERENCES resident,
        id uuid NOT NULL,
        unit_id code NOT NULL REFERENCES unit,
        categories code[] NOT NULL CONSTRAINT staff_ask_for_some_categories
          CHECK (coalesce(array_dims(categories), '') ~ '^[[]1:[0-9]+[]]$' AND cardinality(categories) <= 32 AND array_position(categories, NULL) IS NULL
            AND is_ascending(array_to_string(categories, ','))),
        reason code NOT NULL,
        -- In the words of whoever asks, sealed under the resident's key: it speaks of the resident.
        sealed_explanation bytea NOT NULL,
        asked_by code NOT NULL REFERENCES staff_member,
        asked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        decided_by code REFERENCES staff_member,
        decided_at timestamptz,
        is_approved boolean,
        PRIMARY KEY (resident_id, id),
        CONSTRAINT staff_access_needs_two_people CHECK (decided_by <> asked_by),
        CONSTRAINT a_decision_on_staff_access_is_whole CHECK (num_nulls(decided_by, decided_at, is_approved) IN (0, 3))
      );
      CREATE INDEX staff_access_by_time ON staff_access (asked_at);
      -- By its id alone a request is named to others.
      CREATE UNIQUE INDEX staff_access_by_id ON staff_access (id);

      -- What is being handed over. A row goes when that is done, or a minute later with the resident's next one.
      CREATE TABLE staff_look (
        resident_id uuid NOT NULL,
        -- No foreign key, as in entry_detail.
        entry_idx bigint NOT NULL,
        access_id uuid NOT NULL,
        session_sha256 sha256_bytes NOT NULL,
        -- The version of each category that was asked for, in the same order, that the entry's commitment names.
        versions bigint[] NOT NULL,
        granted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        PRIMARY KEY (resident_id, entry_idx),
        CONSTRAINT staff_look_at_what_was_approved FOREIGN KEY (resident_id, access_id) REFERENCES staff_access ON DELETE CASCADE
      );

      GRANT SELECT ON unit, staff_member, staff_access TO azukari_app;
      GRANT SELECT ON unit TO azukari_auditor, azukari_signer;
      GRANT SELECT ON staff_member TO azukari_signer;
    `,
      staffFunctions,
      askingFunctions,
      lookingFunctions,
    );
  }

  async down(): Promise<void> {
    throw new Error('staff access is not undone');
  }
}

const staffFunctions = `
  CREATE FUNCTION register_unit(p_id text, p_name_ja text, p_name_en text) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = azukari, pg_temp AS $$
  BEGIN
    INSERT INTO unit (id, name_ja, name_en) VALUES (p_id, p_name_ja, p_name_en);
    RETURN append_entry(org_entry(p_id, 'unit', 'registered'));
  END $$;

  CREATE FUNCTION appoint_staff(p_id text, p_unit text, p_name_ja text, p_name_en text) RETURNS void LANGUAGE sql SECURITY DEFINER
    SET search_path = azukari, pg_temp
    BEGIN ATOMIC
      INSERT INTO staff_member (id, unit_id, name_ja, name_en) VALUES (p_id, p_unit, p_name_ja, p_name_en);
    END;

  -- Whoever leaves sees nothing more, on any node and in any session, and what they approved is approved no more.
  CREATE FUNCTION dismiss_staff(p_id text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = azukari, pg_temp AS $$
  BEGIN
    UPDATE staff_member SET left_at = clock_timestamp() WHERE id = p_id AND left_at IS NULL;
    IF NOT FOUND THEN RAISE EXCEPTION 'no such member of staff' USING ERRCODE = 'AZ404'; END IF;
  END $$;

  -- Whose session this is. The row is shared: a dismissal waits for what is under way, and nothing passes it.
  CREATE FUNCTION staff_of_session(p_session bytea) RETURNS staff_member LANGUAGE plpgsql VOLATILE SET search_path = azukari, pg_temp AS $$
  DECLARE
    who staff_member;
  BEGIN
    SELECT m.* INTO who FROM session s JOIN staff_member m ON m.id = s.subject_id
      WHERE s.sha256 = p_session AND s.subject_kind = 'staff' AND s.expires_at > clock_timestamp() AND m.left_at IS NULL FOR SHARE OF m;
    IF NOT FOUND THEN RAISE EXCEPTION 'nobody of the staff is signed in with this session' USING ERRCODE = 'AZ403'; END IF;
    RETURN who;
  END $$;

  -- By what id a unit knows a resident (src/kernel/pairwise-id.ts), made here, so that nobody can have what its staff see written under another's.
  CREATE FUNCTION unit_id_of(p_resident uuid, p_unit text) RETURNS bytea LANGUAGE sql STABLE SET search_path = azukari, pg_temp
    BEGIN ATOMIC
      SELECT sha256(convert_to('azukari/unit-id/v1', 'UTF8') || '\\x00'::bytea || units_key || convert_to(p_unit, 'UTF8')) FROM resident WHERE id = p_resident;
    END;

  -- An attempt of staff that came to nothing, under the unit of whoever attempted it. The caller has named the resident and holds the row. Locks: the log.
  CREATE FUNCTION write_staff_refusal(p_unit text, p_resident uuid, p_categories code[], p_reason text, p_detail bytea) RETURNS bigint LANGUAGE plpgsql
    SET search_path = azukari, pg_temp AS $$
  DECLARE
    base bigint := lock_log();
    at text := log_minute_at(base);
  BEGIN
    PERFORM write_entries(base, ARRAY[format('{"v":1,"t":"refusal","at":"%s","recipient":"%s","categories":%s,"reason":"%s","policy":"%s","tag":"%s"}',
      at, p_unit, json_codes(array_to_string(p_categories, ',')), p_reason, current_policy(), tag_of(unit_id_of(p_resident, p_unit), at))]);
    INSERT INTO entry_detail (resident_id, idx, sealed) VALUES (p_resident, base, p_detail);
    RETURN base;
  END $$;

  -- By the operator's own command (azukari staff), which signs in as the signer: whoever has only the service's ordinary connection appoints nobody.
  GRANT EXECUTE ON FUNCTION register_unit, appoint_staff, dismiss_staff TO azukari_signer;
`;

const askingFunctions = `
  -- Somebody asks to see what is kept of a resident. Nothing is shown yet. Whoever has many waiting asks for no more: others must find what to decide.
  -- Locks: the resident, the member of staff.
  CREATE FUNCTION ask_staff_access(
    p_session bytea, p_id uuid, p_resident uuid, p_categories text[], p_reason text, p_sealed_explanation bytea
  ) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = azukari, pg_temp AS $$
  DECLARE
    who staff_member;
  BEGIN
    PERFORM require_read_committed(), share_resident(p_resident);
    who := staff_of_session(p_session);
    -- One at a time, so that they are counted.
    PERFORM pg_advisory_xact_lock(lock_key('staff', who.id));
    IF (SELECT count(*) FROM staff_access WHERE asked_by = who.id AND decided_at IS NULL AND asked_at > clock_timestamp() - interval '1 day') >= 20 THEN
      RAISE EXCEPTION 'twenty requests are waiting already' USING ERRCODE = 'AZ409';
    END IF;
    INSERT INTO staff_access (resident_id, id, unit_id, categories, reason, sealed_explanation, asked_by)
      VALUES (p_resident, p_id, who.unit_id, p_categories, p_reason, p_sealed_explanation, who.id);
  END $$;

  -- The request, locked, while it can be decided: a day long.
  CREATE FUNCTION open_request(p_resident uuid, p_id uuid, p_by text) RETURNS staff_access LANGUAGE plpgsql VOLATILE SET search_path = azukari, pg_temp AS $$
  DECLARE
    asked staff_access;
  BEGIN
    SELECT * INTO asked FROM staff_access WHERE resident_id = p_resident AND id = p_id FOR UPDATE;
    IF NOT FOUND THEN RAISE EXCEPTION 'there is no such request' USING ERRCODE = 'AZ404'; END IF;
    IF asked.decided_at IS NOT NULL THEN RAISE EXCEPTION 'the request has been decided already' USING ERRCODE = 'AZ409'; END IF;
    IF asked.asked_at NOT BETWEEN clock_timestamp() - interval '1 day' AND clock_timestamp() THEN
      RAISE EXCEPTION 'the request is older than a day; it is to be made again' USING ERRCODE = 'AZ409';
    END IF;
    IF asked.asked_by = p_by THEN RAISE EXCEPTION 'nobody decides on what they asked for themselves' USING ERRCODE = 'AZ403'; END IF;
    RETURN asked;
  END $$;

  CREATE FUNCTION approve_staff_access(p_session bytea, p_resident uuid, p_id uuid) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = azukari, pg_temp AS $$
  DECLARE
    who staff_member;
    asked staff_access;
  BEGIN
    PERFORM require_read_committed(), share_resident(p_resident);
    who := staff_of_session(p_session);
    asked := open_request(p_resident, p_id, who.id);
    PERFORM FROM staff_member WHERE id = asked.asked_by AND left_at IS NULL FOR SHARE;
    IF NOT FOUND THEN RAISE EXCEPTION 'whoever asked has left' USING ERRCODE = 'AZ409'; END IF;
    UPDATE staff_access SET decided_by = who.id, decided_at = clock_timestamp(), is_approved = true WHERE resident_id = p_resident AND id = p_id;
  END $$;

  -- Refuses it, which stands in the log. Locks: the log's turn, the resident, the member of staff, the request, the log.
  CREATE FUNCTION refuse_staff_access(p_session bytea, p_resident uuid, p_id uuid, p_detail bytea)
    RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = azukari, pg_temp AS $$
  DECLARE
    who staff_member;
    asked staff_access;
  BEGIN
    PERFORM require_read_committed(), require_same_run(), share_log_turn(), share_resident(p_resident);
    who := staff_of_session(p_session);
    asked := open_request(p_resident, p_id, who.id);
    UPDATE staff_access SET decided_by = who.id, decided_at = clock_timestamp(), is_approved = false WHERE resident_id = p_resident AND id = p_id;
    RETURN write_staff_refusal(asked.unit_id, p_resident, asked.categories, 'staff-access-refused', p_detail);
  END $$;

  -- Requests are forgotten a month later, at most p_limit at once; those of whoever is being erased at the moment go with the erasure. What the resident reads of them stays.
  CREATE FUNCTION sweep_staff_access(p_limit integer) RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = azukari, pg_temp AS $$
  DECLARE
    swept integer;
  BEGIN
    DELETE FROM staff_access WHERE (resident_id, id) IN (
      SELECT resident_id, id FROM staff_access WHERE asked_at < clock_timestamp() - interval '30 days' LIMIT p_limit FOR UPDATE SKIP LOCKED);
    GET DIAGNOSTICS swept = ROW_COUNT;
    RETURN swept;
  END $$;

  GRANT EXECUTE ON FUNCTION ask_staff_access, approve_staff_access, refuse_staff_access, sweep_staff_access TO azukari_app;
`;

const lookingFunctions = `
  -- Has another approved this for p_by within the hour, and are they still here? Only whoever asked may look.
  CREATE FUNCTION is_approved_for(asked staff_access, p_by text) RETURNS boolean LANGUAGE plpgsql VOLATILE SET search_path = azukari, pg_temp AS $$
  BEGIN
    PERFORM FROM staff_member WHERE id = asked.decided_by AND left_at IS NULL FOR SHARE;
    RETURN FOUND AND asked.is_approved AND asked.asked_by = p_by AND asked.decided_by <> p_by
      AND asked.decided_at BETWEEN clock_timestamp() - interval '1 hour' AND clock_timestamp();
  END $$;

  CREATE FUNCTION approved_request(p_resident uuid, p_id uuid, p_by text) RETURNS staff_access LANGUAGE plpgsql VOLATILE SET search_path = azukari, pg_temp AS $$
  DECLARE
    asked staff_access;
  BEGIN
    SELECT * INTO asked FROM staff_access WHERE resident_id = p_resident AND id = p_id FOR SHARE;
    IF NOT FOUND OR NOT is_approved_for(asked, p_by) THEN
      RAISE EXCEPTION 'nobody else has approved this within the hour' USING ERRCODE = 'AZ403';
    END IF;
    RETURN asked;
  END $$;

  -- p_versions: of each category that was asked for, in their order; as they are now. p_approved_by: who approved it, as the caller knew when it
  -- sealed the detail, which nobody but the resident can open. Locks: the log's turn, the resident,
  -- the members of staff, the request, the log.
  CREATE FUNCTION append_staff_look(
    p_session bytea, p_resident uuid, p_id uuid, p_approved_by text, p_versions bigint[], p_policy text, p_commitment bytea, p_detail bytea
  ) RETURNS TABLE (idx bigint, entry text) LANGUAGE plpgsql SECURITY DEFINER SET search_path = azukari, pg_temp AS $$
  #variable_conflict use_column
  DECLARE
    who staff_member;
    asked staff_access;
    base bigint;
    at text;
    line text;
  BEGIN
    PERFORM require_read_committed(), require_same_run(), require_policy(p_policy), share_log_turn();
    IF octet_length(p_commitment) IS DISTINCT FROM 32 OR p_detail IS NULL THEN
      RAISE EXCEPTION 'a look does not have the form of an entry' USING ERRCODE = 'AZ001';
    END IF;
    -- No entry of a look that cannot take place.
    PERFORM require_covered('{}'), require_witnesses('{}'), share_resident(p_resident);
    who := staff_of_session(p_session);
    asked := approved_request(p_resident, p_id, who.id);
    IF asked.decided_by IS DISTINCT FROM p_approved_by THEN
      RAISE EXCEPTION 'it was approved by somebody else than the detail says' USING ERRCODE = 'AZ001';
    END IF;
    IF p_versions IS DISTINCT FROM ARRAY(SELECT coalesce(v.version, 0) FROM unnest(asked.categories) WITH ORDINALITY AS c (code, ord)
        LEFT JOIN vault_version v ON v.resident_id = p_resident AND v.category = c.code ORDER BY ord) THEN
      RAISE EXCEPTION 'something was deposited meanwhile' USING ERRCODE = 'AZ409';
    END IF;
    DELETE FROM staff_look WHERE resident_id = p_resident AND granted_at NOT BETWEEN clock_timestamp() - interval '60 seconds' AND clock_timestamp();
    base := lock_log();
    at := log_minute_at(base);
    line := format('{"v":1,"t":"staff","at":"%s","recipient":"%s","categories":%s,"reason":"%s","policy":"%s","tag":"%s","commitment":"%s"}',
      at, asked.unit_id, json_codes(array_to_string(asked.categories, ',')), asked.reason, p_policy, tag_of(unit_id_of(p_resident, asked.unit_id), at), encode(p_commitment, 'hex'));
    PERFORM write_entries(base, ARRAY[line]);
    INSERT INTO entry_detail (resident_id, idx, sealed) VALUES (p_resident, base, p_detail);
    INSERT INTO staff_look (resident_id, entry_idx, access_id, session_sha256, versions) VALUES (p_resident, base, p_id, p_session, p_versions);
    RETURN QUERY SELECT base, line;
  END $$;

  -- An attempt to look at what nobody else had approved. Locks: the log's turn, the resident, the member of staff, the log.
  CREATE FUNCTION refuse_staff_look(p_session bytea, p_resident uuid, p_id uuid, p_detail bytea) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = azukari, pg_temp AS $$
  DECLARE
    who staff_member;
    asked staff_access;
  BEGIN
    PERFORM require_read_committed(), require_same_run(), share_log_turn(), share_resident(p_resident);
    who := staff_of_session(p_session);
    SELECT * INTO asked FROM staff_access WHERE resident_id = p_resident AND id = p_id FOR SHARE;
    IF NOT FOUND THEN RAISE EXCEPTION 'there is no such request' USING ERRCODE = 'AZ404'; END IF;
    IF is_approved_for(asked, who.id) THEN RAISE EXCEPTION 'it has just been approved' USING ERRCODE = 'AZ409'; END IF;
    RETURN write_staff_refusal(who.unit_id, p_resident, asked.categories, 'staff-access-not-approved', p_detail);
  END $$;

  -- As redeem_own_access, and for sensitive categories not before a quorum of witnesses has cosigned. Locks: the log's turn, the resident, the members of
  -- staff, the request.
  CREATE FUNCTION redeem_staff_look(p_session bytea, p_resident uuid, p_idx bigint, p_after_category text, p_after_record uuid) RETURNS TABLE (
    category text, record_id uuid, version bigint, superseded_version bigint, source_id text, on_date date, deposited_at timestamptz, sealed bytea
  ) LANGUAGE plpgsql SECURITY DEFINER SET search_path = azukari, pg_temp AS $$
  #variable_conflict use_column
  DECLARE
    who staff_member;
    looked staff_look;
    asked staff_access;
  BEGIN
    PERFORM require_read_committed(), require_same_run(), share_log_turn(), set_config('idle_in_transaction_session_timeout', '5s', true);
    PERFORM share_resident(p_resident);
    who := staff_of_session(p_session);
    PERFORM require_covered(ARRAY[p_idx]);
    SELECT * INTO looked FROM staff_look WHERE resident_id = p_resident AND entry_idx = p_idx AND session_sha256 = p_session
      AND granted_at BETWEEN clock_timestamp() - interval '60 seconds' AND clock_timestamp() AND entry_idx >= (SELECT opened_size FROM gate_state);
    IF NOT FOUND THEN RAISE EXCEPTION 'no look that was asked for within a minute' USING ERRCODE = 'AZ005'; END IF;
    asked := approved_request(p_resident, looked.access_id, who.id);
    PERFORM require_cosigned(p_idx, asked.categories::text[]);
    RETURN QUERY SELECT * FROM records_as_of(p_resident, asked.categories::text[], looked.versions, false, p_after_category, p_after_record);
    IF NOT FOUND THEN DELETE FROM staff_look WHERE resident_id = p_resident AND entry_idx = p_idx; END IF;
  END $$;

  GRANT EXECUTE ON FUNCTION append_staff_look, refuse_staff_look, redeem_staff_look TO azukari_app;
`;
