/**
 * The keys that sign the log's checkpoints. A key appears and goes by an entry of the log, in the transaction that changes this list: who
 * reads the log knows every key that ever signed for it. A key signs the checkpoints that cover its introduction and not its retirement.
 */
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, cityOwner } from '../as-owner.js';

export class LogKeys0000000000023 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await asOwner(
      runner,
      cityOwner,
      `
      CREATE TABLE log_key (
        -- As verifiers pin it (c2sp.org/signed-note): <name>+<id>+<base64>.
        vkey text PRIMARY KEY CONSTRAINT key_is_an_ed25519_verifier_key CHECK (vkey ~ '^[^+ ]+[+][0-9a-f]{8}[+]A[Q-Za-f][A-Za-z0-9+/]{42}$'),
        -- The log it signs.
        base bigint NOT NULL REFERENCES city_log,
        place smallint NOT NULL CONSTRAINT key_has_one_of_two_places CHECK (place IN (1, 2)),
        -- Deferrable: a restore may move several unsigned entries at once.
        introduced_idx bigint NOT NULL UNIQUE DEFERRABLE REFERENCES log_entry,
        retired_idx bigint UNIQUE DEFERRABLE REFERENCES log_entry,
        -- The last checkpoint it signed together with its successor: by it, who knows this key alone learns the next. A database that learnt of
        -- the retirement from its own log, in a restore, has none.
        handover text,
        CONSTRAINT key_is_retired_after_it_was_introduced CHECK (retired_idx > introduced_idx),
        CONSTRAINT only_a_retired_key_has_handed_over CHECK (retired_idx IS NOT NULL OR handover IS NULL)
      );
      CREATE UNIQUE INDEX at_most_two_keys_stand ON log_key (base, place) WHERE retired_idx IS NULL;
      GRANT SELECT ON log_key TO azukari_app, azukari_signer, azukari_auditor;
    `,
      keyFunctions,
    );
  }

  async down(): Promise<void> {
    throw new Error('a log is never undone');
  }
}

const keyFunctions = `
  CREATE FUNCTION note_log_key(p_vkey text, p_introduced bigint) RETURNS void LANGUAGE sql SET search_path = azukari, pg_temp
    BEGIN ATOMIC
      INSERT INTO log_key (vkey, base, place, introduced_idx)
        SELECT p_vkey, of_log, CASE WHEN EXISTS (SELECT FROM log_key WHERE base = of_log AND place = 1 AND retired_idx IS NULL) THEN 2 ELSE 1 END, p_introduced
        FROM base_of(p_introduced) AS of_log;
    END;

  -- Writes the entry and the row of a key that begins to sign. The caller holds lock_log().
  CREATE FUNCTION add_log_key(p_vkey text) RETURNS bigint LANGUAGE plpgsql SET search_path = azukari, pg_temp AS $$
  DECLARE
    new_index bigint := append_entry(format('{"v":1,"t":"key","at":"%s","key":"%s","status":"introduced"}', log_minute(), p_vkey));
  BEGIN
    PERFORM note_log_key(p_vkey, new_index);
    RETURN new_index;
  END $$;

  -- Nobody changes keys while nothing is signed: a log that is frozen may be about to be restored.
  CREATE FUNCTION require_unfrozen() RETURNS void LANGUAGE plpgsql STABLE SET search_path = azukari, pg_temp AS $$
  BEGIN
    IF (SELECT frozen_at IS NOT NULL FROM signer_state) THEN
      RAISE EXCEPTION 'the log is frozen' USING ERRCODE = 'AZ002';
    END IF;
  END $$;

  -- Begins a rotation and returns the entry's index. Twice with one key is once; while two keys stand there is no third.
  CREATE FUNCTION introduce_log_key(p_vkey text) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = azukari, pg_temp AS $$
  DECLARE
    known log_key;
  BEGIN
    PERFORM lock_log();
    PERFORM require_unfrozen();
    SELECT * INTO known FROM log_key WHERE vkey = p_vkey;
    IF known.retired_idx IS NOT NULL THEN RAISE EXCEPTION 'a retired key does not come back' USING ERRCODE = 'AZ409'; END IF;
    IF known.introduced_idx IS NOT NULL THEN RETURN known.introduced_idx; END IF;
    IF split_part(p_vkey, '+', 1) IS DISTINCT FROM (SELECT origin FROM city_log WHERE size IS NULL) THEN
      RAISE EXCEPTION 'a key of the log has the name of its origin' USING ERRCODE = 'AZ422';
    END IF;
    IF (SELECT count(*) FROM log_key WHERE base = open_base() AND retired_idx IS NULL) > 1 THEN
      RAISE EXCEPTION 'a rotation is under way' USING ERRCODE = 'AZ409';
    END IF;
    RETURN add_log_key(p_vkey);
  END $$;

  -- Whether a note has a line of this key. Its signature was verified by whoever published it: the signer alone may.
  CREATE FUNCTION bears_line_of(note text, vkey text) RETURNS boolean LANGUAGE sql IMMUTABLE SET search_path = azukari, pg_temp RETURN
    position(E'\\n' || chr(8212) || ' ' || split_part(vkey, '+', 1) || ' ' || left(encode(decode(split_part(vkey, '+', 2), 'hex'), 'base64'), 5) IN note) > 0;

  -- Ends a rotation: from the entry on this key signs no more. Only once it has signed a published checkpoint together with its
  -- successor, or nobody who knows this key alone could learn the other.
  CREATE FUNCTION retire_log_key(p_vkey text) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = azukari, pg_temp AS $$
  DECLARE
    old log_key;
    new_index bigint;
    signed text;
  BEGIN
    PERFORM lock_log();
    PERFORM require_unfrozen();
    SELECT * INTO old FROM log_key WHERE vkey = p_vkey AND base = open_base();
    IF NOT FOUND THEN RAISE EXCEPTION 'the log has no such key' USING ERRCODE = 'AZ404'; END IF;
    IF old.retired_idx IS NOT NULL THEN RETURN old.retired_idx; END IF;
    IF NOT EXISTS (SELECT FROM log_key WHERE base = old.base AND retired_idx IS NULL AND vkey <> p_vkey) THEN
      RAISE EXCEPTION 'the only key of the log is not retired' USING ERRCODE = 'AZ409';
    END IF;
    SELECT c.note INTO signed FROM published_checkpoint c, log_key k
      WHERE k.base = old.base AND k.retired_idx IS NULL AND k.vkey <> p_vkey AND c.size > k.introduced_idx AND c.size > old.introduced_idx
        AND bears_line_of(c.note, k.vkey) AND bears_line_of(c.note, p_vkey);
    IF signed IS NULL THEN
      RAISE EXCEPTION 'both keys have not signed a checkpoint together yet' USING ERRCODE = 'AZ425';
    END IF;
    new_index := append_entry(format('{"v":1,"t":"key","at":"%s","key":"%s","status":"retired"}', log_minute(), p_vkey));
    UPDATE log_key SET retired_idx = new_index, handover = signed WHERE vkey = p_vkey;
    RETURN new_index;
  END $$;

  -- In a restore: keys came and went as the imported entries say. The caller holds lock_log().
  CREATE FUNCTION settle_keys(p_from bigint, p_to bigint) RETURNS void LANGUAGE plpgsql SET search_path = azukari, pg_temp AS $$
  DECLARE
    item record;
  BEGIN
    FOR item IN SELECT idx, e ->> 'key' AS vkey, e ->> 'status' AS status FROM imported(p_from, p_to) WHERE t = 'key' ORDER BY idx LOOP
      IF EXISTS (SELECT FROM log_key WHERE introduced_idx >= p_to OR retired_idx >= p_to) THEN
        RAISE EXCEPTION 'a key was changed in a database that had not caught up with its log' USING ERRCODE = 'AZ409';
      END IF;
      IF item.status = 'introduced' THEN PERFORM note_log_key(item.vkey, item.idx);
      ELSE UPDATE log_key SET retired_idx = item.idx WHERE vkey = item.vkey;
      END IF;
    END LOOP;
  END $$;

  GRANT EXECUTE ON FUNCTION introduce_log_key, retire_log_key TO azukari_signer;
`;
