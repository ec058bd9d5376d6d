/** Erasing everything on the page: what it says before, that one tick is needed, and what the resident has in hand afterwards. */
import { parseVerifierKey } from '../../src/transparency-log/note-key.js';
import { verifyResidentReceipt } from '../../src/transparency-log/receipt.js';
import { Town, type DemoResident } from '../setup/a-town.js';
import { filled, formOf, textOf, Visitor } from './a-visitor.js';
import { closeSoundly } from '../setup/check-log.js';

let town: Town;
let resident: DemoResident;
let visitor: Visitor;
beforeAll(async () => {
  town = await Town.open();
  resident = town.resident(0);
  visitor = new Visitor(town.base, resident.session);
});
afterAll(() => closeSoundly(town));

async function rowsOf(table: string): Promise<number> {
  const { rows } = await town.admin.query<{ count: number }>(
    `SELECT count(*)::integer AS count FROM azukari.${table} WHERE resident_id = $1`,
    [resident.id],
  );
  return rows[0]!.count;
}

test('it says how much goes, what stays at whom, and how to stop without erasing; records lead to it', async () => {
  expect((await visitor.open('/my/records')).html).toContain('href="/my/erasure"');
  const { html } = await visitor.open('/my/erasure?lang=en');
  const text = textOf(html);
  expect(text).toContain(`Records of your data: ${(await rowsOf('vault_record')).toLocaleString('en-GB')} `);
  const { rows } = await town.admin.query<{ name: string }>(
    'SELECT DISTINCT r.name_en AS name FROM azukari.consent c JOIN azukari.recipient r ON r.id = c.recipient_id WHERE c.resident_id = $1 AND c.state <> $2',
    [resident.id, 'refused'],
  );
  expect(rows.length).toBeGreaterThan(0);
  for (const { name } of rows) expect(text).toContain(name);
  expect(html).toContain('href="/v1/me/identifier-key"');
  expect(text).toContain('withdraw your consents: that stops it at once');
  expect(html).not.toMatch(/<input type="checkbox"[^>]* checked/);
});

test('without the tick nothing is erased, and the page says what to do', async () => {
  const before = await rowsOf('vault_record');
  const answer = await visitor.send(formOf((await visitor.open('/my/erasure')).html, '/my/erasure'));
  expect(answer.status).toBe(422);
  expect(textOf(answer.html)).toContain('The confirmation is not ticked');
  expect([await rowsOf('vault_record'), (await rowsOf('consent')) > 0]).toEqual([before, true]);
});

test('from another site it is not done, tick or not', async () => {
  const form = filled(formOf((await visitor.open('/my/erasure')).html, '/my/erasure'), { confirm: 'erase-everything' });
  expect((await visitor.send({ ...form, fields: new URLSearchParams({ confirm: 'erase-everything' }) })).status).toBe(
    403,
  );
  expect((await visitor.send(form, { origin: 'https://elsewhere.example' })).status).toBe(403);
  expect(await rowsOf('vault_record')).toBeGreaterThan(0);
});

test('with the tick everything is gone; the page hands out a receipt that the public key proves, and nobody is signed in any more', async () => {
  const form = filled(formOf((await visitor.open('/my/erasure')).html, '/my/erasure'), { confirm: 'erase-everything' });
  const { status, html, headers } = await visitor.send(form);
  expect([status, headers.get('cache-control')]).toEqual([200, 'no-store']);
  expect(textOf(html)).toContain('Everything is erased');
  expect(html).not.toContain(resident.name);
  const file = /href="data:application\/json;base64,([^"]*)" download="azukari-erasure-(\d+)\.json"/.exec(html)!;
  const receipt: unknown = JSON.parse(Buffer.from(file[1]!, 'base64').toString());
  const { origin, vkey } = town.demo.log;
  const trust = { origin, logKeys: [parseVerifierKey(vkey)] };
  expect(verifyResidentReceipt(receipt, trust)).toMatchObject({ ok: true, index: Number(file[2]) });
  for (const table of ['vault_record', 'consent', 'pairwise']) expect([table, await rowsOf(table)]).toEqual([table, 0]);
  expect(await visitor.open('/my/uses')).toMatchObject({ status: 303 });
  // Whoever goes back and sends the form again is asked to sign in.
  expect(await new Visitor(town.base, resident.session).send(form)).toMatchObject({ status: 401 });
});

test('the board reads of it in the log without a name', async () => {
  const { html } = await new Visitor(town.base, town.demo.board[0]!.session).open('/board/log?lang=en');
  expect(textOf(html)).toContain('A resident erased everything that was kept about them');
  expect(html).not.toContain(resident.name);
});
