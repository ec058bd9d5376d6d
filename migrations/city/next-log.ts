/**
 * The turn of the year: the open log is closed and the next one begins, in one transaction, so that there is no moment between them. The last
 * entry of the old log names the new one and its key; the first of the new one quotes the old one's size and root, which follow from the
 * entries, whoever signs them later. What stood is stated again, so that the new log can be read alone. Design section 6.
 */
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, cityOwner } from '../as-owner.js';

export class NextLog0000000000024 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, cityOwner, rootFunction, statingFunction, turnFunctions);
  }

  async down(): Promise<void> {
    throw new Error('a log is never undone');
  }
}

const rootFunction = `
  -- The root (RFC 6962) of the open log with everything that was appended to it: what is published comes from the tiles, the rest from the entries.
  -- The signer computes it from the entries alone, and signs no log that quotes another. The caller holds lock_log().
  CREATE FUNCTION root_of_open_log() RETURNS bytea LANGUAGE plpgsql STABLE SET search_path = azukari, pg_temp AS $$
  DECLARE
    log_base bigint := open_base();
    total bigint := (SELECT size FROM log_state) - log_base;
    signed bigint := coalesce((SELECT size - base FROM published_checkpoint WHERE base = log_base), 0);
    -- Full tiles of each level, and the hashes of the level that follow them: those of whole subtrees first, the odd one last.
    full_tiles bigint := signed / 256;
    hashes bytea := (SELECT coalesce(string_agg(leaf_hash, ''::bytea ORDER BY idx), ''::bytea) FROM log_entry
      WHERE idx >= log_base + full_tiles * 256 AND idx < log_base + total);
  BEGIN
    IF total - signed > 65536 THEN
      RAISE EXCEPTION 'the signer is too far behind' USING ERRCODE = 'AZ425';
    END IF;
    FOR tile_level IN 0..6 LOOP
      FOR height IN 1..8 LOOP
        hashes := next_height(hashes);
      END LOOP;
      EXIT WHEN full_tiles = 0 AND octet_length(hashes) = 32;
      hashes := (SELECT coalesce(string_agg(root, ''::bytea ORDER BY n), ''::bytea) FROM log_tile
        WHERE base = log_base AND level = tile_level AND n >= full_tiles / 256 * 256 AND n < full_tiles) || hashes;
      full_tiles := full_tiles / 256;
    END LOOP;
    RETURN hashes;
  END $$;
`;

const statingFunction = `
  -- Every organisation there ever was, the witness policy, and every program that was ever approved, as they stand: whoever reads the log from here
  -- on knows whom and what its entries speak of. Organisations by their codes, which tells nothing. The caller holds lock_log().
  CREATE FUNCTION state_again() RETURNS void LANGUAGE plpgsql SET search_path = azukari, pg_temp AS $$
  DECLARE
    at text := log_minute();
    entries text[];
  BEGIN
    entries := ARRAY(
      SELECT format('{"v":1,"t":"org","at":"%s","org":"%s","kind":"%s","status":"%s"}', at, id, kind, stated)
      FROM (SELECT 'self'::text, 'pseudo', 'active', 0
          UNION ALL SELECT id, 'recipient', status, 1 FROM recipient UNION ALL SELECT id, 'source', status, 2 FROM source
          UNION ALL SELECT id, 'unit', 'active', 3 FROM unit) AS o (id, kind, status, place),
        unnest(CASE status WHEN 'active' THEN ARRAY['registered'] ELSE ARRAY['registered', status] END) WITH ORDINALITY AS s (stated, step)
      ORDER BY place, id COLLATE "C", step)
    || ARRAY(
      SELECT format('{"v":1,"t":"witnesses","at":"%s","witnesses":"%s","quorum":%s,"limit":%s}', at, digest, threshold, limit_minutes) FROM witness_policy)
    || ARRAY(
      SELECT format('{"v":1,"t":"program","at":"%s","recipient":"%s","program":"%s","version":%s,"status":"%s","terms":"%s","policy":"%s"%s}',
        at, p.recipient_id, p.id, p.version, stated, encode(p.terms_sha256, 'hex'), current_policy(),
        coalesce(',"decision":"' || encode(d.record_sha256, 'hex') || '"', ''))
      FROM program p LEFT JOIN program_decision d ON d.id = p.decision_id,
        unnest(CASE p.status WHEN 'approved' THEN ARRAY['approved'] ELSE ARRAY['approved', p.status] END) WITH ORDINALITY AS s (stated, step)
      WHERE p.status IN ('approved', 'active', 'suspended', 'retired') ORDER BY p.id COLLATE "C", p.version, step);
    PERFORM write_entries(lock_log(), entries);
  END $$;
`;

const turnFunctions = `
  -- The first entries of the log that is open and empty. The caller holds lock_log().
  CREATE FUNCTION begin_log(p_before city_log, p_root bytea, p_vkey text) RETURNS void LANGUAGE plpgsql SET search_path = azukari, pg_temp AS $$
  BEGIN
    PERFORM append_entry(format('{"v":1,"t":"start","at":"%s","origin":"%s","municipality":"%s","operator":"%s","policy":"%s","previous":"%s","size":%s,"root":"%s"}',
      log_minute(), g.origin, c.municipality_code, c.operator_kind, c.policy, p_before.origin, p_before.size, encode(p_root, 'base64')))
      FROM city c, city_log g WHERE g.size IS NULL;
    PERFORM add_log_key(p_vkey);
  END $$;

  -- Raises unless the log that is open can be closed now. AZ425: the signer has not signed its beginning yet, or is too far behind. AZ424: it is so new that a second
  -- operator who asks for another one has not seen it.
  CREATE FUNCTION require_log_can_turn(p_current text, p_next text) RETURNS void LANGUAGE plpgsql STABLE SET search_path = azukari, pg_temp AS $$
  BEGIN
    IF (SELECT origin FROM city_log WHERE size IS NULL) IS DISTINCT FROM p_current THEN
      RAISE EXCEPTION 'another log is open than was named' USING ERRCODE = 'AZ409';
    END IF;
    IF EXISTS (SELECT FROM city_log WHERE origin = p_next OR name = substring(p_next FROM '[^/]+$')) THEN
      RAISE EXCEPTION 'an origin is used once' USING ERRCODE = 'AZ422';
    END IF;
    IF EXISTS (SELECT FROM city_log WHERE size IS NULL AND base > 0 AND opened_at > clock_timestamp() - interval '1 hour') THEN
      RAISE EXCEPTION 'the log that is open began less than an hour ago' USING ERRCODE = 'AZ424';
    END IF;
    IF NOT EXISTS (SELECT FROM published_checkpoint WHERE base = open_base()) THEN
      RAISE EXCEPTION 'the log that is open has not been signed yet' USING ERRCODE = 'AZ425';
    END IF;
    -- As root_of_open_log() asks for.
    IF (SELECT s.size - p.size FROM log_state s, published_checkpoint p) > 65536 THEN
      RAISE EXCEPTION 'the signer is too far behind' USING ERRCODE = 'AZ425';
    END IF;
  END $$;

  -- Closes the log of origin p_current and opens that of p_next with its first key; returns where it begins. Asked again for the same, it does nothing.
  -- What was granted and not yet recorded as provided is void: its void stands in the log of its provision, and whoever waits for it asks again. Locks: the
  -- index, then the turn, which lets everybody finish who makes or takes up a grant, then the log; withdrawals wait for the last alone.
  CREATE FUNCTION open_next_log(p_current text, p_next text, p_vkey text) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = azukari, pg_temp AS $$
  DECLARE
    old_base bigint;
    new_base bigint;
    indexed bigint;
    waiting bigint[];
    quoted city_log;
    quoted_root bytea;
  BEGIN
    PERFORM require_read_committed();
    PERFORM require_same_run();
    PERFORM lock_index();
    SELECT base INTO new_base FROM city_log WHERE origin = p_next AND size IS NULL
      AND base = (SELECT base + size FROM city_log WHERE origin = p_current);
    IF FOUND THEN RETURN new_base; END IF;
    PERFORM require_log_can_turn(p_current, p_next);
    IF split_part(p_vkey, '+', 1) IS DISTINCT FROM p_next THEN
      RAISE EXCEPTION 'a key of the log has the name of its origin' USING ERRCODE = 'AZ422';
    END IF;
    -- Whoever reads waits behind this; so from here on it does not wait long itself, for one who stands still with a grant or holds the log.
    PERFORM set_config('lock_timeout', '3s', true);
    PERFORM pg_advisory_xact_lock(lock_key('log', 'turn'));
    waiting := ARRAY(SELECT entry_idx FROM provision_grant WHERE entry_idx >= (SELECT swept FROM grant_sweep)
      ORDER BY entry_idx FOR UPDATE);
    PERFORM close_grants(waiting, 'log-closed');
    -- What staff are about to be shown is to be asked for in the new log.
    DELETE FROM staff_look;
    PERFORM lock_log();
    -- Looked at behind every wait, and held: what is in doubt is not closed.
    PERFORM FROM signer_state WHERE frozen_at IS NULL FOR SHARE;
    IF NOT FOUND THEN RAISE EXCEPTION 'the log is frozen' USING ERRCODE = 'AZ005'; END IF;
    old_base := open_base();
    SELECT coalesce(max(to_idx), old_base) INTO indexed FROM index_range WHERE kind = 'index' AND base = old_base;
    IF indexed < (SELECT size FROM log_state) THEN
      PERFORM append_range('index', indexed, (SELECT size FROM log_state));
    END IF;
    PERFORM append_entry(format('{"v":1,"t":"close","at":"%s","next":"%s","key":"%s"}', log_minute(), p_next, p_vkey));
    quoted_root := root_of_open_log();
    UPDATE city_log SET size = (SELECT s.size FROM log_state s) - base WHERE base = old_base RETURNING * INTO quoted;
    new_base := quoted.base + quoted.size;
    INSERT INTO city_log (base, origin) VALUES (new_base, p_next);
    PERFORM begin_log(quoted, quoted_root, p_vkey);
    PERFORM state_again();
    RETURN new_base;
  END $$;

  -- Indexes what there is so far, so that little is left to index while the log stands still; nothing when another log is open by now. Raises, and
  -- appends nothing, where the log cannot be closed: a turn that is refused, however often, leaves no entry.
  CREATE FUNCTION index_before_turn(p_current text, p_next text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = azukari, pg_temp AS $$
  BEGIN
    PERFORM lock_index();
    IF (SELECT origin FROM city_log WHERE size IS NULL) = p_current THEN
      PERFORM require_log_can_turn(p_current, p_next);
      PERFORM append_index(NULL);
    END IF;
  END $$;

  GRANT EXECUTE ON FUNCTION index_before_turn, open_next_log TO azukari_signer;
`;
