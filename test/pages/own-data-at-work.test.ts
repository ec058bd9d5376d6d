/** Looking at one's own data and taking it out, on the pages: what is read, what the list says afterwards, and what is in the file. */
import { createHash } from 'node:crypto';
import { compactVerify, createLocalJWKSet, type JSONWebKeySet } from 'jose';
import { strFromU8, unzipSync } from 'fflate';
import { parseVerifierKey } from '../../src/transparency-log/note-key.js';
import { verifyResidentReceipt } from '../../src/transparency-log/receipt.js';
import { commitmentOf } from '../../src/transparency-log/tag.js';
import { type DemoResident, must, steps, Town } from '../setup/a-town.js';
import { closeSoundly } from '../setup/check-log.js';
import { formOf, textOf, Visitor } from './a-visitor.js';

let town: Town;
let resident: DemoResident;
let visitor: Visitor;
beforeAll(async () => {
  town = await Town.open();
  resident = town.resident(0);
  visitor = new Visitor(town.base, resident.session);
  must(await town.deposit('minatono-steps', 'activity.steps', [steps(resident, 7654, '2026-02-03')]));
});
afterAll(() => closeSoundly(town));

async function openSteps(language: 'ja' | 'en') {
  const { html } = await visitor.open(`/my/records?lang=${language}`);
  const forms = html
    .split('<form ')
    .slice(1)
    .map((form) => `<form ${form.split('</form>', 1)[0]!}</form>`);
  const form = forms.find((one) => one.includes('value="activity.steps"'))!;
  return visitor.send(formOf(form, '/my/records/data'));
}

test.each([
  ['ja' as const, '歩数', '中身'],
  ['en' as const, 'Number of steps', 'Inside'],
])(
  'a category is read field by field (%s), and the list of uses says that it was seen',
  async (language, field, title) => {
    const { status, html, headers } = await openSteps(language);
    expect(status).toBe(200);
    expect(textOf(html)).toContain(title);
    expect(textOf(html)).toMatch(new RegExp(`${field}7654`));
    expect(headers.get('cache-control')).toContain('no-store');
    const list = (await visitor.open(`/my/uses?lang=${language}`)).html;
    const [, address = '', index] = /href="(\/my\/uses\/(\d+)\/receipt)"/.exec(list) ?? [];
    const receipt = await visitor.open(address);
    expect(receipt.headers.get('content-disposition')).toBe(`attachment; filename="azukari-access-${index}.json"`);
    const uses = textOf(list);
    expect(uses).toContain(
      { ja: '閲覧あなた（本人としてサインインした人）', en: 'ViewedYou (whoever was signed in here as you)' }[language],
    );
  },
);

test('another site cannot have it opened, and an address alone opens nothing', async () => {
  const lines = await town.linesOf(async () => {
    expect(
      (await visitor.send({ action: '/my/records/data', fields: new URLSearchParams({ category: 'activity.steps' }) }))
        .status,
    ).toBe(403);
    const form = formOf((await visitor.open('/my/records')).html, '/my/records/export');
    expect((await visitor.send(form, { origin: 'https://elsewhere.example' })).status).toBe(403);
    for (const path of ['/my/records/data', '/my/records/export']) {
      expect(await visitor.open(path)).toMatchObject({ status: 303, location: '/my/records' });
    }
  });
  expect(lines).toEqual([]);
});

test('the file holds everything that is kept, a page to read, and a signature over all of it that anyone can check', async () => {
  const form = formOf((await visitor.open('/my/records?lang=ja')).html, '/my/records/export');
  const answer = await fetch(`${town.base}${form.action}`, {
    ...{ method: 'POST', body: form.fields },
    headers: { origin: town.base, cookie: resident.session, 'sec-fetch-site': 'same-origin' },
  });
  expect(answer.headers.get('content-disposition')).toMatch(/^attachment; filename="azukari-\d{4}-\d\d-\d\d\.zip"$/);
  const files = unzipSync(new Uint8Array(await answer.arrayBuffer()));
  const text = (name: string) => strFromU8(files[name]!);
  const { rows } = await town.admin.query<{ records: number; consents: number; entries: number }>(
    `SELECT (SELECT count(*)::integer FROM azukari.vault_record WHERE resident_id = $1) AS records,
       (SELECT count(*)::integer FROM azukari.consent WHERE resident_id = $1) AS consents,
       (SELECT count(*)::integer FROM azukari.entry_detail WHERE resident_id = $1) AS entries`,
    [resident.id],
  );
  const linked = JSON.parse(text('records.jsonld')) as { 'dct:hasPart': { 'dct:identifier': string }[] };
  expect(linked['dct:hasPart']).toHaveLength(rows[0]!.records);
  expect(Object.keys(files).filter((name) => name.startsWith('consents/'))).toHaveLength(rows[0]!.consents);
  const entries = JSON.parse(text('uses.json')) as { entry: string; nonce: string; detail: string }[];
  expect(entries).toHaveLength(rows[0]!.entries);
  for (const { entry, nonce, detail } of entries) {
    expect((JSON.parse(entry) as { commitment: string }).commitment).toBe(
      commitmentOf(Buffer.from(nonce, 'base64url'), detail),
    );
  }
  const { json } = must(await town.http.ask(town.base, { path: '/v1/me', headers: { cookie: resident.session } }));
  expect(JSON.parse(text('registration.json'))).toMatchObject({
    name: json.name,
    removedNumbers: expect.any(Array) as unknown,
  });
  expect(textOf(text('index.html'))).toContain('7654');
  expect(text('index.html')).not.toMatch(/<script|<link|\ssrc=|\shref=/);
  const { log } = town.demo;
  const trust = { origin: log.origin, logKeys: [parseVerifierKey(log.vkey)] };
  expect(verifyResidentReceipt(text('receipt.json'), trust)).toMatchObject({ ok: true, entry: { t: 'export' } });

  const keys = (await (await fetch(`${town.base}/.well-known/azukari-receipt-keys`)).json()) as JSONWebKeySet;
  const { payload, protectedHeader } = await compactVerify(text('manifest.jws'), createLocalJWKSet(keys));
  expect(protectedHeader.typ).toBe('azukari-export-manifest+jws');
  const manifest = JSON.parse(Buffer.from(payload).toString('utf8')) as Record<string, unknown>;
  expect(manifest).toMatchObject({ issuer: town.base, log: log.origin });
  const others = Object.entries(files).filter(([name]) => name !== 'manifest.jws');
  expect(manifest.sha256).toEqual(
    Object.fromEntries(others.map(([name, bytes]) => [name, createHash('sha256').update(bytes).digest('hex')])),
  );
});
