/** What the database itself holds to: private tables, hashed secrets, strong keys, short lives, and an end for everything. */
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { registerClientKey } from '../../src/tokens/client-keys.js';
import { hashAccessToken } from '../../src/tokens/proof/request-proof.js';
import { payloadAdapter } from '../../src/tokens/server/payload-adapter.js';
import { startSweeping, sweepTokens } from '../../src/tokens/sweeper.js';
import { newKeys } from './a-client.js';
import { aClient, aNode, aTokenCity, type Client, type Node, type TokenCity } from './a-token-city.js';
import { aToken } from './requests.js';

let city: TokenCity;
let node: Node;
let client: Client;

beforeAll(async () => {
  city = await aTokenCity();
  node = await aNode(city);
  client = await aClient(city);
});

afterAll(async () => {
  await node?.close();
  await city?.close();
});

describe('the app role touches the tables through functions only', () => {
  const tables = ['client_key', 'access_token', 'oauth_payload', 'used_jti'];
  test.each(
    tables.flatMap((table) => [
      `SELECT * FROM azukari.${table}`,
      `DELETE FROM azukari.${table}`,
      `TRUNCATE azukari.${table}`,
      `INSERT INTO azukari.${table} DEFAULT VALUES`,
    ]),
  )('%s', async (statement) => {
    await expect(city.app.query(statement)).rejects.toMatchObject({ code: '42501' });
  });

  test('and nobody else may call them', async () => {
    const { rows } = await city.admin.query<{ name: string }>(
      `SELECT proname AS name FROM pg_proc WHERE pronamespace = 'azukari'::regnamespace
         AND proname ~ '(token|client|oauth|use_once|authenticate_reads)'
         AND (has_function_privilege('azukari_signer', oid, 'EXECUTE') OR has_function_privilege('azukari_auditor', oid, 'EXECUTE'))`,
    );
    expect(rows).toEqual([]);
  });
});

test('no token is in the database, only its hash', async () => {
  const token = await aToken(node, client);
  const { rows } = await city.admin.query<{ row: string }>('SELECT t::text AS row FROM azukari.access_token t');
  expect(rows.map(({ row }) => row).join()).not.toContain(token);
  const found = await city.admin.query('SELECT FROM azukari.access_token WHERE sha256 = $1', [hashAccessToken(token)]);
  expect(found.rowCount).toBe(1);
});

test.each([
  ["SET expires_at = issued_at + interval '6 minutes'", 'access_token_lives_five_minutes_at_most'],
  ['SET expires_at = issued_at', 'access_token_ends_after_it_starts'],
  ["SET authorization_details = '[]'", 'access_token_has_one_detail'],
  ["SET authorization_details = '[{},{}]'", 'access_token_has_one_detail'],
  ['SET program_id = NULL', 'provision_names_program_purpose_and_categories'],
  ["SET categories = '{}'", 'provision_names_program_purpose_and_categories'],
  ["SET detail_type = 'anything'", 'detail_type_is_known'],
  ["SET jkt = 'key'", 'jkt_is_a_sha256'],
  ["SET sha256 = 'token'", 'sha256_is_32_bytes'],
])('no access token can be stored with %s', async (change, constraint) => {
  await aToken(node, client);
  await expect(city.admin.query(`UPDATE azukari.access_token ${change}`)).rejects.toMatchObject({ constraint });
});

test('the database gives no token of more than five minutes', async () => {
  const issue = (seconds: number) =>
    city.app.query('SELECT azukari.issue_access_token($1, $2, $3, $4, $5, $6)', [
      ...[randomBytes(32), client.clientId, 'A'.repeat(43), 'https://a.example/v1'],
      ...['[{"type":"azukari_application"}]', seconds],
    ]);
  await expect(issue(301)).rejects.toMatchObject({ constraint: 'access_token_lives_five_minutes_at_most' });
  await expect(issue(300)).resolves.toBeDefined();
});

describe('client keys', () => {
  const put = (jwk: unknown) =>
    city.app.query('SELECT azukari.register_client_key($1, $2, $3, $4)', [
      ...[client.recipientId, randomBytes(32).toString('base64url'), 'kid', JSON.stringify(jwk)],
    ]);

  test('35 a private or weak key is refused by the database too', async () => {
    const private_ = newKeys().privateKey.export({ format: 'jwk' });
    const small = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ format: 'jwk' });
    await expect(put(private_)).rejects.toMatchObject({ constraint: 'client_key_is_public' });
    for (const jwk of [small, { ...newKeys('PS256').jwk, e: 'AQ' }, { kty: 'oct' }, {}, { kty: 'EC', crv: 'P-192' }]) {
      await expect(put(jwk)).rejects.toMatchObject({ constraint: 'client_key_is_strong' });
    }
  });

  test.each<[string, () => unknown]>([
    ['RSA of 1024 bits', () => generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ format: 'jwk' })],
    ['RSA with e = 1', () => ({ ...newKeys('PS256').jwk, e: 'AQ' })],
    [
      'P-224',
      () => generateKeyPairSync('ec', { namedCurve: 'secp224r1' }).publicKey.export({ type: 'spki', format: 'der' }),
    ],
    ['a private key', () => newKeys().privateKey.export({ format: 'jwk' })],
    ['a kid that is no text', () => ({ ...newKeys().jwk, kid: 7 })],
    ['a kid too long', () => ({ ...newKeys().jwk, kid: 'k'.repeat(201) })],
  ])('35 %s is refused at registration', async (_what, jwk) => {
    await expect(registerClientKey(city.app, client.recipientId, jwk())).rejects.toMatchObject({
      code: 'invalid-request',
    });
  });

  test('for an unknown recipient there is nothing to register', async () => {
    await expect(registerClientKey(city.app, 'nobody', newKeys().jwk)).rejects.toMatchObject({ code: 'not-found' });
  });

  test('one key belongs to one recipient', async () => {
    const { jwk } = newKeys();
    await registerClientKey(city.app, client.recipientId, jwk);
    await expect(registerClientKey(city.app, 'minatono-bus', jwk)).rejects.toMatchObject({ code: 'conflict' });
  });

  test('a client has eight keys at most', async () => {
    for (let count = 0; count < 8; count++) await registerClientKey(city.app, 'minatono-bus', newKeys().jwk);
    await expect(registerClientKey(city.app, 'minatono-bus', newKeys().jwk)).rejects.toMatchObject({
      code: 'conflict',
    });
  });
});

describe('everything else the library stores', () => {
  test('is kept without its id, found by it, consumed once and ended with its grant', async () => {
    const adapter = payloadAdapter(city.app, 'RefreshToken');
    await adapter.upsert('the-secret-id', { jti: 'the-secret-id', clientId: 'c', grantId: 'g', uid: 'u' }, 60);
    const { rows } = await city.admin.query<{ row: string }>('SELECT p::text AS row FROM azukari.oauth_payload p');
    expect(rows.map(({ row }) => row).join()).not.toContain('the-secret-id');
    expect(await adapter.find('the-secret-id')).toEqual({
      jti: 'the-secret-id',
      clientId: 'c',
      grantId: 'g',
      uid: 'u',
    });
    expect(await adapter.findByUid('u')).toEqual({ clientId: 'c', grantId: 'g', uid: 'u' });
    expect(await payloadAdapter(city.app, 'Grant').find('the-secret-id')).toBeUndefined();
    await adapter.consume('the-secret-id');
    expect(await adapter.find('the-secret-id')).toMatchObject({ consumed: expect.any(Number) as number });
    await expect(adapter.consume('the-secret-id')).rejects.toMatchObject({ error: 'invalid_grant' });
    await adapter.revokeByGrantId('g');
    expect(await adapter.find('the-secret-id')).toBeUndefined();
  });

  test('is gone after its time and after it is destroyed', async () => {
    const adapter = payloadAdapter(city.app, 'AuthorizationCode');
    await adapter.upsert('late', { clientId: 'c' }, -1);
    expect(await adapter.find('late')).toBeUndefined();
    await expect(adapter.consume('late')).rejects.toMatchObject({ error: 'invalid_grant' });
    await adapter.upsert('kept', { clientId: 'c' }, 60);
    await adapter.destroy('kept');
    expect(await adapter.find('kept')).toBeUndefined();
  });
});

test('what expired is swept, in bounded steps, and what is alive stays', async () => {
  await aToken(node, client);
  await city.admin.query(`
    INSERT INTO azukari.used_jti SELECT sha256(n::text::bytea), 'proof', clock_timestamp() - interval '1 second' FROM generate_series(1, 25) n;
    INSERT INTO azukari.used_jti VALUES (sha256('alive'), 'proof', clock_timestamp() + interval '1 minute');
    INSERT INTO azukari.access_token SELECT sha256('old'), client_id, recipient_id, jkt, audience, authorization_details, detail_type,
      program_id, purpose, categories, NULL, issued_at - interval '2 hours', expires_at - interval '2 hours', NULL
      FROM azukari.access_token WHERE expires_at > clock_timestamp() AND detail_type = 'azukari_provision' LIMIT 1;
  `);
  const { rows: before } = await city.admin.query(
    'SELECT FROM azukari.access_token WHERE expires_at > clock_timestamp()',
  );
  expect(await sweepTokens(city.app, 10)).toBeGreaterThanOrEqual(26);
  const left = await city.admin.query(`
    SELECT (SELECT count(*) FROM azukari.used_jti WHERE expires_at < clock_timestamp())::int AS used,
      (SELECT count(*) FROM azukari.used_jti WHERE sha256 = sha256('alive'))::int AS alive,
      (SELECT count(*) FROM azukari.access_token WHERE sha256 = sha256('old'))::int AS old,
      (SELECT count(*) FROM azukari.access_token WHERE expires_at > clock_timestamp())::int AS tokens`);
  expect(left.rows).toEqual([{ used: 0, alive: 1, old: 0, tokens: before.length }]);
});

test('the sweeper sweeps on its own, goes on after a failure, and stops', async () => {
  const failures: unknown[] = [];
  let isBroken = true;
  const sometimes = {
    query: (...query: [string]) => (isBroken ? Promise.reject(new Error('no')) : city.app.query(...query)),
  };
  const stop = startSweeping(sometimes as typeof city.app, (error) => failures.push(error), 5);
  const until = async (isDone: () => boolean | Promise<boolean>) => {
    for (let turn = 0; turn < 500 && !(await isDone()); turn++) await new Promise((resolve) => setTimeout(resolve, 10));
  };
  const isSwept = async () =>
    (await city.admin.query('SELECT FROM azukari.used_jti WHERE expires_at < clock_timestamp()')).rowCount === 0;
  await city.admin.query(
    "INSERT INTO azukari.used_jti VALUES (sha256('gone'), 'proof', clock_timestamp() - interval '1 second')",
  );
  await until(() => failures.length > 0);
  isBroken = false;
  await until(isSwept);
  await stop();
  expect(failures.length).toBeGreaterThan(0);
  expect(await isSwept()).toBe(true);
});
