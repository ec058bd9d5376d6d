/**
 * Promise 9: Erasure leaves no readable copy in our keeping but the record the law demands, under its own key until its own date; and the log
 * still verifies.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { asAdmin } from '../../src/database/migrate.js';
import { tagOf } from '../../src/transparency-log/tag.js';
import { StatutorySweeper } from '../../src/vault/statutory-sweeper.service.js';
import { AtHome } from '../setup/a-completeness-check.js';
import { type AReceipt, linesOf, type Reader } from '../setup/a-reader.js';
import { type AProgram, type DemoResident, must, steps, Town } from '../setup/a-town.js';
import { closeSoundly } from '../setup/check-log.js';
import { everythingStored } from '../setup/everything-stored.js';

let town: Town;
let home: AtHome;
let program: AProgram;
let reader: Reader;
/** Two nodes on one database, which know nothing of one another. */
let nodeA: string;
let nodeB: string;

beforeAll(async () => {
  town = await Town.open();
  home = await AtHome.of(town);
  nodeA = town.base;
  nodeB = (await town.anotherNode()).base;
  program = await town.program();
  reader = await town.reader(program);
});
afterAll(() => closeSoundly(town));

const confirmed = { confirm: 'erase-everything' };

function erase({ session }: DemoResident, node = nodeA, body: object = confirmed) {
  return town.http.ask(node, { method: 'POST', path: '/v1/me/erasure', headers: { cookie: session }, body });
}

function own({ session }: DemoResident, act: 'access' | 'export', body: object) {
  return town.http.ask(nodeA, { method: 'POST', path: `/v1/me/${act}`, headers: { cookie: session }, body });
}

async function keysOf({ id }: DemoResident): Promise<unknown[]> {
  const { rows } = await asAdmin(town.city.databases.keysAdminUrl, (client) =>
    client.query(
      `SELECT (SELECT count(*)::integer FROM azukari_keys.resident_key WHERE resident_id = $1) AS keys,
        (SELECT count(*)::integer FROM azukari_keys.tombstone WHERE resident_id = $1) AS tombstones`,
      [id],
    ),
  );
  return rows;
}

describe('a resident who has erased everything', () => {
  const resident = () => town.resident(0);
  let pairwiseId: string;
  let names: string[];
  let before: string;
  let provided: number;
  let key: string[];
  let uses: number;
  let answer: { erasedAt: string; logIndex: number; receipt: AReceipt };

  beforeAll(async () => {
    ({ pairwiseId } = await town.give(resident(), program));
    must(await town.deposit('minatono-steps', 'activity.steps', [steps(resident(), 7654, '2026-02-03')]));
    for (const node of [nodeA, nodeB]) must(await reader.read(pairwiseId, {}, node));
    must(await own(resident(), 'access', { category: 'activity.steps' }));
    must(await own(resident(), 'export', {}));
    key = await home.key(resident());
    const known = await town.http.ask(nodeB, {
      path: '/v1/me/uses?limit=200',
      headers: { cookie: resident().session },
    });
    uses = (must(known).json.uses as { entry: { t: string } }[]).filter(({ entry }) => entry.t === 'provision').length;
    const { rows } = await town.admin.query<{ name: string }>(
      `SELECT encode(pairwise_id, 'hex') AS name FROM azukari.pairwise WHERE resident_id = $1
       UNION SELECT encode(link_id, 'hex') FROM azukari.deposit_authorisation WHERE resident_id = $1
       UNION SELECT id::text FROM azukari.consent WHERE resident_id = $1
       UNION SELECT id::text FROM azukari.vault_record WHERE resident_id = $1`,
      [resident().id],
    );
    names = [...rows.map(({ name }) => name), resident().id, resident().login, pairwiseId];
    before = await everythingStored(town.admin, ['erasure']);
    provided = await statutoryRecords();
    answer = must(await erase(resident())).json as never;
  });

  /** Of everybody: nothing in them can be told apart without their key. */
  async function statutoryRecords(): Promise<number> {
    const { rows } = await town.admin.query<{ count: number }>(
      'SELECT count(*)::integer AS count FROM statutory.provision_record',
    );
    return rows[0]!.count;
  }

  test('is to every recipient on every node like somebody who was never there', async () => {
    const nobody = Buffer.alloc(32, 7).toString('base64url');
    for (const node of [nodeA, nodeB, nodeA, nodeB]) {
      const [erased, never] = [await reader.read(pairwiseId, {}, node), await reader.read(nobody, {}, node)];
      expect([erased.status, erased.code]).toEqual([403, 'no-consent']);
      expect(erased.text).toBe(never.text);
      expect(must(await reader.list({}, node)).json.residents).not.toContain(pairwiseId);
      const streamed = linesOf(must(await reader.stream({}, node)));
      expect(streamed.map((line) => line.pairwiseId)).not.toContain(pairwiseId);
    }
  });

  test('is signed in no more, and nobody can sign in as them', async () => {
    const cookie = resident().session;
    for (const path of ['/v1/me', '/v1/consents', '/v1/me/identifier-key'])
      expect((await town.http.ask(nodeB, { path, headers: { cookie } })).code).toBe('sign-in-required');
    const { text } = await town.http.ask(nodeA, { path: '/sign-in' });
    expect(text).toContain(town.resident(1).login);
    expect(text).not.toContain(resident().login);
  });

  test('is named by no row of the database, whatever was known of them before', async () => {
    for (const name of names) expect([name, before.includes(name)]).toEqual([name, name !== pairwiseId]);
    await finished(resident());
    const after = await everythingStored(town.admin, ['erasure']);
    expect(names.filter((name) => after.includes(name))).toEqual([]);
  });

  test('has no key any more, so that no copy of what was sealed can be opened, and stands in the journal outside all backups', async () => {
    expect(await keysOf(resident())).toEqual([{ keys: 0, tombstones: 1 }]);
    const journal = await readFile(join(town.city.directories.journalDirectory, 'withdrawals.ndjson'), 'utf8');
    expect(journal).toContain(`"kind":"erasure","residentId":"${resident().id}"`);
  });

  test('leaves the record of each provision that the law demands, under its own key', async () => {
    expect(provided).toBeGreaterThanOrEqual(2);
    expect(await statutoryRecords()).toBe(provided);
    const { rows } = await town.admin.query<{ period: string; years: number }>(
      `SELECT DISTINCT key_period AS period, extract(year FROM age(keep_until, current_date))::integer AS years FROM statutory.provision_record`,
    );
    for (const { period, years } of rows) {
      expect([2, 3]).toContain(years);
      const keys = await asAdmin(town.city.databases.keysAdminUrl, (client) =>
        client.query('SELECT FROM azukari_keys.statutory_key WHERE period = $1', [period]),
      );
      expect(keys.rowCount).toBe(1);
    }
  });

  test('has an entry of their own in the log, and finds with the key they kept every access that ever was, and the erasure', async () => {
    const line = (await town.log()).find(({ index }) => index === answer.logIndex)!;
    expect(line).toMatchObject({ t: 'erasure', recipient: 'self' });
    expect(line.text).toBe(answer.receipt.entry);
    const { pairwiseId: own } = JSON.parse(answer.receipt.detail) as { pairwiseId: string };
    expect(tagOf(Buffer.from(own, 'base64url'), line.at as string)).toBe(line.tag);
    await home.indexed();
    const { exitCode, printed } = await home.verify('subject', `${town.base}/log`, ...key);
    expect([exitCode, printed]).toEqual([0, expect.stringContaining(`entry ${answer.logIndex},`)]);
    expect(printed.match(/: provision, /g)).toHaveLength(uses);
    expect(printed).toMatch(/: erasure, self/);
    const receipt = await home.write('erasure.json', JSON.stringify(answer.receipt));
    const verdict = await home.verify('receipt', receipt);
    expect([verdict.exitCode, verdict.printed]).toEqual([0, expect.stringContaining('one resident was erased')]);
    const changed = { ...answer.receipt, detail: answer.receipt.detail.replace('true', 'false') };
    expect(await home.verify('receipt', await home.write('changed.json', JSON.stringify(changed)))).toMatchObject({
      ...{ exitCode: 1, printed: expect.stringContaining('wrong-commitment') as string },
    });
  });

  test('is not deposited for any more: the source is told that nobody has authorised it', async () => {
    const late = must(await town.deposit('minatono-steps', 'activity.steps', [steps(resident(), 1, '2026-02-04')]));
    expect(late.json).toMatchObject({ items: [{ outcome: 'not-authorised' }], logIndex: null });
  });
});

/** Two minutes pass, as far as this erasure knows: what was under way goes as well. */
async function finished({ id }: DemoResident): Promise<void> {
  await town.admin.query(
    `UPDATE azukari.erasure SET erased_at = erased_at - interval '3 minutes' WHERE resident_id = $1`,
    [id],
  );
  for (let attempt = 0; attempt < 300; attempt += 1) {
    const { rows } = await town.admin.query<{ finished: boolean }>(
      'SELECT finished_at IS NOT NULL AS finished FROM azukari.erasure WHERE resident_id = $1',
      [id],
    );
    if (rows[0]!.finished) return;
    await pause(50);
  }
  throw new Error('the erasure was not finished');
}

describe('asking for it', () => {
  test.each([
    ['nothing', {}],
    ['another word', { confirm: 'yes' }],
    ['more than the word', { ...confirmed, resident: 'somebody else' }],
  ])('says %s: nothing is erased', async (_what, body) => {
    const { status } = await erase(town.resident(1), nodeA, body);
    expect(status).toBe(400);
    expect(await keysOf(town.resident(1))).toEqual([{ keys: 1, tombstones: 0 }]);
  });

  test('a stranger and a board member are refused', async () => {
    const path = '/v1/me/erasure';
    expect((await town.http.ask(nodeA, { method: 'POST', path, body: confirmed })).code).toBe('sign-in-required');
    const headers = { cookie: town.demo.board[0]!.session };
    expect((await town.http.ask(nodeA, { method: 'POST', path, headers, body: confirmed })).status).toBe(403);
  });

  test('many times at once: one erasure, one entry, and nobody hears of an error of ours', async () => {
    const lines = await town.linesOf(async () => {
      const answers = await Promise.all(
        [...Array(6).keys()].map((n) => erase(town.resident(1), n % 2 ? nodeA : nodeB)),
      );
      for (const { status } of answers) expect([200, 401]).toContain(status);
      expect(answers.some(({ status }) => status === 200)).toBe(true);
    });
    expect(lines.filter(({ t }) => t === 'erasure')).toHaveLength(1);
  });
});

test('while both nodes are read, deposited to and consented on, it stands still for nobody: each answer is right, and none after it has data', async () => {
  const residents = [2, 3, 4].map((number) => town.resident(number));
  const other = await town.give(town.resident(5), program);
  const wrong: string[] = [];
  const note = (what: string, outcome: number | string, allowed: readonly (number | string)[]) => {
    if (!allowed.includes(outcome)) wrong.push(`${what}: ${outcome}`);
  };
  await Promise.all(
    residents.map(async (resident, position) => {
      const { pairwiseId, consentId } = await town.give(resident, program);
      const nodes = [nodeA, nodeB];
      let isOver = false;
      const busy = nodes.flatMap((node, n) => [
        (async () => {
          while (!isOver)
            note('read', await reader.outcome(pairwiseId, {}, node), [
              200,
              'no-consent',
              'unavailable',
              'log-unavailable',
              'consent-withdrawn',
            ]);
        })(),
        (async () => {
          while (!isOver) note('read of another', await reader.outcome(other.pairwiseId, {}, node), [200]);
        })(),
        (async () => {
          for (let day = 1; !isOver; day += 1) {
            const date = `2026-03-${String((day % 28) + 1).padStart(2, '0')}`;
            const { status } = await town.deposit('minatono-steps', 'activity.steps', [
              steps(resident, day, date, `${n} ${day}`),
            ]);
            note('deposit', status, [200]);
          }
        })(),
        (async () => {
          while (!isOver) {
            const body = { program: program.id, decision: 'give', items: program.items };
            const { status } = await town.answer(resident, body, {}, node);
            note('consent', status, [201, 401, 404, 503]);
          }
        })(),
      ]);
      await pause(300);
      const withdrawn = town.withdraw(resident, consentId, nodes[(position + 1) % 2]);
      const erased = await erase(resident, nodes[position % 2]);
      note('erasure', erased.status, [200]);
      for (const node of nodes) note('read after', await reader.outcome(pairwiseId, {}, node), ['no-consent']);
      await pause(200);
      isOver = true;
      await Promise.all(busy);
      note('withdrawal', (await withdrawn).status, [200, 401, 404, 409]);
      for (const node of nodes) note('last read', await reader.outcome(pairwiseId, {}, node), ['no-consent']);
    }),
  );
  expect(wrong).toEqual([]);
  for (const resident of residents) {
    await finished(resident);
    const after = await everythingStored(town.admin, ['erasure']);
    expect(after.includes(resident.id)).toBe(false);
  }
}, 60_000);

test('what a process that was killed halfway has left is taken up by whoever runs: journal and keys follow', async () => {
  const resident = town.resident(6);
  expect(await keysOf(resident)).toEqual([{ keys: 1, tombstones: 0 }]);
  // The first step alone, as it stands when the process dies behind its commit. From here on the sweeps of two nodes may come at any moment.
  await asAdmin(town.city.databases.appUrl, (client) =>
    client.query('SELECT azukari.erase_resident($1, $2)', [resident.id, Buffer.alloc(32, 1)]),
  );
  for (let attempt = 0; attempt < 200; attempt += 1) {
    if (JSON.stringify(await keysOf(resident)) === '[{"keys":0,"tombstones":1}]') break;
    await pause(50);
  }
  expect(await keysOf(resident)).toEqual([{ keys: 0, tombstones: 1 }]);
  const journal = await readFile(join(town.city.directories.journalDirectory, 'withdrawals.ndjson'), 'utf8');
  expect(journal).toContain(`"kind":"erasure","residentId":"${resident.id}"`);
}, 30_000);

test('the record that the law demands goes on its own date, and so does the key of its month', async () => {
  const yesterday = "(clock_timestamp() AT TIME ZONE interval '9 hours')::date - 1";
  await town.admin.query(
    `UPDATE statutory.provision_record SET keep_until = ${yesterday}
     WHERE entry_idx IN (SELECT entry_idx FROM statutory.provision_record ORDER BY entry_idx LIMIT 3)`,
  );
  const count = 'SELECT count(*)::integer AS count FROM statutory.provision_record';
  const before = (await town.admin.query<{ count: number }>(count)).rows[0]!.count;
  const wrapped = 'INSERT INTO azukari_keys.statutory_key (period, key_wrapped, keep_until) VALUES';
  const periods = "SELECT period FROM azukari_keys.statutory_key WHERE period IN ('2021-03', '2022-03') ORDER BY 1";
  await asAdmin(town.city.databases.keysAdminUrl, (client) =>
    client.query(`${wrapped} ('2021-03', '', ${yesterday}), ('2022-03', '', ${yesterday} + 1)`),
  );
  expect(await town.city.service.app.get(StatutorySweeper, { strict: false }).sweep()).toBe(3);
  expect((await town.admin.query<{ count: number }>(count)).rows[0]!.count).toBe(before - 3);
  const left = await asAdmin(town.city.databases.keysAdminUrl, (client) => client.query<{ period: string }>(periods));
  expect(left.rows).toEqual([{ period: '2022-03' }]);
});

test('however many are due, and whatever stands among them that is not yet, all of them go', async () => {
  const record = `INSERT INTO statutory.provision_record (entry_idx, recipient_id, key_period, keep_until, sealed)
    SELECT n, 'hamakaze-clinic', '2022-03', current_date + days, '' FROM`;
  await town.admin.query(`${record} unnest(ARRAY[-20000, -14000, -8000], ARRAY[400, 400, 400]) AS later (n, days)`);
  await town.admin.query(
    `${record} generate_series(-19999, -7000) AS n, (SELECT -400 AS days) AS past ON CONFLICT DO NOTHING`,
  );
  expect(await town.city.service.app.get(StatutorySweeper, { strict: false }).sweep()).toBe(12_998);
  await town.admin.query('DELETE FROM statutory.provision_record WHERE entry_idx < 0');
});
