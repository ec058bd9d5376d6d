/**
 * Witnesses (design section 6): whose cosignatures the city waits for, the newest checkpoint that a quorum of them has cosigned, and which
 * categories are read only behind one. The signer writes the first two, the API's role can only add to the third: whoever has taken over
 * the API cannot make the gate wait for less.
 */
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, cityOwner } from '../as-owner.js';

export class Witnesses0000000000021 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await asOwner(
      runner,
      cityOwner,
      `
      -- The witness policy in force (c2sp.org/tlog-policy). None: nobody cosigns, and nothing waits for it.
      CREATE TABLE witness_policy (
        singleton boolean PRIMARY KEY DEFAULT true CONSTRAINT there_is_one_witness_policy CHECK (singleton),
        digest digest NOT NULL,
        -- The least number of witnesses that are a quorum. 0: the policy asks for none.
        threshold integer NOT NULL CONSTRAINT threshold_is_not_negative CHECK (threshold >= 0),
        -- How long provisions of any category go on without a quorum.
        limit_minutes integer NOT NULL CONSTRAINT limit_is_positive CHECK (limit_minutes > 0),
        adopted_at timestamptz NOT NULL DEFAULT clock_timestamp()
      );

      -- Every policy that was ever in force, so that an old file on some machine is known for one.
      CREATE TABLE witness_policy_named (
        digest digest NOT NULL,
        limit_minutes integer NOT NULL,
        threshold integer NOT NULL,
        -- How many entries there were, of all logs, when it first came into force.
        named_idx bigint NOT NULL,
        PRIMARY KEY (digest, limit_minutes)
      );

      CREATE TABLE witnessed_checkpoint (
        singleton boolean PRIMARY KEY DEFAULT true CONSTRAINT there_is_one_witnessed_checkpoint CHECK (singleton),
        -- By which policy they are a quorum.
        policy digest NOT NULL,
        -- As in published_checkpoint.
        base bigint NOT NULL REFERENCES city_log,
        size bigint NOT NULL,
        root sha256_bytes NOT NULL,
        -- The published note with the witnesses' lines after the log's.
        note text NOT NULL,
        cosigned_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        CONSTRAINT witnessed_note_says_size_and_root
          CHECK (split_part(note, E'\\n', 2) = (size - base)::text AND split_part(note, E'\\n', 3) = encode(root, 'base64'))
      ) WITH (fillfactor = 10);

      -- The largest checkpoint that was shown without a quorum's cosignatures: none below it is shown any more.
      CREATE TABLE shown_alone (
        singleton boolean PRIMARY KEY DEFAULT true CONSTRAINT there_is_one_shown_alone CHECK (singleton),
        size bigint NOT NULL
      );
      INSERT INTO shown_alone (size) VALUES (0);

      -- Once sensitive, always sensitive: another policy can add to this and take nothing away.
      CREATE TABLE sensitive_category (
        code code PRIMARY KEY,
        policy digest NOT NULL
      );
      -- The policies whose sensitive categories are known. Under any other, every category counts as sensitive.
      CREATE TABLE weighed_policy (policy digest PRIMARY KEY);

      GRANT SELECT ON witness_policy_named TO azukari_signer;
      GRANT SELECT ON witness_policy, witnessed_checkpoint, shown_alone TO azukari_app, azukari_signer, azukari_auditor;
      GRANT SELECT ON sensitive_category, weighed_policy TO azukari_app, azukari_auditor;
    `,
      signerFunctions,
      gateFunctions,
    );
  }

  async down(): Promise<void> {
    throw new Error('witnesses are not undone');
  }
}

const signerFunctions = `
  -- Another witness policy, or another limit, comes into force and stands in the log. Returns whether anything changed.
  CREATE FUNCTION adopt_witness_policy(p_digest text, p_threshold integer, p_limit_minutes integer) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = azukari, pg_temp AS $$
  BEGIN
    PERFORM lock_log();
    IF EXISTS (SELECT FROM witness_policy WHERE digest = p_digest AND threshold = p_threshold AND limit_minutes = p_limit_minutes) THEN
      RETURN false;
    END IF;
    INSERT INTO witness_policy (digest, threshold, limit_minutes) VALUES (p_digest, p_threshold, p_limit_minutes)
      ON CONFLICT (singleton) DO UPDATE
        SET digest = p_digest, threshold = p_threshold, limit_minutes = p_limit_minutes, adopted_at = clock_timestamp();
    INSERT INTO witness_policy_named (digest, limit_minutes, threshold, named_idx)
      VALUES (p_digest, p_limit_minutes, p_threshold, (SELECT size FROM log_state)) ON CONFLICT DO NOTHING;
    -- Where nobody was waited for, whatever was published was shown; nothing is published until this commits.
    UPDATE shown_alone SET size = p.size FROM (SELECT size FROM published_checkpoint FOR SHARE) AS p WHERE shown_alone.size < p.size;
    PERFORM append_entry(format('{"v":1,"t":"witnesses","at":"%s","witnesses":"%s","quorum":%s,"limit":%s}',
      log_minute(), p_digest, p_threshold, p_limit_minutes));
    RETURN true;
  END $$;

  -- The process that leads offers what its file says. An old file brings nothing back: one that was in force before, or that was read when fewer
  -- policies had been named than by now (p_named) and so before another was brought into force. Returns whether it is in force.
  CREATE FUNCTION offer_witness_policy(p_digest text, p_threshold integer, p_limit_minutes integer, p_named integer) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = azukari, pg_temp AS $$
  BEGIN
    PERFORM lock_log();
    IF EXISTS (SELECT FROM witness_policy WHERE digest = p_digest AND threshold = p_threshold AND limit_minutes = p_limit_minutes) THEN
      RETURN true;
    END IF;
    IF EXISTS (SELECT FROM witness_policy_named WHERE digest = p_digest AND limit_minutes = p_limit_minutes)
      OR (SELECT count(*) FROM witness_policy_named) IS DISTINCT FROM p_named THEN
      RETURN false;
    END IF;
    RETURN adopt_witness_policy(p_digest, p_threshold, p_limit_minutes);
  END $$;

  -- The signer hands in a checkpoint that a quorum has cosigned, in the numbers of the log of p_base. The last one of a log that is closed is kept
  -- with it. Says 'stored'; 'other-policy' when another one is in force; 'overtaken' when a larger checkpoint is there already, or a later log is published
  -- and this is not the last checkpoint of its own.
  CREATE FUNCTION store_witnessed(p_policy text, p_base bigint, p_size bigint, p_root bytea, p_note text) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = azukari, pg_temp AS $$
  DECLARE
    published published_checkpoint;
    of_log city_log;
    needed integer;
    own bigint;
  BEGIN
    IF (SELECT frozen_at IS NOT NULL FROM signer_state) THEN
      RAISE EXCEPTION 'the log is frozen' USING ERRCODE = 'AZ002';
    END IF;
    SELECT threshold INTO needed FROM witness_policy WHERE digest = p_policy FOR SHARE;
    IF needed IS NULL THEN RETURN 'other-policy'; END IF;
    -- The log's own signatures are no witness's: one, or two while its key is changed.
    SELECT count(*) INTO own FROM log_key WHERE base = p_base AND bears_line_of(p_note, vkey);
    IF own = 0 OR (length(p_note) - length(replace(p_note, E'\\n— ', ''))) / length(E'\\n— ') < needed + own THEN
      RAISE EXCEPTION 'fewer signatures than a quorum' USING ERRCODE = 'AZ001';
    END IF;
    SELECT * INTO of_log FROM city_log WHERE base = p_base FOR UPDATE;
    IF of_log.size = p_size THEN
      -- The log's own lines stay as they were; only lines of witnesses come behind them.
      IF starts_with(p_note, substring(of_log.final_note FROM '^(?:[^\\n]+\\n){3}\\n(?:— ' || of_log.origin || ' [^\\n]*\\n)+')) IS NOT TRUE THEN
        RAISE EXCEPTION 'what was not published cannot have been witnessed' USING ERRCODE = 'AZ001';
      END IF;
      UPDATE city_log SET final_note = p_note, final_policy = p_policy WHERE base = p_base;
    END IF;
    SELECT * INTO published FROM published_checkpoint;
    IF published.base > p_base THEN RETURN CASE of_log.size WHEN p_size THEN 'stored' ELSE 'overtaken' END; END IF;
    IF published.size IS NULL OR published.base < p_base OR p_base + p_size > published.size
      OR (p_base + p_size = published.size AND p_root <> published.root) THEN
      RAISE EXCEPTION 'what was not published cannot have been witnessed' USING ERRCODE = 'AZ001';
    END IF;
    INSERT INTO witnessed_checkpoint AS held (policy, base, size, root, note) VALUES (p_policy, p_base, p_base + p_size, p_root, p_note)
      ON CONFLICT (singleton) DO UPDATE
        SET policy = p_policy, base = p_base, size = p_base + p_size, root = p_root, note = p_note, cosigned_at = clock_timestamp()
        WHERE held.size < p_base + p_size OR (held.size = p_base + p_size AND held.root = p_root);
    IF NOT FOUND THEN RETURN 'overtaken'; END IF;
    PERFORM pg_notify('azukari_checkpoint', '');
    RETURN 'stored';
  END $$;

  GRANT EXECUTE ON FUNCTION offer_witness_policy, store_witnessed TO azukari_signer;
`;

const gateFunctions = `
  -- The service tells which categories of the policy in force are sensitive. It can only add.
  CREATE FUNCTION weigh_policy(p_policy text, p_sensitive text[]) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = azukari, pg_temp AS $$
  BEGIN
    PERFORM require_policy(p_policy);
    INSERT INTO sensitive_category (code, policy) SELECT DISTINCT code, p_policy FROM unnest(p_sensitive) AS code ON CONFLICT DO NOTHING;
    INSERT INTO weighed_policy (policy) VALUES (p_policy) ON CONFLICT DO NOTHING;
  END $$;

  CREATE FUNCTION is_sensitive(p_categories text[]) RETURNS boolean LANGUAGE sql STABLE SET search_path = azukari, pg_temp
    BEGIN ATOMIC
      SELECT NOT EXISTS (SELECT FROM weighed_policy WHERE policy = current_policy())
        OR EXISTS (SELECT FROM sensitive_category WHERE code = ANY (p_categories));
    END;

  -- Raises when a witness policy is in force and no quorum stands behind what is to be redeemed: for sensitive categories behind the entry
  -- itself, for all others within the stated limit. The last moment of a quorum counts by this database's clock.
  CREATE FUNCTION require_witnesses(p_indexes bigint[]) RETURNS void LANGUAGE plpgsql VOLATILE SET search_path = azukari, pg_temp AS $$
  DECLARE
    w witness_policy;
    c witnessed_checkpoint;
  BEGIN
    SELECT * INTO w FROM witness_policy;
    IF w.threshold IS NULL OR w.threshold = 0 THEN RETURN; END IF;
    SELECT * INTO c FROM witnessed_checkpoint;
    IF coalesce(c.cosigned_at, w.adopted_at) < clock_timestamp() - make_interval(mins => w.limit_minutes) THEN
      RAISE EXCEPTION 'no quorum of witnesses has cosigned within the limit' USING ERRCODE = 'AZ006';
    END IF;
    IF EXISTS (
      SELECT FROM provision_grant WHERE entry_idx = ANY (p_indexes)
        AND NOT (c.policy IS NOT DISTINCT FROM w.digest AND entry_idx < c.size) AND is_sensitive(categories)
    ) THEN
      RAISE EXCEPTION 'no quorum of witnesses has cosigned a checkpoint over this entry' USING ERRCODE = 'AZ006';
    END IF;
  END $$;

  -- The same for what is no provision: an entry, and what is handed over by it.
  CREATE FUNCTION require_cosigned(p_idx bigint, p_categories text[]) RETURNS void LANGUAGE plpgsql VOLATILE SET search_path = azukari, pg_temp AS $$
  BEGIN
    PERFORM require_witnesses('{}');
    IF is_sensitive(p_categories) AND EXISTS (SELECT FROM witness_policy WHERE threshold > 0) AND NOT EXISTS (
      SELECT FROM witnessed_checkpoint c JOIN witness_policy w ON w.digest = c.policy WHERE p_idx < c.size
    ) THEN
      RAISE EXCEPTION 'no quorum of witnesses has cosigned a checkpoint over this entry' USING ERRCODE = 'AZ006';
    END IF;
  END $$;

  -- The newest published checkpoint, for when no quorum stands behind it. That it was shown is remembered before it is.
  CREATE FUNCTION show_published(OUT base bigint, OUT note text) LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = azukari, pg_temp AS $$
  DECLARE
    p published_checkpoint;
  BEGIN
    SELECT * INTO p FROM published_checkpoint;
    UPDATE shown_alone SET size = p.size WHERE size < p.size;
    base := p.base;
    note := p.note;
  END $$;

  GRANT EXECUTE ON FUNCTION weigh_policy, show_published TO azukari_app;

  -- For a restore: the policy that the imported entries name last is in force again, or a backup would ask for fewer witnesses than the log says.
  CREATE FUNCTION settle_witnesses(p_from bigint, p_to bigint) RETURNS void LANGUAGE plpgsql SET search_path = azukari, pg_temp AS $$
  BEGIN
    INSERT INTO witness_policy_named (digest, limit_minutes, threshold, named_idx)
      SELECT e ->> 'witnesses', (e ->> 'limit')::integer, (e ->> 'quorum')::integer, idx
      FROM imported(p_from, p_to) WHERE t = 'witnesses' ORDER BY idx ON CONFLICT DO NOTHING;
    INSERT INTO witness_policy (digest, threshold, limit_minutes)
      SELECT e ->> 'witnesses', (e ->> 'quorum')::integer, (e ->> 'limit')::integer
      FROM (SELECT entry::jsonb AS e, idx FROM log_entry
        WHERE idx >= p_from AND idx < p_to AND starts_with(entry, '{"v":1,"t":"witnesses",')) AS named
      ORDER BY idx DESC LIMIT 1
      ON CONFLICT (singleton) DO UPDATE
        SET digest = excluded.digest, threshold = excluded.threshold, limit_minutes = excluded.limit_minutes, adopted_at = clock_timestamp();
  END $$;
`;
