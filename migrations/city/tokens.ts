/**
 * What the authorization server keeps: clients' public keys, access tokens, and what was used once (RFC 7523, RFC 9449).
 * Only hashes of secrets are stored. The app role reads and writes nothing here but through these functions, and what must
 * happen once on all nodes (a token request's assertion, a proof, a code) is a primary key or a conditional UPDATE.
 */
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, cityOwner } from '../as-owner.js';

export class Tokens0000000000009 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await asOwner(runner, cityOwner, tables, clientFunctions, tokenFunctions, payloadFunctions, readFunctions);
  }

  async down(): Promise<void> {
    throw new Error('the tokens are not undone');
  }
}

const tables = `
  -- Recipients are the clients: a recipient with a key here is one, and stops being one with its last key.
  CREATE TABLE client_key (
    recipient_id text NOT NULL REFERENCES recipient,
    client_id text NOT NULL GENERATED ALWAYS AS (recipient_id || '-api') STORED,
    -- RFC 7638, base64url. A key belongs to one client, and once removed it does not come back.
    thumbprint text PRIMARY KEY CONSTRAINT thumbprint_is_a_sha256 CHECK (thumbprint ~ '^[A-Za-z0-9_-]{43}$'),
    kid text NOT NULL CONSTRAINT kid_is_short CHECK (length(kid) BETWEEN 1 AND 200),
    jwk jsonb NOT NULL
      CONSTRAINT client_key_is_public CHECK (NOT jwk ?| ARRAY['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv'])
      CONSTRAINT client_key_is_strong CHECK (coalesce(CASE jwk ->> 'kty'
        WHEN 'EC' THEN jwk ->> 'crv' = 'P-256'
        WHEN 'OKP' THEN jwk ->> 'crv' = 'Ed25519'
        WHEN 'RSA' THEN length(jwk ->> 'n') >= 342 AND jwk ->> 'e' <> 'AQ'
      END, false)),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    removed_at timestamptz,
    CONSTRAINT client_key_is_removed_after_it_was_made CHECK (removed_at >= created_at)
  );
  CREATE INDEX client_key_in_force ON client_key (client_id) WHERE removed_at IS NULL;

  CREATE TABLE access_token (
    sha256 sha256_bytes PRIMARY KEY,
    client_id text NOT NULL,
    recipient_id text NOT NULL REFERENCES recipient,
    -- The key that must prove each use (RFC 9449 section 6).
    jkt text NOT NULL CONSTRAINT jkt_is_a_sha256 CHECK (jkt ~ '^[A-Za-z0-9_-]{43}$'),
    audience text NOT NULL,
    authorization_details jsonb NOT NULL
      CONSTRAINT access_token_has_one_detail
        CHECK (jsonb_typeof(authorization_details) = 'array' AND jsonb_array_length(authorization_details) = 1),
    detail_type text NOT NULL CONSTRAINT detail_type_is_known
      CHECK (detail_type IN ('azukari_provision', 'azukari_application')),
    program_id text,
    purpose text,
    categories text[],
    -- Set when the token stands for one resident's consent; it then dies with it.
    consent_id uuid,
    issued_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz,
    CONSTRAINT access_token_ends_after_it_starts CHECK (expires_at > issued_at),
    CONSTRAINT access_token_lives_five_minutes_at_most CHECK (expires_at <= issued_at + interval '5 minutes'),
    CONSTRAINT provision_names_program_purpose_and_categories CHECK (
      (detail_type = 'azukari_provision') = (program_id IS NOT NULL AND purpose IS NOT NULL AND cardinality(categories) > 0))
  );
  CREATE INDEX access_token_by_end ON access_token (expires_at);
  CREATE INDEX access_token_of_client ON access_token (client_id);

  -- Everything the library keeps that is neither a client nor an access token, under the hash of its id.
  CREATE TABLE oauth_payload (
    kind text NOT NULL CONSTRAINT payload_kind_is_plain CHECK (kind ~ '^[A-Za-z]{1,50}$'),
    sha256 sha256_bytes NOT NULL,
    payload jsonb NOT NULL CONSTRAINT payload_does_not_hold_its_own_id CHECK (NOT payload ? 'jti'),
    uid_sha256 sha256_bytes,
    grant_sha256 sha256_bytes,
    expires_at timestamptz NOT NULL,
    consumed_at timestamptz,
    PRIMARY KEY (kind, sha256)
  );
  CREATE INDEX oauth_payload_by_uid ON oauth_payload (kind, uid_sha256) WHERE uid_sha256 IS NOT NULL;
  CREATE INDEX oauth_payload_of_grant ON oauth_payload (grant_sha256) WHERE grant_sha256 IS NOT NULL;
  CREATE INDEX oauth_payload_by_end ON oauth_payload (expires_at);

  -- The hash covers kind, issuer (client or key) and jti, so one row is one use, whichever node it reached.
  CREATE TABLE used_jti (
    sha256 sha256_bytes PRIMARY KEY,
    kind text NOT NULL CONSTRAINT used_kind_is_known CHECK (kind IN ('assertion', 'proof')),
    expires_at timestamptz NOT NULL
  );
  CREATE INDEX used_jti_by_end ON used_jti (expires_at);
`;

const clientFunctions = `
  CREATE FUNCTION register_client_key(p_recipient text, p_thumbprint text, p_kid text, p_jwk jsonb) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = azukari, pg_temp AS $$
  DECLARE
    made text;
  BEGIN
    PERFORM pg_advisory_xact_lock(lock_key('recipient', p_recipient));
    IF NOT EXISTS (SELECT FROM recipient WHERE id = p_recipient AND status <> 'removed') THEN
      RAISE EXCEPTION 'no such recipient' USING ERRCODE = 'AZ404';
    END IF;
    IF (SELECT count(*) FROM client_key WHERE recipient_id = p_recipient AND removed_at IS NULL) >= 8 THEN
      RAISE EXCEPTION 'a client has at most eight keys' USING ERRCODE = 'AZ409';
    END IF;
    INSERT INTO client_key (recipient_id, thumbprint, kid, jwk) VALUES (p_recipient, p_thumbprint, p_kid, p_jwk)
      ON CONFLICT (thumbprint) DO NOTHING RETURNING client_id INTO made;
    IF made IS NULL THEN RAISE EXCEPTION 'the key was registered before' USING ERRCODE = 'AZ409'; END IF;
    RETURN made;
  END $$;

  -- Whoever lost a key may have lost tokens obtained with it, so those end too. False when there was nothing to remove.
  CREATE FUNCTION remove_client_key(p_recipient text, p_thumbprint text) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = azukari, pg_temp AS $$
  BEGIN
    PERFORM pg_advisory_xact_lock(lock_key('recipient', p_recipient));
    UPDATE client_key SET removed_at = clock_timestamp()
      WHERE recipient_id = p_recipient AND thumbprint = p_thumbprint AND removed_at IS NULL;
    IF NOT FOUND THEN RETURN false; END IF;
    UPDATE access_token SET revoked_at = clock_timestamp()
      WHERE recipient_id = p_recipient AND revoked_at IS NULL AND expires_at > clock_timestamp();
    RETURN true;
  END $$;

  -- No row: unknown, suspended, removed or without a key. The caller need not know which.
  CREATE FUNCTION find_client(p_client text) RETURNS TABLE (recipient_id text, keys jsonb)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = azukari, pg_temp AS $$
  BEGIN
    RETURN QUERY
      SELECT r.id::text, jsonb_agg(k.jwk || jsonb_build_object('kid', k.kid) ORDER BY k.thumbprint)
      FROM client_key k JOIN recipient r ON r.id = k.recipient_id
      WHERE k.client_id = p_client AND k.removed_at IS NULL AND r.status = 'active'
      GROUP BY r.id;
  END $$;

  GRANT EXECUTE ON FUNCTION register_client_key, remove_client_key, find_client TO azukari_app;
`;

const tokenFunctions = `
  -- True for the first caller on any node, false for every other until the row is swept.
  CREATE FUNCTION use_once(p_kind text, p_sha256 bytea, p_expires_at timestamptz) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = azukari, pg_temp AS $$
  BEGIN
    INSERT INTO used_jti (sha256, kind, expires_at) VALUES (p_sha256, p_kind, p_expires_at) ON CONFLICT DO NOTHING;
    RETURN FOUND;
  END $$;

  -- The recipient's lock makes a suspension that has answered refuse every token that starts afterwards.
  CREATE FUNCTION issue_access_token(
    p_sha256 bytea, p_client text, p_jkt text, p_audience text, p_details jsonb, p_lifetime_seconds integer
  ) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = azukari, pg_temp AS $$
  DECLARE
    v_recipient text := (SELECT recipient_id FROM client_key WHERE client_id = p_client LIMIT 1);
    v_issued timestamptz;
  BEGIN
    PERFORM require_read_committed();
    PERFORM pg_advisory_xact_lock_shared(lock_key('recipient', v_recipient));
    IF NOT EXISTS (SELECT FROM find_client(p_client)) THEN
      RAISE EXCEPTION 'no such client' USING ERRCODE = 'AZ404';
    END IF;
    v_issued := clock_timestamp();
    INSERT INTO access_token (sha256, client_id, recipient_id, jkt, audience, authorization_details, detail_type,
        program_id, purpose, categories, issued_at, expires_at)
      SELECT p_sha256, p_client, v_recipient, p_jkt, p_audience, p_details, detail ->> 'type',
        detail ->> 'program', detail ->> 'purpose',
        (SELECT array_agg(category ORDER BY category) FROM jsonb_array_elements_text(detail -> 'categories') AS category),
        v_issued, v_issued + make_interval(secs => p_lifetime_seconds)
      FROM (SELECT p_details -> 0 AS detail) AS only_one;
  END $$;

  -- For revocation: the live token, as the library wants to see it.
  CREATE FUNCTION find_access_token(p_sha256 bytea) RETURNS TABLE (
    client_id text, jkt text, audience text, details jsonb, issued_at timestamptz, expires_at timestamptz
  ) LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = azukari, pg_temp AS $$
  BEGIN
    RETURN QUERY SELECT t.client_id, t.jkt, t.audience, t.authorization_details, t.issued_at, t.expires_at
      FROM access_token t WHERE t.sha256 = p_sha256 AND t.revoked_at IS NULL AND t.expires_at > clock_timestamp();
  END $$;

  CREATE FUNCTION revoke_access_token(p_sha256 bytea) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = azukari, pg_temp AS $$
  BEGIN
    UPDATE access_token SET revoked_at = clock_timestamp() WHERE sha256 = p_sha256 AND revoked_at IS NULL;
  END $$;

  GRANT EXECUTE ON FUNCTION use_once, issue_access_token, find_access_token, revoke_access_token TO azukari_app;
`;

const payloadFunctions = `
  CREATE FUNCTION put_oauth_payload(
    p_kind text, p_sha256 bytea, p_payload jsonb, p_uid_sha256 bytea, p_grant_sha256 bytea, p_lifetime_seconds integer
  ) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = azukari, pg_temp AS $$
  BEGIN
    INSERT INTO oauth_payload (kind, sha256, payload, uid_sha256, grant_sha256, expires_at)
      VALUES (p_kind, p_sha256, p_payload, p_uid_sha256, p_grant_sha256,
        clock_timestamp() + make_interval(secs => p_lifetime_seconds))
      ON CONFLICT (kind, sha256) DO UPDATE SET payload = excluded.payload, uid_sha256 = excluded.uid_sha256,
        grant_sha256 = excluded.grant_sha256, expires_at = excluded.expires_at;
  END $$;

  CREATE FUNCTION find_oauth_payload(p_kind text, p_sha256 bytea, p_by_uid boolean)
    RETURNS TABLE (payload jsonb, consumed_at timestamptz)
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = azukari, pg_temp AS $$
  BEGIN
    RETURN QUERY SELECT p.payload, p.consumed_at FROM oauth_payload p
      WHERE p.kind = p_kind AND (CASE WHEN p_by_uid THEN p.uid_sha256 ELSE p.sha256 END) = p_sha256
        AND p.expires_at > clock_timestamp()
      LIMIT 1;
  END $$;

  -- True for exactly one caller: the UPDATE waits for a rival's and then no longer finds the row unconsumed.
  CREATE FUNCTION consume_oauth_payload(p_kind text, p_sha256 bytea) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = azukari, pg_temp AS $$
  BEGIN
    UPDATE oauth_payload SET consumed_at = clock_timestamp()
      WHERE kind = p_kind AND sha256 = p_sha256 AND consumed_at IS NULL AND expires_at > clock_timestamp();
    RETURN FOUND;
  END $$;

  CREATE FUNCTION delete_oauth_payload(p_kind text, p_sha256 bytea) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = azukari, pg_temp
    BEGIN ATOMIC DELETE FROM oauth_payload WHERE kind = p_kind AND sha256 = p_sha256; END;

  CREATE FUNCTION delete_oauth_grant(p_kind text, p_grant_sha256 bytea) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = azukari, pg_temp
    BEGIN ATOMIC DELETE FROM oauth_payload WHERE kind = p_kind AND grant_sha256 = p_grant_sha256; END;

  GRANT EXECUTE ON FUNCTION put_oauth_payload, find_oauth_payload, consume_oauth_payload, delete_oauth_payload,
    delete_oauth_grant TO azukari_app;
`;

const readFunctions = `
  -- One row per item, in order. A proof is used up only if its token is good; of equal proofs, in one batch or on two
  -- nodes, the first is 'ok' and the rest are replays. Proofs are inserted in the order of their hashes, so that two
  -- batches with the same proofs cannot wait for each other.
  -- p_before_entry: nothing is answered with data before an entry of the log is committed; that commit waits for the disk, and what was written before it is
  -- on the disk then. So the use of a proof need not wait by itself: if it is forgotten in a crash, nothing was had for it.
  CREATE FUNCTION authenticate_reads(
    p_tokens bytea[], p_jkts text[], p_proofs bytea[], p_proof_ends timestamptz[], p_audience text, p_before_entry boolean
  ) RETURNS TABLE (
    outcome text, recipient_id text, client_id text, detail_type text, program_id text, purpose text, categories text[]
  ) LANGUAGE plpgsql SECURITY DEFINER SET search_path = azukari, pg_temp SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
  #variable_conflict use_column
  BEGIN
    PERFORM require_read_committed();
    PERFORM require_parallel(array_dims(p_tokens), array_dims(p_jkts), array_dims(p_proofs), array_dims(p_proof_ends));
    RETURN QUERY
      WITH judged AS MATERIALIZED (
        SELECT asked.ord, asked.proof, asked.proof_end, t.recipient_id, t.client_id, t.detail_type, t.program_id, t.purpose,
          t.categories,
          CASE
            WHEN t.sha256 IS NULL OR t.revoked_at IS NOT NULL THEN 'invalid-token'
            WHEN t.jkt <> asked.jkt THEN 'invalid-dpop-proof'
            WHEN t.audience <> p_audience THEN 'wrong-audience'
            WHEN t.expires_at <= clock_timestamp() THEN 'token-expired'
            ELSE 'ok'
          END AS verdict
        FROM unnest(p_tokens, p_jkts, p_proofs, p_proof_ends) WITH ORDINALITY AS asked (token, jkt, proof, proof_end, ord)
        LEFT JOIN access_token t ON t.sha256 = asked.token
      ), first_use AS MATERIALIZED (
        SELECT DISTINCT ON (proof) proof, proof_end, ord FROM judged WHERE verdict = 'ok' ORDER BY proof, ord
      ), used AS (
        INSERT INTO used_jti (sha256, kind, expires_at)
          SELECT proof, 'proof', proof_end FROM first_use ORDER BY proof
          ON CONFLICT DO NOTHING RETURNING sha256
      ), winner AS (
        SELECT first_use.ord FROM first_use JOIN used ON used.sha256 = first_use.proof
      )
      SELECT
        CASE
          WHEN judged.verdict <> 'ok' THEN judged.verdict
          WHEN winner.ord IS NULL THEN 'replayed-dpop-proof'
          ELSE 'ok'
        END,
        judged.recipient_id, judged.client_id, judged.detail_type, judged.program_id, judged.purpose, judged.categories
      FROM judged LEFT JOIN winner USING (ord)
      ORDER BY judged.ord;
    IF p_before_entry THEN PERFORM commit_without_waiting(); END IF;
  END $$;

  -- Removes at most p_limit expired rows of each kind and returns how many went. A token's row outlives it by an hour, so that its holder is told
  -- it expired. By the time at which the sweep was asked for: an index can be searched for that, and not for a clock that goes on.
  CREATE FUNCTION sweep_tokens(p_limit integer) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = azukari, pg_temp AS $$
  DECLARE
    part integer;
    swept integer := 0;
  BEGIN
    DELETE FROM used_jti WHERE sha256 IN (SELECT sha256 FROM used_jti
      WHERE expires_at < statement_timestamp() ORDER BY expires_at LIMIT p_limit FOR UPDATE SKIP LOCKED);
    GET DIAGNOSTICS part = ROW_COUNT;
    swept := swept + part;
    DELETE FROM access_token WHERE sha256 IN (SELECT sha256 FROM access_token
      WHERE expires_at < statement_timestamp() - interval '1 hour' ORDER BY expires_at LIMIT p_limit FOR UPDATE SKIP LOCKED);
    GET DIAGNOSTICS part = ROW_COUNT;
    swept := swept + part;
    DELETE FROM oauth_payload WHERE (kind, sha256) IN (SELECT kind, sha256 FROM oauth_payload
      WHERE expires_at < statement_timestamp() ORDER BY expires_at LIMIT p_limit FOR UPDATE SKIP LOCKED);
    GET DIAGNOSTICS part = ROW_COUNT;
    RETURN swept + part;
  END $$;

  GRANT EXECUTE ON FUNCTION authenticate_reads, sweep_tokens TO azukari_app;
`;
