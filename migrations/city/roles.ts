/**
 * Who may do what, before there is anything to do it to. The owner owns every table and function and cannot log in; the
 * app, the signer and the auditor can log in and own nothing. Everything a role may do is granted where the object is made.
 */
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, cityOwner } from '../as-owner.js';

export class Roles0000000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DO $$
      DECLARE
        role_name text;
      BEGIN
        -- Roles belong to the cluster, so another city's database may have made them already.
        FOREACH role_name IN ARRAY ARRAY['azukari_owner', 'azukari_app', 'azukari_signer', 'azukari_auditor'] LOOP
          BEGIN
            EXECUTE format('CREATE ROLE %I %s', role_name,
              CASE role_name WHEN 'azukari_owner' THEN 'NOLOGIN' ELSE 'LOGIN' END);
          EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL;
          END;
        END LOOP;
        EXECUTE format('GRANT azukari_owner TO %I', current_user);
        EXECUTE format('GRANT CREATE ON DATABASE %I TO azukari_owner', current_database());
        -- Without this, PUBLIC may make temporary objects that shadow ours in a careless function.
        EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
        EXECUTE format('GRANT CONNECT ON DATABASE %I TO azukari_app, azukari_signer, azukari_auditor', current_database());
      END $$;
      REVOKE ALL ON SCHEMA public FROM PUBLIC;
      -- The gate's locks are the gate's: whoever may only read must not be able to hold up a withdrawal with one. Needs a superuser;
      -- on a server where we are none, PostgreSQL warns and leaves them public.
      DO $$
      DECLARE
        closed_function regprocedure;
      BEGIN
        FOR closed_function IN SELECT oid FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace AND proname ~ '^pg_(try_)?advisory_' LOOP
          EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', closed_function);
          EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO azukari_owner', closed_function);
        END LOOP;
        GRANT EXECUTE ON FUNCTION pg_try_advisory_lock(bigint) TO azukari_signer;
        -- Nobody here keeps large objects, which belong to whoever made them: a role that owns nothing must not be able to.
        -- Of those that nobody may call anyway, who is no superuser may not even take that away.
        FOR closed_function IN SELECT oid FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace
            AND proname ~ '^(lo_|lowrite$|loread$)' AND has_function_privilege('public', oid, 'EXECUTE') LOOP
          EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', closed_function);
        END LOOP;
      END $$;
      CREATE SCHEMA azukari AUTHORIZATION azukari_owner;
      CREATE SCHEMA statutory AUTHORIZATION azukari_owner;
    `);
    await asOwner(
      runner,
      cityOwner,
      `
      GRANT USAGE ON SCHEMA azukari TO azukari_app, azukari_signer, azukari_auditor;
      ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
      COMMENT ON SCHEMA azukari IS 'Tables are private; functions are the interface.';
      COMMENT ON SCHEMA statutory IS 'The record of third-party provision (APPI article 29): its own key, its own clock, opened for that purpose only.';

      CREATE DOMAIN code AS text CONSTRAINT code_is_plain CHECK (value ~ '^[a-z0-9][a-z0-9.:-]{0,62}$');
      CREATE DOMAIN digest AS text CONSTRAINT digest_is_sha256_hex CHECK (value ~ '^[0-9a-f]{64}$');
      CREATE DOMAIN sha256_bytes AS bytea CONSTRAINT sha256_is_32_bytes CHECK (octet_length(value) = 32);

      -- The check digit of a municipality code: ordinance of the Ministry of Internal Affairs, weights 6 to 2, modulus 11.
      CREATE FUNCTION is_municipality_code(code text) RETURNS boolean LANGUAGE sql IMMUTABLE
        SET search_path = azukari, pg_temp RETURN
          code ~ '^[0-9]{6}$' AND substr(code, 6, 1)::int = (11 - (
            substr(code, 1, 1)::int * 6 + substr(code, 2, 1)::int * 5 + substr(code, 3, 1)::int * 4
            + substr(code, 4, 1)::int * 3 + substr(code, 5, 1)::int * 2) % 11) % 10;
      CREATE DOMAIN municipality_code AS text
        CONSTRAINT municipality_code_has_its_check_digit CHECK (is_municipality_code(value));

      -- A function of one expression is written into the statement that calls it, but only without settings of its own. Its names were
      -- resolved when it was made, so no search_path of a caller can change what it means.
      --
      -- Every lock of the gate is one of these keys; the order in which they are taken is the log's turn, the resident's row, recipient, program, consents, log; grants and the
      -- counts of uses come after the consents, before the log; of staff their own rows, then the request, after the resident.
      CREATE FUNCTION lock_key(kind text, name text) RETURNS bigint LANGUAGE sql IMMUTABLE
        RETURN hashtextextended(kind || ':' || name, 0);

      -- Under a snapshot that is older than the statement, what was suspended, withdrawn or frozen since would still stand. A caller that asks
      -- for one is broken.
      CREATE FUNCTION require_read_committed() RETURNS void LANGUAGE plpgsql STABLE SET search_path = azukari, pg_temp AS $$
      BEGIN
        IF current_setting('transaction_isolation') <> 'read committed' THEN
          RAISE EXCEPTION 'the gate is asked in a transaction that reads what is committed' USING ERRCODE = 'AZ001';
        END IF;
      END $$;

      -- Zones are given as intervals, never by name: PostgreSQL 18 looks a name up among the abbreviations of the session's own zone, which whoever
      -- is connected may define (SET TimeZone), and other versions may. Since 1951 Japan has had no summer time.
      CREATE FUNCTION in_japan(at timestamptz) RETURNS timestamp LANGUAGE sql IMMUTABLE RETURN at AT TIME ZONE interval '9 hours';
      -- When the period of the calendar in Japan ('day', 'month', …) began in which this moment lies.
      CREATE FUNCTION period_start(per text, at timestamptz) RETURNS timestamptz LANGUAGE sql IMMUTABLE
        RETURN date_trunc(per, in_japan(at)) AT TIME ZONE interval '9 hours';

      -- The minute of an entry, which ends in a Z; that is a name too.
      CREATE FUNCTION read_minute(at text) RETURNS timestamptz LANGUAGE sql STABLE RETURN (rtrim(at, 'Z') || '+00')::timestamptz;

      -- For a transaction whose loss in a crash nobody can use: what it leaves is handed out only after a later commit that waits, or is settled when the
      -- gate is opened again. Others wait for the disk, always: what the log is given above all.
      CREATE FUNCTION commit_without_waiting() RETURNS void LANGUAGE plpgsql VOLATILE SET search_path = azukari, pg_temp AS $$
      BEGIN
        PERFORM set_config('synchronous_commit', 'off', true);
      END $$;

      -- Takes array_dims() of arrays that are walked side by side. unnest and a subscript pair the same elements only where each array has one
      -- dimension, counts from one and is as long as the others; else what is checked is not what is written. Empty ones have no dims.
      CREATE FUNCTION require_parallel(VARIADIC p_dims text[]) RETURNS void LANGUAGE plpgsql IMMUTABLE SET search_path = azukari, pg_temp AS $$
      BEGIN
        IF p_dims[1] !~ '^[[]1:[0-9]+[]]$' OR p_dims IS DISTINCT FROM array_fill(p_dims[1], ARRAY[cardinality(p_dims)]) THEN
          RAISE EXCEPTION 'the arrays of a batch do not count alike from one' USING ERRCODE = 'AZ001';
        END IF;
      END $$;
    `,
    );
  }

  async down(): Promise<void> {
    throw new Error('the first migration is not undone; drop the database instead');
  }
}
