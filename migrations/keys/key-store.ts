/**
 * The key store: another database with its own backups, in production another cluster (design section 11). Keys lie here
 * wrapped; whoever holds this database alone, or the city's database alone, can read nothing.
 */
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, keyOwner } from '../as-owner.js';

export class KeyStore0000000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DO $$
      DECLARE
        role_name text;
      BEGIN
        FOREACH role_name IN ARRAY ARRAY['azukari_key_owner', 'azukari_keys'] LOOP
          BEGIN
            EXECUTE format('CREATE ROLE %I %s', role_name,
              CASE role_name WHEN 'azukari_key_owner' THEN 'NOLOGIN' ELSE 'LOGIN' END);
          EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL;
          END;
        END LOOP;
        EXECUTE format('GRANT azukari_key_owner TO %I', current_user);
        EXECUTE format('GRANT CREATE ON DATABASE %I TO azukari_key_owner', current_database());
        EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
        EXECUTE format('GRANT CONNECT ON DATABASE %I TO azukari_keys', current_database());
      END $$;
      REVOKE ALL ON SCHEMA public FROM PUBLIC;
      CREATE SCHEMA azukari_keys AUTHORIZATION azukari_key_owner;
    `);
    await asOwner(
      runner,
      keyOwner,
      `
      GRANT USAGE ON SCHEMA azukari_keys TO azukari_keys;

      -- K_id names the resident to recipients and can be handed to the resident; the data key never leaves.
      CREATE TABLE resident_key (
        resident_id uuid PRIMARY KEY,
        epoch bigint NOT NULL CONSTRAINT epoch_fits_the_sealed_box CHECK (epoch BETWEEN 0 AND 4294967295),
        identifier_key_wrapped bytea NOT NULL,
        data_key_wrapped bytea NOT NULL,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp()
      );

      -- Keys that were destroyed on purpose: a restored backup must not bring them back.
      CREATE TABLE tombstone (
        resident_id uuid PRIMARY KEY,
        destroyed_at timestamptz NOT NULL DEFAULT clock_timestamp()
      );

      -- One key a month for the record of third-party provision; destroyed when its last record has been kept long enough.
      CREATE TABLE statutory_key (
        period text PRIMARY KEY CONSTRAINT period_is_a_month CHECK (period ~ '^[0-9]{4}-[0-9]{2}$'),
        key_wrapped bytea NOT NULL,
        keep_until date NOT NULL
      );

      GRANT SELECT, INSERT, DELETE ON resident_key TO azukari_keys;
      GRANT SELECT, INSERT ON tombstone TO azukari_keys;
      GRANT SELECT, INSERT, DELETE ON statutory_key TO azukari_keys;
    `,
    );
  }

  async down(): Promise<void> {
    throw new Error('the key store is not undone');
  }
}
