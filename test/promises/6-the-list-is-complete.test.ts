/** Promise 6: A resident can prove that the list of logged accesses to their data is complete. */
import { randomBytes } from 'node:crypto';
import type { CompletenessFile } from '../../src/transparency-log/completeness/completeness-file.js';
import { tagOf } from '../../src/transparency-log/tag.js';
import { decodePairwiseId } from '../../src/kernel/pairwise-id.js';
import type { Uuid } from '../../src/kernel/ids.js';
import { commitToDetail } from '../../src/residents/entry-detail.js';
import { ResidentKeysService } from '../../src/residents/resident-keys.service.js';
import { AtHome } from '../setup/a-completeness-check.js';
import { type DemoResident, type Line, must, Town } from '../setup/a-town.js';
import { closeSoundly, expectSoundLog } from '../setup/check-log.js';

let town: Town;
let home: AtHome;
let resident: DemoResident;
/** Whose data the clinic has read twice, and who was refused once. */
let pairwiseId: string;
let accesses: Line[];

async function open(): Promise<void> {
  town = await Town.open();
  home = await AtHome.of(town);
  resident = town.resident();
  const program = await town.program();
  await home.indexed();
  const consent = await town.give(resident, program);
  ({ pairwiseId } = consent);
  const reader = await town.reader(program);
  accesses = await town.linesOf(async () => {
    must(await reader.read(pairwiseId));
    must(await reader.read(pairwiseId));
    must(await town.withdraw(resident, consent.consentId));
    expect(await reader.outcome(pairwiseId)).toBe('consent-withdrawn');
  });
}

const kindsOf = (lines: readonly Line[]) => lines.map(({ t }) => t);

describe('an honest operator', () => {
  beforeAll(open);
  afterAll(() => closeSoundly(town));

  test('what is not indexed yet is not claimed, and the files say so', async () => {
    const before = await home.claimed(resident);
    const { printed } = await home.verifyFile(resident, await home.completenessFile(resident));
    expect(printed).toMatch(/- entries \d+ to \d+: they are not indexed yet/);
    expect(printed).not.toContain(`entry ${accesses[0]!.index},`);
    await home.indexed();
    const after = await home.claimed(resident);
    expect(new Date(after.upTo!).getTime()).toBeGreaterThanOrEqual(new Date(before.upTo!).getTime());
  });

  test('the page says up to when the list is complete, and the resident proves it at home with two files and the public key', async () => {
    const { to } = await home.indexed();
    expect(kindsOf(accesses)).toEqual(['provision', 'provision', 'consent', 'refusal']);
    const claimed = await home.claimed(resident);
    expect(claimed).toMatchObject({ unlisted: [], foreign: [], isProved: true });
    expect(new Date(claimed.upTo!).getTime()).toBeLessThanOrEqual(Date.now());
    const { text: page } = await town.http.ask(town.base, { path: '/my/uses', headers: { cookie: resident.session } });
    expect(page.replace(/<[^>]*>/g, '')).toMatch(/\d時\d+分までの利用記録にもれがないことを確認済み/);

    const { exitCode, printed } = await home.verifyFile(resident, await home.completenessFile(resident));
    expect(exitCode).toBe(0);
    for (const { index, t } of accesses)
      expect(printed).toMatch(new RegExp(`^ {2}entry ${index}, .*: ${t}, hamakaze-clinic`, 'm'));
    // Also those who were never consented to, and the pseudo-recipient of the resident's own acts.
    for (const { id } of town.demo.recipients) expect(printed).toContain(` ${id} (entry `);
    expect(printed).toContain('self (entry 2)');
    expect(printed).toContain(`all entries that the indexes of entries 0 to ${to - 1} name`);
    expect(printed).toMatch(/not checked:\n {2}- that no organisation is missing above/);

    expect(await home.verifyFile(resident, await home.completenessFile(resident), { log: true })).toMatchObject({
      exitCode: 0,
    });
    expect(await home.searchLog(resident)).toMatchObject({ exitCode: 0 });
    expect(await home.audit('index')).toMatchObject({ exitCode: 0 });
    await expectSoundLog(town);
  });

  test('the key is given to the resident alone, and says to whom it must not be given', async () => {
    const ask = (cookie?: string) =>
      town.http.ask(town.base, { path: '/v1/me/identifier-key', headers: cookie ? { cookie } : {} });
    expect((await ask()).status).toBe(401);
    expect((await ask(town.demo.board[0]!.session)).status).toBe(403);
    const { headers } = await fetch(`${town.base}/v1/me/identifier-key`, { headers: { cookie: resident.session } });
    expect(headers.get('cache-control')).toBe('no-store');
    const answer = must(await ask(resident.session));
    expect(answer.json).toMatchObject({ type: 'azukari-identifier-key', version: 1, origin: town.demo.log.origin });
    expect(answer.text).toContain('Do not give it to a recipient');
  });

  test('with the key of somebody else nothing is proved', async () => {
    await home.indexed();
    const file = await home.write('theirs.json', JSON.stringify(await home.completenessFile(resident)));
    const { exitCode, printed } = await home.verify('subject', file, ...(await home.key(town.resident(1))));
    expect(exitCode).toBe(1);
    expect(printed).toContain('FOUND absence-not-proved');
  });
});

describe('a captured process that consents in a resident’s name', () => {
  beforeAll(open);
  afterAll(() => closeSoundly(town));

  test('under an id that is not made of the resident’s key: the page names the recipient, for no proof holds what stands under it', async () => {
    const { rows } = await town.admin.query<{ id: Uuid; login: string; recipient: string }>(
      `SELECT r.id, r.login, o.id AS recipient FROM azukari.resident r, azukari.recipient o
       WHERE r.login = ANY ($1) AND r.age_band = 'adult' AND o.id = ANY ($2)
         AND NOT EXISTS (SELECT FROM azukari.pairwise w WHERE w.resident_id = r.id AND w.recipient_id = o.id) LIMIT 1`,
      [town.demo.residents.map(({ login }) => login), town.demo.recipients.map(({ id }) => id)],
    );
    const { id, login, recipient } = rows[0]!;
    const program = await town.program(recipient);
    const items = program.items.map(({ purpose, category }) => `${purpose}/${category}`).sort();
    const keys = await town.city.service.app.get(ResidentKeysService).require(id);
    const { commitment, sealed } = commitToDetail(keys, id, { consent: 'invented' });
    await town.city.service.pool.query(
      `SELECT azukari.give_consent($1, gen_random_uuid(), $2, 1, 'active', $3, NULL, $4, 'ja', 'v1', 'x', $4, $5, $6, NULL)`,
      [id, program.id, items, randomBytes(32), commitment, sealed],
    );
    const surprised = town.demo.residents.find((one) => one.login === login)!;
    expect(await home.claimed(surprised)).toMatchObject({ foreign: [recipient] });
    const { text: page } = await town.http.ask(town.base, { path: '/my/uses', headers: { cookie: surprised.session } });
    expect(page).toContain('あなたのものではない仮IDで登録された提供先があります');
    expect(page).not.toContain('確認済み');
  });
});

describe('an operator who hides one access from the list', () => {
  beforeAll(async () => {
    await open();
    await home.indexed();
  });
  afterAll(() => closeSoundly(town));

  test('by taking it off the page: the page says which entry is missing, for the index names it', async () => {
    const { index } = accesses[1]!;
    const { rows } = await town.admin.query('DELETE FROM azukari.entry_detail WHERE idx = $1 RETURNING *', [index]);
    expect(await home.claimed(resident)).toMatchObject({ unlisted: [{ log: null, index }] });
    const { text: page } = await town.http.ask(town.base, { path: '/my/uses', headers: { cookie: resident.session } });
    expect(page).toContain(
      `利用記録の${index.toLocaleString('en-GB')}番はあなたについての記録ですが、この一覧に載っていません。`,
    );
    expect(page).not.toContain('確認済み');
    const [{ resident_id, idx, sealed }] = rows as [{ resident_id: string; idx: number; sealed: Buffer }];
    await town.admin.query('INSERT INTO azukari.entry_detail (resident_id, idx, sealed) VALUES ($1, $2, $3)', [
      resident_id,
      idx,
      sealed,
    ]);
    // And the file still shows it.
    expect((await home.verifyFile(resident, await home.completenessFile(resident))).printed).toContain(
      `entry ${index},`,
    );
  });

  const hidden = () => accesses[1]!.index;
  const without = (file: CompletenessFile, index: number) => file.entries.filter((entry) => entry.index !== index);
  const ownLeaf = (file: CompletenessFile) =>
    file.indexes.at(-1)!.leaves.find(({ indices }) => indices?.includes(hidden()))!;
  const withLeaves = (file: CompletenessFile, leaves: CompletenessFile['indexes'][number]['leaves']) => ({
    ...file,
    indexes: [...file.indexes.slice(0, -1), { ...file.indexes.at(-1)!, leaves }],
  });

  const ways: [string, (file: CompletenessFile) => CompletenessFile, () => string | RegExp][] = [
    [
      'the entry is left out',
      (file) => ({ ...file, entries: without(file, hidden()) }),
      () => `FOUND entry-hidden at entry ${hidden()}`,
    ],
    [
      'the entry is left out of the list of its tag',
      (file) => {
        const leaves = file.indexes
          .at(-1)!
          .leaves.map((leaf) =>
            leaf.indices ? { ...leaf, indices: leaf.indices.filter((index) => index !== hidden()) } : leaf,
          );
        return withLeaves({ ...file, entries: without(file, hidden()) }, leaves);
      },
      () =>
        /FOUND presence-not-proved at entries \d+ to \d+, hamakaze-clinic, \d{4}-\d{2}: .*not the entries that the leaf was made of/,
    ],
    [
      'the tag is denied',
      (file) => {
        const own = ownLeaf(file);
        const leaves = file.indexes.at(-1)!.leaves.filter((leaf) => leaf !== own);
        return withLeaves(
          { ...file, entries: file.entries.filter(({ index }) => !own.indices!.includes(index)) },
          leaves,
        );
      },
      () => /FOUND absence-not-proved at entries \d+ to \d+, hamakaze-clinic, \d{4}-\d{2}/,
    ],
    [
      'another entry is shown in its place',
      (file) => ({ ...file, entries: [...without(file, hidden()), { ...file.organisations[0]!, index: hidden() }] }),
      () => /FOUND not-included at .*: .*entry \d+ of \d+ is another one/,
    ],
    [
      'the first index is left out',
      (file) => ({ ...file, indexes: file.indexes.slice(1) }),
      () => /FOUND index-missing at entry \d+/,
    ],
    [
      'every index is left out',
      (file) => ({ ...file, indexes: [], entries: [] }),
      () => 'FOUND index-missing at indexes',
    ],
    [
      'the resident’s own acts are left out',
      (file) => ({ ...file, organisations: file.organisations.filter(({ entry }) => !entry.includes('"self"')) }),
      () => 'FOUND organisation-missing at organisations',
    ],
    [
      'the index is dressed up',
      (file) => ({
        ...file,
        indexes: file.indexes.map((part) => ({
          ...part,
          index: { ...part.index, entry: part.index.entry.replace('"n":', '"n":1') },
        })),
      }),
      () => /FOUND not-included/,
    ],
  ];

  test.each(ways)('by a file in which %s: the verifier at home names the place', async (_way, forge, found) => {
    const { exitCode, printed } = await home.verifyFile(resident, forge(await home.completenessFile(resident)));
    expect(exitCode).toBe(1);
    const expected = found();
    if (typeof expected === 'string') expect(printed).toContain(expected);
    else expect(printed).toMatch(expected);
  });

  test('by a file without the whole organisation: the file says what it asked, and whoever has the log sees what is missing', async () => {
    const file = await home.completenessFile(resident);
    const isClinic = ({ entry }: { entry: string }) => entry.includes('"hamakaze-clinic"');
    const forged = {
      ...file,
      organisations: file.organisations.filter((entry) => !isClinic(entry)),
      entries: file.entries.filter((entry) => !isClinic(entry)),
    };
    const alone = await home.verifyFile(resident, forged);
    expect(alone.exitCode).toBe(0);
    expect(alone.printed).not.toContain('hamakaze-clinic');
    expect(alone.printed).toContain('that no organisation is missing above');
    const registeredBy = file.organisations.find(isClinic)!.index;
    expect((await home.audit('index')).printed).toContain(`hamakaze-clinic (entry ${registeredBy})`);
    const { exitCode, printed } = await home.verifyFile(resident, forged, { log: true });
    expect(exitCode).toBe(1);
    expect(printed).toContain(`FOUND organisation-missing at entry ${registeredBy}`);
    expect(printed).toContain(`FOUND entry-hidden at entry ${hidden()}`);
  });
});

/** As a superuser: writes the next index by hand, over everything but one entry, with all that belongs to it. */
async function indexWithout(hidden: number): Promise<number> {
  await town.admin.query(`
    BEGIN;
    CREATE TEMPORARY TABLE kept AS SELECT entry FROM azukari.log_entry WHERE idx = ${hidden};
    ALTER TABLE azukari.log_entry DROP CONSTRAINT leaf_hash_is_of_the_entry;
    UPDATE azukari.log_entry SET entry = replace(entry, '"tag":', '"gat":') WHERE idx = ${hidden};
    SELECT azukari.append_index(NULL);
    UPDATE azukari.log_entry SET entry = (SELECT entry FROM kept) WHERE idx = ${hidden};
    COMMIT`);
  const { rows } = await town.admin.query<{ entry: number }>('SELECT max(entry_idx) AS entry FROM azukari.index_range');
  await home.published(rows[0]!.entry);
  return rows[0]!.entry;
}

describe('an operator who writes what is wrong into the log', () => {
  beforeEach(open);
  afterEach(() => town.close());

  test('an operator who drops an access from the index itself deceives page and file, and is found by anybody who recomputes it', async () => {
    town.city.databases.leaveUnchecked('its index is forged');
    const { index } = accesses[1]!;
    const indexEntry = await indexWithout(index);
    // All proofs are made from the forged index: the resident alone cannot see it, and is told so.
    const file = await home.completenessFile(resident);
    const alone = await home.verifyFile(resident, file);
    expect(alone).toMatchObject({ exitCode: 0 });
    expect(alone.printed).not.toContain(`entry ${index},`);
    expect(alone.printed).toContain('that the indexes name every entry of the log');
    for (const what of ['index', 'log'] as const) {
      const { exitCode, printed } = await home.audit(what);
      expect(exitCode).toBe(1);
      expect(printed).toMatch(
        new RegExp(`^FOUND index-root-differs at entry ${indexEntry}: .*tags of entries \\d+ to \\d+`, 'm'),
      );
    }
    const held = await home.verifyFile(resident, file, { log: true });
    expect(held.printed).toContain(`FOUND entry-hidden at entry ${index}`);
    expect((await home.searchLog(resident)).printed).toContain(`entry ${index},`);
  });

  test('an operator who dates an access back into another month is found by the order of time, and the resident finds the entry', async () => {
    town.city.databases.leaveUnchecked('an entry is dated back');
    await home.indexed();
    const at = `${new Date(Date.now() - 100 * 86_400_000).toISOString().slice(0, 16)}Z`;
    const { text, tag } = accesses[0]!;
    const entry = text
      .replace(/"at":"[^"]*"/, `"at":"${at}"`)
      .replace(String(tag), tagOf(decodePairwiseId(pairwiseId)!, at));
    const { rows } = await town.admin.query<{ idx: number }>('SELECT azukari.append_entry($1) AS idx', [entry]);
    const index = rows[0]!.idx;
    await home.indexed();

    const alone = await home.verifyFile(resident, await home.completenessFile(resident));
    expect(alone.printed).not.toContain(`entry ${index},`);
    expect(alone.printed).toContain('no entry is dated into another month');
    const { exitCode, printed } = await home.searchLog(resident);
    expect(exitCode).toBe(1);
    expect(printed).toMatch(new RegExp(`^ {2}entry ${index}, ${at}: provision, hamakaze-clinic`, 'm'));
    expect(printed).toContain(`FOUND time-goes-back at entry ${index}`);
  });
});
