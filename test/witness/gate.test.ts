/**
 * The gate and witnesses, called in SQL: what the API's role says of cosigned sizes or of sensitive categories does not count, and what the
 * signer hands in has to fit what was published.
 */
import type { Pool } from 'pg';
import { openPool } from '../../src/database/pool.js';
import { KeyRing } from '../../src/transparency-log/keys/key-ring.js';
import { rotateKey } from '../../src/transparency-log/keys/rotation.js';
import { anItem, Gate, type GateItem } from '../gate/gate-calls.js';
import { type AProgram, Town } from '../setup/a-town.js';
import { expectSoundLog } from '../setup/check-log.js';

const [one, two] = ['1'.repeat(64), '2'.repeat(64)];
const checkup = { items: [{ purpose: 'care.prevention', category: 'health.checkup', fields: ['results'] }] };
let town: Town;
let gate: Gate;
let signer: Pool;
let steps: GateItem;
let health: GateItem;

beforeAll(async () => {
  town = await Town.open();
  gate = Gate.open(town);
  signer = openPool({ url: town.city.databases.signerUrl, size: 2, applicationName: 'witness gate test' });
  const consenting = async (program: AProgram, changes = {}) =>
    anItem(program, (await town.give(town.resident(), program)).pairwiseId, changes);
  steps = await consenting(await town.program());
  health = await consenting(await town.program('hamakaze-clinic', checkup));
  await adopt(one, 2);
});
afterAll(async () => {
  await signer?.end();
  await gate?.pool.end();
  await town?.close();
});

async function adopt(digest: string, threshold: number, minutes = 60): Promise<boolean> {
  const { rows } = await town.admin.query<{ changed: boolean }>(
    'SELECT azukari.adopt_witness_policy($1, $2, $3) AS changed',
    [...[digest, threshold, minutes]],
  );
  return rows[0]!.changed;
}

interface Handed {
  policy?: string;
  size?: number;
  root?: Buffer;
  /** Instead of the text that says size and root. */
  text?: string;
  /** Instead of the log's own lines. */
  own?: string;
  /** Of witnesses, behind those of the log. */
  signatures?: number;
}

/** As the signer hands in the newest published checkpoint, or something that is not quite that. */
async function store({ policy = one, signatures = 2, ...changed }: Handed = {}): Promise<string> {
  const { rows } = await signer.query<{ size: number; root: Buffer; note: string }>(
    'SELECT size, root, note FROM azukari.published_checkpoint',
  );
  const { size, root, own } = { own: rows[0]!.note.split('\n\n')[1]!, ...rows[0]!, ...changed };
  const lines = own + Array.from({ length: signatures }, (_, n) => `— signer-${n} AAAA\n`).join('');
  const text = changed.text ?? `${town.demo.log.origin}\n${size}\n${root.toString('base64')}\n\n`;
  const note = text + lines;
  const stored = await signer.query<{ outcome: string }>(
    'SELECT azukari.store_witnessed($1, 0, $2, $3, $4) AS outcome',
    [...[policy, size, root, note]],
  );
  return stored.rows[0]!.outcome;
}

const redeem = async (...indexes: number[]) =>
  gate.redeem(...indexes).then(
    (rows) =>
      rows
        .filter(({ outcome }) => outcome !== 'record')
        .map(({ outcome }) => outcome)
        .join(),
    (error: { code: string }) => error.code,
  );

const forbidden = [
  `INSERT INTO azukari.witnessed_checkpoint (policy, size, root, note) VALUES ('${one}', 1, sha256(''), 'x')`,
  `UPDATE azukari.witnessed_checkpoint SET size = size + 1000`,
  `DELETE FROM azukari.witness_policy`,
  `UPDATE azukari.witness_policy SET threshold = 0`,
  `DELETE FROM azukari.sensitive_category`,
  `UPDATE azukari.sensitive_category SET code = 'nothing.left'`,
  `INSERT INTO azukari.weighed_policy VALUES ('${two}')`,
  `SELECT azukari.adopt_witness_policy('${two}', 0, 60)`,
  `SELECT azukari.store_witnessed('${one}', 0, 1, sha256(''), 'x')`,
  `SELECT azukari.require_witnesses('{}')`,
  `SELECT azukari.is_sensitive('{}')`,
];
test.each(forbidden)('the API’s role may not: %s', async (statement) => {
  await expect(gate.pool.query(statement)).rejects.toMatchObject({ code: '42501' });
});

test('nobody but the signer may change the policy or say what was cosigned, not even the auditor', async () => {
  const auditor = openPool({ url: town.city.databases.auditorUrl, size: 1, applicationName: 'witness gate test' });
  for (const statement of forbidden) await expect(auditor.query(statement)).rejects.toMatchObject({ code: '42501' });
  await auditor.end();
});

test('a sensitive grant waits for the quorum, alone or among others; the others do not', async () => {
  const [sensitive, other] = [await gate.grant(health), await gate.grant(steps)];
  expect(await redeem(sensitive.idx)).toBe('AZ006');
  expect(await redeem(other.idx, sensitive.idx)).toBe('AZ006');
  expect(await redeem(other.idx)).toBe('provided');
  expect(await store()).toBe('stored');
  expect(await redeem(sensitive.idx)).toBe('provided');
});

test.each<[string, Handed, string]>([
  ['more than was published', { size: 1_000_000 }, 'AZ001'],
  ['another root than was published', { root: Buffer.alloc(32, 1) }, 'AZ001'],
  ['fewer signatures than a quorum and the log’s', { signatures: 1 }, 'AZ001'],
  ['a note without a signature of the log', { own: '', signatures: 3 }, 'AZ001'],
  ['a note that says another size', { text: 'x\n5\n\n\n' }, '23514'],
  ['a policy that is not in force', { policy: two }, 'other-policy'],
  ['less than is there', { size: 3 }, 'overtaken'],
])('the signer hands in %s: it is not taken', async (_what, handed, expected) => {
  await store();
  const before = (await town.admin.query('SELECT * FROM azukari.witnessed_checkpoint')).rows[0] as unknown;
  expect(await store(handed).catch((error: { code: string }) => error.code)).toBe(expected);
  expect((await town.admin.query('SELECT * FROM azukari.witnessed_checkpoint')).rows[0]).toEqual(before);
});

test('while its key is changed, neither of the log’s two signatures counts for a witness', async () => {
  const rotation = await rotateKey(signer, new KeyRing(town.city.directories.keysDirectory));
  if (rotation.outcome !== 'introduced') throw new Error('no rotation was begun');
  await town.untilPublished(rotation.index + 1);
  await expect(store({ signatures: 1 })).rejects.toMatchObject({ code: 'AZ001' });
  expect(await store({ signatures: 2 })).toBe('stored');
});

test('a frozen log is witnessed no more', async () => {
  await signer.query("SELECT azukari.freeze_log('a test')");
  await expect(store()).rejects.toMatchObject({ code: 'AZ002' });
  await town.admin.query('UPDATE azukari.signer_state SET frozen_at = NULL, freeze_reason = NULL');
});

test('what a quorum of another policy cosigned does not count; a policy that asks for none makes nobody wait; each change is logged once', async () => {
  const sensitive = await gate.grant(health);
  await store();
  const lines = await town.linesOf(async () => {
    expect([await adopt(two, 1), await adopt(two, 1)]).toEqual([true, false]);
    expect(await redeem(sensitive.idx)).toBe('AZ006');
    expect(await adopt('3'.repeat(64), 0)).toBe(true);
    expect(await redeem(sensitive.idx)).toBe('provided');
    expect(await adopt(one, 2)).toBe(true);
  });
  expect(lines.filter(({ t }) => t === 'witnesses').map(({ quorum }) => quorum)).toEqual([1, 0, 2]);
});

test('beyond the limit nothing is provided, however often somebody adopts a policy', async () => {
  const other = await gate.grant(steps);
  await store();
  await town.admin.query("UPDATE azukari.witnessed_checkpoint SET cosigned_at = cosigned_at - interval '61 minutes'");
  expect(await redeem(other.idx)).toBe('AZ006');
  await adopt(two, 1);
  expect(await redeem(other.idx)).toBe('AZ006');
  await adopt(one, 2);
  await expect(
    gate.pool.query('SELECT * FROM azukari.append_list($1, $2, $3, 0)', [
      town.city.service.city.policy,
      steps.recipient,
      steps.program,
    ]),
  ).rejects.toMatchObject({ code: 'AZ006' });
  expect(await store()).toBe('stored');
  expect(await redeem(other.idx)).toBe('provided');
});

test('whoever has taken over the API and adopts a policy of its own cannot make a sensitive category an ordinary one', async () => {
  const policy = 'f'.repeat(64);
  await gate.pool.query('SELECT azukari.adopt_policy($1)', [policy]);
  // Not weighed: everything is sensitive.
  const grant = async (item: GateItem) => {
    const { idx } = (await gate.append([item], policy))[0]!;
    await gate.untilPublished(idx);
    return idx;
  };
  const other = await grant(steps);
  expect(await redeem(other)).toBe('AZ006');
  await expect(gate.pool.query("SELECT azukari.weigh_policy($1, '{}')", [two])).rejects.toMatchObject({
    code: 'AZ003',
  });
  await gate.pool.query("SELECT azukari.weigh_policy($1, '{}')", [policy]);
  expect(await redeem(other)).toBe('provided');
  const sensitive = await grant(health);
  expect(await redeem(sensitive)).toBe('AZ006');
  await store();
  expect(await redeem(sensitive)).toBe('provided');
  // These signatures were nobody's: the world is to be shown the log's own checkpoint again.
  await adopt('3'.repeat(64), 0);
  await expectSoundLog(town);
});
