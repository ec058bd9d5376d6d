/**
 * A restore (design section 6): a database that went back behind its own log takes the missing entries from the tiles again, and lives by
 * what they say. What the log says happened but the database no longer knows stays closed. Nobody is granted these functions but
 * `stop_again`: the command `azukari restore` and the start of the service call them as the owner.
 */
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, cityOwner } from '../as-owner.js';

export class Restore0000000000022 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, cityOwner, importFunctions, settleFunctions, stopFunction);
  }

  async down(): Promise<void> {
    throw new Error('a restore is not undone');
  }
}

const importFunctions = `
  -- Entries that nobody signed make room for those that were: from p_base on they move by p_by places, and whoever refers to one of them
  -- (by a foreign key, or as a resident's detail, a grant or the record of a provision, which have none) moves along. The caller holds lock_log(). Returns how many moved.
  CREATE FUNCTION move_unsigned_entries(p_base bigint, p_by bigint) RETURNS bigint LANGUAGE plpgsql
    SET search_path = azukari, pg_temp AS $$
  DECLARE
    referring CONSTANT text := $q$SELECT c.conrelid::regclass AS place, c.conname AS name, a.attname AS col FROM pg_constraint c
      JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
      WHERE c.contype = 'f' AND c.confrelid = 'azukari.log_entry'::regclass$q$;
    unchecked CONSTANT text := $q$ UNION ALL SELECT * FROM (VALUES
      ('azukari.entry_detail'::regclass, NULL, 'idx'), ('azukari.provision_grant', NULL, 'entry_idx'), ('azukari.own_access', NULL, 'entry_idx'), ('azukari.staff_look', NULL, 'entry_idx'),
      ('statutory.provision_record', NULL, 'entry_idx')) AS v$q$;
    reference record;
    fixed record;
    moved bigint;
  BEGIN
    IF p_base < coalesce((SELECT size FROM published_checkpoint), 0) OR p_by < 1 THEN
      RAISE EXCEPTION 'entries that were published do not move' USING ERRCODE = 'AZ001';
    END IF;
    -- Of these it is known which name other entries, and how.
    SELECT idx, entry::jsonb ->> 't' AS t INTO fixed FROM log_entry WHERE idx >= p_base
      AND entry !~ '^\\{"v":1,"t":"(org|policy|key|program|consent|provision|refusal|void|list|deposit|access|export|erasure|staff|witnesses)",' ORDER BY idx LIMIT 1;
    IF FOUND THEN
      RAISE EXCEPTION 'entry % (%) was never signed, and it names others by their numbers, so it cannot stand behind those that are missing',
        fixed.idx, fixed.t USING ERRCODE = 'AZ409';
    END IF;
    FOR reference IN EXECUTE referring LOOP
      EXECUTE format('ALTER TABLE %s ALTER CONSTRAINT %I DEFERRABLE INITIALLY DEFERRED', reference.place, reference.name);
    END LOOP;
    -- By way of the negative numbers: an index that is still taken would be refused.
    UPDATE log_entry SET idx = -1 - idx - p_by WHERE idx >= p_base;
    GET DIAGNOSTICS moved = ROW_COUNT;
    UPDATE log_entry SET idx = -1 - idx WHERE idx < 0;
    UPDATE log_entry SET entry = line, leaf_hash = sha256('\\x00'::bytea || convert_to(line, 'UTF8'))
      FROM (SELECT idx AS at_idx, format('{"v":1,"t":"void","at":"%s","of":%s,"reason":"%s","recipient":"%s","tag":"%s"}', e ->> 'at',
          (e ->> 'of')::bigint + p_by, e ->> 'reason', e ->> 'recipient', e ->> 'tag') AS line
        FROM (SELECT idx, entry::jsonb AS e FROM log_entry WHERE idx >= p_base AND starts_with(entry, '{"v":1,"t":"void",')) AS void
        WHERE (e ->> 'of')::bigint >= own_index(p_base)) AS renamed
      WHERE idx = at_idx;
    -- A key refers to two entries, the later behind the earlier: they move at once.
    UPDATE log_key SET introduced_idx = introduced_idx + CASE WHEN introduced_idx >= p_base THEN p_by ELSE 0 END,
      retired_idx = retired_idx + CASE WHEN retired_idx >= p_base THEN p_by ELSE 0 END;
    FOR reference IN EXECUTE format('SELECT * FROM (%s) AS r WHERE place <> %L::regclass', referring || unchecked, 'azukari.log_key') LOOP
      EXECUTE format('UPDATE %s SET %I = -1 - %2$I - $2 WHERE %2$I >= $1', reference.place, reference.col) USING p_base, p_by;
      EXECUTE format('UPDATE %s SET %I = -1 - %2$I WHERE %2$I < 0', reference.place, reference.col);
    END LOOP;
    SET CONSTRAINTS ALL IMMEDIATE;
    FOR reference IN EXECUTE referring LOOP
      EXECUTE format('ALTER TABLE %s ALTER CONSTRAINT %I NOT DEFERRABLE', reference.place, reference.name);
    END LOOP;
    RETURN moved;
  END $$;

  CREATE FUNCTION import_entries(p_base bigint, p_entries text[]) RETURNS void LANGUAGE sql SET search_path = azukari, pg_temp
    BEGIN ATOMIC
      INSERT INTO log_entry (idx, entry, leaf_hash)
        SELECT p_base + item.ord - 1, item.entry, sha256('\\x00'::bytea || convert_to(item.entry, 'UTF8'))
        FROM unnest(p_entries) WITH ORDINALITY AS item (entry, ord);
    END;

  -- When the entry at this index was written, as it says; null where there is none.
  CREATE FUNCTION minute_at(p_idx bigint) RETURNS text LANGUAGE sql STABLE SET search_path = azukari, pg_temp RETURN
    (SELECT entry_minute(entry) COLLATE "C" FROM log_entry WHERE idx = p_idx);

  -- Follows the imported entries [p_from, p_to) and goes before whatever was appended meanwhile: to a reader, things happened in this order. So
  -- it bears no later time than what follows it: time in the log does not run backwards. Of a log that the database did not know it speaks from entry 0 on.
  CREATE FUNCTION import_restore_entry(p_from bigint, p_to bigint) RETURNS void LANGUAGE sql SET search_path = azukari, pg_temp
    BEGIN ATOMIC
      SELECT import_entries(p_to, ARRAY[format('{"v":1,"t":"restore","at":"%s","from":%s,"to":%s}',
        greatest(minute_at(p_to - 1), least(log_minute() COLLATE "C", minute_at(p_to + 1))), greatest(0, p_from - base), p_to - base)])
        FROM base_of(p_to) AS base;
    END;

  CREATE FUNCTION import_tiles(p_base bigint, p_levels integer[], p_numbers bigint[], p_hashes bytea[], p_roots bytea[]) RETURNS void LANGUAGE sql
    SET search_path = azukari, pg_temp
    BEGIN ATOMIC
      INSERT INTO log_tile (base, level, n, hashes, root) SELECT p_base, * FROM unnest(p_levels, p_numbers, p_hashes, p_roots);
    END;

  -- The checkpoint that was signed for the imported entries of a log is what is published; the log goes on behind them, and is frozen no longer.
  CREATE FUNCTION adopt_checkpoint(p_base bigint, p_size bigint, p_root bytea, p_note text) RETURNS void LANGUAGE plpgsql
    SET search_path = azukari, pg_temp AS $$
  BEGIN
    UPDATE log_state SET size = (SELECT count(*) FROM log_entry);
    IF (SELECT max(idx) + 1 FROM log_entry) IS DISTINCT FROM (SELECT size FROM log_state) OR p_base + p_size > (SELECT size FROM log_state) THEN
      RAISE EXCEPTION 'the log has a gap' USING ERRCODE = 'AZ001';
    END IF;
    INSERT INTO published_checkpoint (base, size, root, note) VALUES (p_base, p_base + p_size, p_root, p_note)
      ON CONFLICT (singleton) DO UPDATE SET base = p_base, size = p_base + p_size, root = p_root, note = p_note, published_at = clock_timestamp();
    UPDATE signer_state SET frozen_at = NULL, freeze_reason = NULL;
  END $$;

  -- A log that was closed is closed here as well, with the last checkpoint that was signed for it; and the one that its last entry names is open.
  CREATE FUNCTION import_turn(p_base bigint, p_size bigint, p_note text, p_next text) RETURNS bigint LANGUAGE plpgsql SET search_path = azukari, pg_temp AS $$
  BEGIN
    UPDATE city_log SET size = p_size, final_note = p_note WHERE base = p_base;
    INSERT INTO city_log (base, origin) VALUES (p_base + p_size, p_next);
    RETURN p_base + p_size;
  END $$;

  CREATE FUNCTION imported(p_from bigint, p_to bigint) RETURNS TABLE (idx bigint, t text, e jsonb) LANGUAGE sql STABLE
    SET search_path = azukari, pg_temp
    BEGIN ATOMIC
      SELECT idx, entry::jsonb ->> 't', entry::jsonb FROM log_entry WHERE idx >= p_from AND idx < p_to;
    END;

  -- Every tag under which a resident whom the database knows may stand with a recipient in the months of these entries.
  CREATE FUNCTION tags_in(p_from bigint, p_to bigint) RETURNS TABLE (recipient_id text, resident_id uuid, tag text) LANGUAGE sql STABLE
    SET search_path = azukari, pg_temp
    BEGIN ATOMIC
      SELECT w.recipient_id, w.resident_id, tag_of(w.pairwise_id, m.month)
      FROM pairwise w CROSS JOIN (SELECT DISTINCT substr(e ->> 'at', 1, 7) AS month FROM imported(p_from, p_to)) AS m;
    END;
`;

const settleFunctions = `
  -- Whatever the imported entries say has ended, ends here as well; the log says so already. Paused stays paused, and what came back in
  -- them does not come back here: people decide that again. Returns how many of each.
  CREATE FUNCTION close_what_ended(p_from bigint, p_to bigint) RETURNS TABLE (what text, how_many bigint) LANGUAGE plpgsql
    SET search_path = azukari, pg_temp AS $$
  #variable_conflict use_column
  DECLARE
    because CONSTANT jsonb := '{"ja": "バックアップから復元した際に、利用記録に合わせました。", "en": "Brought in line with the log after a restore from a backup."}';
  BEGIN
    WITH ended AS (
      SELECT DISTINCT ON (c.resident_id, c.id) c.resident_id, c.id, s.idx, s.e ->> 'state' AS state
      FROM imported(p_from, p_to) s JOIN tags_in(p_from, p_to) w ON w.tag = s.e ->> 'tag'
      JOIN consent c ON c.resident_id = w.resident_id AND c.recipient_id = w.recipient_id AND c.program_id = s.e ->> 'program' AND c.log_index < p_from
      WHERE s.t = 'consent' AND c.state IN ('active', 'paused') AND s.e ->> 'state' <> 'active'
      -- One consent at a time is in force: the first that ended was this one.
      ORDER BY c.resident_id, c.id, s.e ->> 'state' = 'paused', s.idx
    ), closed AS (
      UPDATE consent c SET state = x.state, end_reason = 'restored',
        ended_at = CASE WHEN x.state <> 'paused' THEN clock_timestamp() END, end_log_index = CASE WHEN x.state <> 'paused' THEN x.idx END,
        ended_by = CASE x.state WHEN 'paused' THEN NULL WHEN 'expired' THEN 'time' WHEN 'withdrawn' THEN 'resident' WHEN 'superseded' THEN 'resident' ELSE 'board' END
      FROM ended x WHERE c.resident_id = x.resident_id AND c.id = x.id RETURNING 1)
    SELECT 'consents ended', count(*) INTO what, how_many FROM closed;
    RETURN NEXT;

    WITH last AS (SELECT DISTINCT ON (e ->> 'org') idx, e FROM imported(p_from, p_to) WHERE t = 'org' ORDER BY e ->> 'org', idx DESC),
    closed AS (UPDATE recipient r SET status = e ->> 'status', status_changed_at = clock_timestamp() FROM last
      WHERE r.id = e ->> 'org' AND e ->> 'status' IN ('suspended', 'removed') AND r.status NOT IN ('removed', e ->> 'status') RETURNING r.id, r.status, idx),
    noted AS (INSERT INTO status_change (log_index, subject_kind, subject_id, status, reason, actor)
      SELECT idx, 'recipient', id, status, because, 'restore' FROM closed),
    sources AS (UPDATE source o SET status = e ->> 'status' FROM last
      WHERE o.id = e ->> 'org' AND e ->> 'status' IN ('suspended', 'removed') AND o.status NOT IN ('removed', e ->> 'status') RETURNING 1)
    SELECT 'organisations stopped', (SELECT count(*) FROM closed) + (SELECT count(*) FROM sources) INTO what, how_many;
    RETURN NEXT;

    WITH last AS (SELECT DISTINCT ON (e ->> 'program', e ->> 'version') idx, e FROM imported(p_from, p_to) WHERE t = 'program'
      ORDER BY e ->> 'program', e ->> 'version', idx DESC),
    closed AS (UPDATE program p SET status = e ->> 'status', status_changed_at = clock_timestamp() FROM last
      WHERE p.id = e ->> 'program' AND p.version = (e ->> 'version')::integer AND e ->> 'status' IN ('suspended', 'retired')
        AND p.status IN ('active', 'suspended') AND p.status <> e ->> 'status' RETURNING p.id, p.status, idx),
    noted AS (INSERT INTO status_change (log_index, subject_kind, subject_id, status, reason, actor)
      SELECT idx, 'program', id, status, because, 'restore' FROM closed)
    SELECT 'programs stopped', count(*) INTO what, how_many FROM closed;
    RETURN NEXT;
  END $$;

  -- Grants that were waiting: what became of them is in the entries, or nobody knows. Then it may have been provided, so it counts and is
  -- recorded as provided: a void would be a false statement. Uses that the database forgot count against the approved frequency again.
  CREATE FUNCTION settle_uses(p_from bigint, p_to bigint) RETURNS void LANGUAGE plpgsql SET search_path = azukari, pg_temp AS $$
  DECLARE
    unknown bigint[];
  BEGIN
    INSERT INTO provision_void (entry_idx, void_idx)
      SELECT base_of(s.idx) + (s.e ->> 'of')::bigint, s.idx FROM imported(p_from, p_to) s WHERE s.t = 'void'
      ON CONFLICT (entry_idx) DO NOTHING;
    DELETE FROM provision_grant g USING provision_void v WHERE v.void_idx >= p_from AND g.entry_idx = v.entry_idx;
    unknown := ARRAY(SELECT entry_idx FROM provision_grant WHERE entry_idx >= (SELECT swept FROM grant_sweep) AND entry_idx < p_from);
    PERFORM keep_records(unknown);
    DELETE FROM provision_grant WHERE entry_idx = ANY (unknown);
    INSERT INTO provision_count AS used (resident_id, program_id, period_start, count)
      SELECT w.resident_id, p.id, period_start(p.frequency_per, read_minute(s.e ->> 'at')), count(*)
      FROM imported(p_from, p_to) s JOIN tags_in(p_from, p_to) w ON w.tag = s.e ->> 'tag' AND w.recipient_id = s.e ->> 'recipient'
      JOIN program p ON p.id = s.e ->> 'program' AND p.version = (s.e ->> 'version')::integer AND p.frequency_per IS NOT NULL
      WHERE s.t = 'provision' AND NOT EXISTS (SELECT FROM imported(p_from, p_to) v WHERE v.t = 'void' AND base_of(v.idx) + (v.e ->> 'of')::bigint = s.idx)
      GROUP BY 1, 2, 3
      ON CONFLICT (resident_id, program_id, period_start) DO UPDATE SET count = used.count + excluded.count;
  END $$;

  -- Whoever the imported entries say was erased goes again; the keys are destroyed when the service starts. Returns how many.
  CREATE FUNCTION settle_erasures(p_from bigint, p_to bigint) RETURNS bigint LANGUAGE plpgsql SET search_path = azukari, pg_temp AS $$
  DECLARE
    again record;
    erased bigint := 0;
  BEGIN
    FOR again IN SELECT w.resident_id, min(s.idx) AS idx FROM imported(p_from, p_to) s JOIN tags_in(p_from, p_to) w ON w.tag = s.e ->> 'tag'
      WHERE s.t = 'erasure' AND w.recipient_id = 'self' GROUP BY 1 ORDER BY 2
    LOOP
      PERFORM forget_resident(again.resident_id);
      INSERT INTO erasure (resident_id, log_index) VALUES (again.resident_id, again.idx);
      erased := erased + 1;
    END LOOP;
    RETURN erased;
  END $$;

  -- After import and adoption: brings the database in line with the entries of [p_from, p_to), and ends every session and token (one that was
  -- ended since might be back). Returns what an operator has to know.
  CREATE FUNCTION settle_restore(p_from bigint, p_to bigint) RETURNS TABLE (what text, how_many bigint) LANGUAGE plpgsql
    SET search_path = azukari, pg_temp AS $$
  #variable_conflict use_column
  BEGIN
    RETURN QUERY SELECT * FROM close_what_ended(p_from, p_to);
    PERFORM settle_uses(p_from, p_to);
    RETURN QUERY SELECT 'residents erased', settle_erasures(p_from, p_to);
    PERFORM settle_keys(p_from, p_to);
    PERFORM settle_witnesses(p_from, p_to);
    -- A request of staff lives a day, and what was decided on it since is not known here.
    DELETE FROM session; DELETE FROM access_token; DELETE FROM oauth_payload; DELETE FROM staff_access;
    RETURN QUERY SELECT 'consents lost', count(*) FROM (
      SELECT DISTINCT ON (e ->> 'tag', e ->> 'program') e ->> 'state' AS state FROM imported(p_from, p_to) WHERE t = 'consent'
      ORDER BY e ->> 'tag', e ->> 'program', idx DESC) AS last WHERE state = 'active';
    RETURN QUERY SELECT format('deposits lost: %s of %s', e ->> 'category', e ->> 'source'), sum((e ->> 'count')::bigint)::bigint
      FROM imported(p_from, p_to) WHERE t = 'deposit' GROUP BY 1 ORDER BY 1;
    RETURN QUERY SELECT format('unknown: %s', e ->> 'org'), 1::bigint FROM imported(p_from, p_to)
      WHERE t = 'org' AND e ->> 'status' = 'registered' AND NOT EXISTS (SELECT FROM recipient WHERE id = e ->> 'org')
        AND NOT EXISTS (SELECT FROM source WHERE id = e ->> 'org') AND NOT EXISTS (SELECT FROM unit WHERE id = e ->> 'org')
        AND e ->> 'kind' IN ('recipient', 'source', 'unit') ORDER BY 1;
    -- In a log that begins, programs are stated again as approved, and then as they stand.
    RETURN QUERY SELECT format('decide again: %s version %s', e ->> 'program', e ->> 'version'), 1::bigint FROM (
        SELECT DISTINCT ON (e ->> 'program', e ->> 'version') e, bool_or(e ->> 'status' IN ('approved', 'active')) OVER (PARTITION BY e ->> 'program', e ->> 'version') AS approved
        FROM imported(p_from, p_to) WHERE t = 'program' ORDER BY e ->> 'program', e ->> 'version', idx DESC) AS last
      WHERE approved AND NOT EXISTS (SELECT FROM program p WHERE p.id = e ->> 'program' AND p.version = (e ->> 'version')::integer
        AND (p.status IN ('active', 'retired') OR p.status = e ->> 'status')) ORDER BY 1;
  END $$;
`;

const stopFunction = `
  -- Behind a restore entry that speaks of a log from its beginning: whatever that log had stated counts no more, so it is stated again as this
  -- database knows it, and the policy first by which it does.
  CREATE FUNCTION state_again_after_restore() RETURNS void LANGUAGE plpgsql SET search_path = azukari, pg_temp AS $$
  BEGIN
    IF current_policy() IS DISTINCT FROM (SELECT entry::jsonb ->> 'policy' FROM log_entry WHERE idx >= open_base()
        AND (starts_with(entry, '{"v":1,"t":"start",') OR starts_with(entry, '{"v":1,"t":"policy",')) ORDER BY idx DESC LIMIT 1) THEN
      PERFORM append_entry(format('{"v":1,"t":"policy","at":"%s","policy":"%s"}', log_minute(), current_policy()));
    END IF;
    PERFORM state_again();
  END $$;

  -- Whether this database has a change of the subject at this index of the log or after it.
  CREATE FUNCTION is_known_change(p_kind text, p_id text, p_index bigint) RETURNS boolean LANGUAGE sql VOLATILE SET search_path = azukari, pg_temp
    BEGIN ATOMIC
      SELECT EXISTS (SELECT FROM status_change WHERE subject_kind = p_kind AND subject_id = p_id AND log_index >= p_index);
    END;

  -- What the journal says was stopped and the database does not know is suspended again: on nobody's word, for that can be undone. Whether it
  -- is to be removed or retired, as it may have been, is for the board to say again. Returns the entry's index, or null when it stands so, or
  -- when what the journal means (p_index: its entry; null from an older version) is known here and was changed since: lines of two nodes come
  -- in any order.
  CREATE FUNCTION stop_again(p_kind text, p_id text, p_index bigint) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = azukari, pg_temp AS $$
  DECLARE
    because CONSTANT jsonb := '{"ja": "停止の控えにより、改めて停止しました。", "en": "Stopped again, as the journal of stops says."}';
    in_force program;
    new_index bigint;
  BEGIN
    PERFORM require_read_committed();
    IF p_kind = 'recipient' THEN
      PERFORM pg_advisory_xact_lock(lock_key('recipient', p_id));
      IF is_known_change(p_kind, p_id, p_index) THEN RETURN NULL; END IF;
      UPDATE recipient SET status = 'suspended', status_changed_at = clock_timestamp() WHERE id = p_id AND status = 'active';
      IF NOT FOUND THEN RETURN NULL; END IF;
      new_index := append_entry(org_entry(p_id, 'recipient', 'suspended'));
    ELSIF p_kind = 'program' THEN
      PERFORM pg_advisory_xact_lock(lock_key('program', p_id));
      IF is_known_change(p_kind, p_id, p_index) THEN RETURN NULL; END IF;
      SELECT * INTO in_force FROM program WHERE id = p_id AND status = 'active';
      IF NOT FOUND THEN RETURN NULL; END IF;
      new_index := move_program(p_id, in_force.version, 'suspended', NULL);
    ELSE
      RAISE EXCEPTION 'only what stops can be done again' USING ERRCODE = 'AZ001';
    END IF;
    INSERT INTO status_change (log_index, subject_kind, subject_id, status, reason, actor)
      VALUES (new_index, p_kind, p_id, 'suspended', because, 'journal');
    RETURN new_index;
  END $$;

  GRANT EXECUTE ON FUNCTION stop_again TO azukari_app;
`;
