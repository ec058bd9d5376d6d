/** The pages do their work through forms alone: signing in, consenting, withdrawing, deciding, suspending; and take no form that is not theirs. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runVerify } from '../../src/transparency-log/verify-command.js';
import { openPool } from '../../src/database/pool.js';
import { verifyReceipt } from '../../src/transparency-log/receipt.js';
import { parseTrust } from '../../src/transparency-log/checkpoint.js';
import type { DemoFile } from '../../src/demo/demo-file.js';
import { tour } from '../../src/demo/tour.js';
import { aDemoCity, type DemoCity } from '../setup/demo-city.js';
import { filled, formOf, textOf, Visitor } from './a-visitor.js';
import { stopSoundly } from '../setup/check-log.js';
import { aTemporaryDirectory } from '../setup/leftovers.js';

let city: DemoCity;
let demo: DemoFile;
/** How many uses the first resident's page shows before the tour. */
let usesBefore: number;

beforeAll(async () => {
  city = await aDemoCity();
  demo = city.demo;
  usesBefore = await usesOf(demo.residents[0]!.session);
  // Leaves the first resident with one more provision, one refusal and a consent that was withdrawn.
  await tour(demo, () => undefined);
});
afterAll(() => stopSoundly(city));

const reasons = { reasons_ja: '確かめました。\r\n問題ありません。', reasons_en: 'Checked. No objection.' };

async function usesOf(session: string): Promise<number> {
  const { html } = await new Visitor(demo.baseUrl, session).open('/my/uses');
  return html.match(/<li class="use">/g)?.length ?? 0;
}

async function signedIn(name: string): Promise<Visitor> {
  const visitor = new Visitor(demo.baseUrl);
  const { html } = await visitor.open('/sign-in');
  const login = [...html.matchAll(/name="login" value="([^"]*)">([^<]*)</g)].find(([, , label = '']) =>
    label.includes(name),
  )?.[1];
  const answer = await visitor.send(filled(formOf(html, '/sign-in'), { login }));
  expect(answer.status).toBe(303);
  return visitor;
}

/** Visitors for those residents who have a consent to withdraw. */
async function thoseWithConsents(): Promise<Visitor[]> {
  const all = demo.residents.map(({ session }) => new Visitor(demo.baseUrl, session));
  const pages = await Promise.all(all.map((visitor) => visitor.open('/my/consents')));
  return all.filter((_, place) => pages[place]!.html.includes('/withdrawal"'));
}

function programOf(status: string): string {
  return demo.recipients.flatMap(({ programs }) => programs).find((program) => program.status === status)!.id;
}

describe('A detail that does not open', () => {
  test('is said of its line, in both languages; the entry, the other lines, the proof of the list and the consents are shown as ever', async () => {
    const resident = new Visitor(demo.baseUrl, demo.residents[0]!.session);
    const linesBefore = await usesOf(demo.residents[0]!.session);
    const { html } = await resident.open('/my/uses');
    const index = Number(/\/my\/uses\/(\d+)\/receipt/.exec(html)![1]);
    const [admin, changed] = [openPool({ url: city.databases.adminUrl, size: 1, applicationName: 'test' }), 'idx = $1'];
    try {
      const { rows } = await admin.query<{ sealed: Buffer }>(
        `SELECT sealed FROM azukari.entry_detail WHERE ${changed}`,
        [index],
      );
      for (const sealed of [Buffer.from('garbage'), Buffer.alloc(0), Buffer.alloc(200, 1)]) {
        await admin.query(`UPDATE azukari.entry_detail SET sealed = $2 WHERE ${changed}`, [index, sealed]);
        for (const [query, sentence, claim] of [
          ['?lang=ja', 'あなただけが読める詳しい内容を開けませんでした', /署名済み|確認済み/],
          ['?lang=en', 'could not be opened', /signed up to|Confirmed that/],
        ] as const) {
          const answer = await resident.open(`/my/uses${query}`);
          expect(answer.status).toBe(200);
          const lines = answer.html.split('<li class="use">').slice(1);
          expect(lines).toHaveLength(linesBefore);
          const told = lines.filter((line) => line.includes(sentence));
          expect(told).toHaveLength(1);
          expect(told[0]).toContain(index.toLocaleString('en'));
          expect(told[0]).not.toContain('/receipt"');
          expect(answer.html).toMatch(claim);
        }
        expect((await resident.open('/my/consents')).status).toBe(200);
        expect((await resident.open(`/my/uses/${index}/receipt`)).status).toBe(404);
      }
      await admin.query(`UPDATE azukari.entry_detail SET sealed = $2 WHERE ${changed}`, [index, rows[0]!.sealed]);
    } finally {
      await admin.end();
    }
  });
});

describe('Signing in', () => {
  test('offers the ten residents and the board, and leads each to their own first page', async () => {
    const { html } = await new Visitor(demo.baseUrl).open('/sign-in');
    for (const { name } of [...demo.residents, ...demo.board]) expect(html).toContain(`${name} さんとしてサインイン`);
    const resident = new Visitor(demo.baseUrl);
    const form = filled(formOf(html, '/sign-in'), { login: demo.residents[2]!.login });
    const answer = await resident.send(form);
    expect([answer.status, answer.location]).toEqual([303, '/my/uses']);
    expect(answer.headers.get('set-cookie')).toMatch(
      /^azukari_session=[\w-]{43}; Path=\/; Max-Age=43200; HttpOnly; SameSite=Lax$/,
    );
    expect(textOf((await resident.open('/my/uses')).html)).toContain(`${demo.residents[2]!.name} さん`);
  });

  test('leads back to the page that asked for it, but never outside', async () => {
    const visitor = new Visitor(demo.baseUrl);
    const asked = await visitor.open('/my/consents');
    const { html } = await visitor.open(asked.location!);
    const login = demo.residents[0]!.login;
    expect((await visitor.send(filled(formOf(html, '/sign-in'), { login }))).location).toBe('/my/consents');
    for (const outside of [
      'https://elsewhere.example/my/',
      '//elsewhere.example',
      '/my/../../x',
      '/sign-out',
      '/my/\\\\x',
      '/board/log',
    ]) {
      const stranger = new Visitor(demo.baseUrl);
      const form = filled(formOf((await stranger.open('/sign-in')).html, '/sign-in'), { login, return_to: outside });
      expect((await stranger.send(form)).location).toBe('/my/uses');
    }
  });

  test('refuses a name it did not offer, and a form sent by another site', async () => {
    const visitor = new Visitor(demo.baseUrl);
    const form = formOf((await visitor.open('/sign-in')).html, '/sign-in');
    expect((await visitor.send(filled(form, { login: 'nobody' }))).status).toBe(422);
    const login = demo.residents[0]!.login;
    expect((await visitor.send(filled(form, { login }), { origin: 'https://elsewhere.example' })).status).toBe(403);
    expect((await visitor.send(filled(form, { login }), { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
  });

  test('ends with signing out, on the server too', async () => {
    const visitor = await signedIn(demo.residents[3]!.name);
    const { html, headers } = await visitor.open('/my/uses');
    expect(headers.get('set-cookie')).toBeNull();
    const signOut = formOf(html, '/sign-out');
    expect((await visitor.send(filled(signOut, { csrf: 'x'.repeat(43) }))).status).toBe(403);
    expect((await visitor.send(signOut)).location).toBe('/');
    expect((await visitor.open('/my/uses')).status).toBe(303);
  });
});

describe('A resident', () => {
  test('sees who used their data and who was refused, and holds a receipt that verifies', async () => {
    const resident = new Visitor(demo.baseUrl, demo.residents[0]!.session);
    const { html } = await resident.open('/my/uses');
    const text = textOf(html);
    expect(text).toContain('同意が撤回されているため、渡しませんでした。');
    expect(text).toMatch(/利用記録は\d+年\d+月\d+日 \d+時\d\d分のチェックポイントまで署名済み/);
    expect((await usesOf(demo.residents[0]!.session)) - usesBefore).toBe(2);
    const [, address = '', index] = /href="(\/my\/uses\/(\d+)\/receipt)"/.exec(html) ?? [];
    const receipt = await resident.open(address);
    expect(receipt.headers.get('content-disposition')).toBe(`attachment; filename="azukari-provision-${index}.json"`);
    const trust = parseTrust({ origin: demo.log.origin, vkeys: [demo.log.vkey], witnessVkeys: [], quorum: 0 });
    const outcome = verifyReceipt(receipt.html, trust, { recipient: 'hamakaze-clinic' });
    expect(outcome.ok && outcome.index).toBe(Number(index));
    const another = new Visitor(demo.baseUrl, demo.residents[1]!.session);
    expect((await another.open(address)).status).toBe(404);
  });

  test('consents item by item, sees what holds, withdraws with one form, and reads what has stopped', async () => {
    const resident = await signedIn(demo.residents[0]!.name);
    const [, notice = ''] = /href="(\/my\/programs\/[^"]*)"/.exec((await resident.open('/my/consents')).html) ?? [];
    const shown = await resident.open(notice);
    const offered = [...shown.html.matchAll(/name="item" value="([^"]*)"/g)].map(([, value = '']) => value);
    const form = formOf(shown.html, notice);

    const empty = await resident.send(filled(form, { decision: 'give' }));
    expect([empty.status, textOf(empty.html).includes('渡してよいものに印が付いていません')]).toEqual([422, true]);
    const stale = await resident.send(filled(form, { decision: 'give', item: offered, notice: '0'.repeat(64) }));
    expect([stale.status, textOf(stale.html).includes('内容が変わりました')]).toEqual([422, true]);

    const given = await resident.send(filled(form, { decision: 'give', item: offered.slice(0, 1) }));
    expect([given.status, given.location]).toEqual([303, expect.stringMatching(/^\/my\/consents\/[0-9a-f-]{36}$/)]);
    const holding = await resident.open(given.location!);
    expect(textOf(holding.html)).toContain('に同意しています');
    const receipt = await resident.open(`${given.location!}/receipt`);
    expect(receipt.html.split('.').length).toBe(3);

    const list = await resident.open('/my/consents');
    const withdrawal = formOf(list.html, `${given.location!}/withdrawal`);
    expect((await resident.send(filled(withdrawal, { csrf: undefined }))).status).toBe(403);
    const withdrawn = await resident.send(withdrawal);
    expect([withdrawn.status, withdrawn.location]).toEqual([303, given.location]);
    const stopped = textOf((await resident.open(withdrawn.location!)).html);
    expect(stopped).toMatch(/への同意を撤回しました/);
    expect(stopped).toMatch(
      /\d+年\d+月\d+日 \d+時\d\d分\d\d秒から、はまかぜ内科クリニックは次のデータを読み取れません。/,
    );
    expect((await resident.send(withdrawal)).location).toBe(given.location);
  });

  test('withdraws one kind of data with one form, reads what has stopped, and keeps the rest', async () => {
    const resident = await signedIn(demo.residents[0]!.name);
    const { html } = await resident.open('/my/consents');
    const form = formOf(html, '/withdrawal/item');
    const old = form.action.replace('/withdrawal/item', '');
    expect((await resident.send(filled(form, { csrf: undefined }))).status).toBe(403);
    expect((await resident.send(filled(form, { item: undefined }))).status).toBe(400);
    const answer = await resident.send(form);
    expect([answer.status, answer.location]).toEqual([303, expect.stringMatching(/^\/my\/consents\/[0-9a-f-]{36}$/)]);
    expect(answer.location).not.toBe(old);
    const rest = textOf((await resident.open(answer.location!)).html);
    expect(rest).toMatch(
      /への同意の一部を撤回しました.*止まったこと.*次のデータを読み取れません。.*まで次のデータを読み取れます。/,
    );
    expect(textOf((await resident.open(`${answer.location!}?lang=en`)).html)).toMatch(
      /You have withdrawn part of your consent to .*What has stopped.* may read the following data until /,
    );
    const replaced = await resident.open(`${old}?lang=ja`);
    expect(textOf(replaced.html)).toContain('への同意は新しい同意に替わりました');
    expect(replaced.html).toContain(`href="${answer.location}"`);
    expect(textOf(replaced.html)).not.toContain('読み取れません');
    // Pressed again on a page that was open before: the same answer.
    expect((await resident.send(form)).location).toBe(answer.location);
  });

  test('refuses as easily, and the answer is recorded', async () => {
    const resident = await signedIn(demo.residents[0]!.name);
    const [, notice = ''] = /href="(\/my\/programs\/[^"]*)"/.exec((await resident.open('/my/consents')).html) ?? [];
    const answer = await resident.send(
      filled(formOf((await resident.open(notice)).html, notice), { decision: 'refuse' }),
    );
    expect(textOf((await resident.open(answer.location!)).html)).toContain('に同意しないことを記録しました');
  });

  test('cannot withdraw what is another’s', async () => {
    const [owner, other] = await thoseWithConsents();
    const theirs = formOf((await owner!.open('/my/consents')).html, '/withdrawal');
    const own = formOf((await other!.open('/my/consents')).html, '/withdrawal');
    expect((await other!.send({ action: theirs.action, fields: own.fields })).status).toBe(404);
    expect((await other!.send(theirs)).status).toBe(403);
    expect((await owner!.open('/my/consents')).html).toContain(theirs.action);
  });

  test('under the age of a program is not offered it', async () => {
    const child = await signedIn('佐藤 湊');
    const { html } = await child.open('/my/consents');
    const adult = await (await signedIn('田中 蓮')).open('/my/consents');
    expect(textOf(html)).toContain('有効な同意はありません');
    expect(html).not.toMatch(/href="\/my\/programs\//);
    expect(adult.html).toMatch(/\/withdrawal"|href="\/my\/programs\//);
  });
});

describe('The board', () => {
  test('decides with reasons in both languages, and everybody can read the decision', async () => {
    const member = await signedIn(demo.board[0]!.name);
    const id = programOf('in_review');
    const review = await member.open(`/board/programs/${id}`);
    const form = formOf(review.html, '/decision');
    const without = await member.send(filled(form, { outcome: 'approve', reasons_ja: '理由です。', reasons_en: '  ' }));
    expect([without.status, without.html.includes('>理由です。</textarea>')]).toEqual([422, true]);
    expect((await member.send(filled(form, reasons))).status).toBe(422);
    const decided = await member.send(filled(form, { outcome: 'refuse', ...reasons }));
    expect([decided.status, decided.location]).toEqual([303, `/board/programs/${id}`]);
    const late = await member.send(filled(form, { outcome: 'approve', ...reasons }));
    expect([late.status, textOf(late.html).includes('計画の状態が変わっています')]).toEqual([422, true]);
    const published = await new Visitor(demo.baseUrl).open(`/programs/${id}?lang=en`);
    expect(textOf(published.html)).toContain('The board refused this program.');
    expect(published.html).toContain('Checked. No objection.');
  });

  test('suspends a program, which residents then see, and resumes it; everybody reads each time and why', async () => {
    const member = await signedIn(demo.board[1]!.name);
    const [resident] = await thoseWithConsents();
    const { html } = await resident!.open('/my/consents');
    const [, id = ''] = /<article class="card consent".*?href="\/programs\/([^"]*)"/s.exec(html) ?? [];
    const suspension = formOf((await member.open(`/board/programs/${id}`)).html, '/suspension');
    expect((await member.send(suspension)).status).toBe(422);
    expect((await member.send(filled(suspension, reasons))).status).toBe(303);
    const seen = await resident!.open('/my/consents');
    expect(textOf(seen.html)).toContain('この計画は停止中です。');
    const resumption = formOf((await member.open(`/board/programs/${id}`)).html, '/resumption');
    expect((await member.send(filled(resumption, reasons))).status).toBe(303);
    const again = formOf((await member.open(`/board/programs/${id}`)).html, '/suspension');
    expect((await member.send(filled(again, { ...reasons, reasons_en: 'Once more.' }))).status).toBe(303);
    const once = formOf((await member.open(`/board/programs/${id}`)).html, '/resumption');
    expect((await member.send(filled(once, { ...reasons, reasons_en: 'Settled.' }))).status).toBe(303);
    expect((await member.open(`/board/programs/${id}`)).html).toContain('/suspension"');
    const history = textOf((await new Visitor(demo.baseUrl).open(`/programs/${id}?lang=en`)).html).split('History')[1];
    expect(history).toMatch(
      /began.*was suspended.*Reason ?Checked\. No objection\..*was resumed.*Reason ?Checked\. No objection\..*was suspended.*Reason ?Once more\..*was resumed.*Reason ?Settled\./,
    );
  });

  test('ends a suspended program, which ends the consents to it, as residents then read', async () => {
    const member = await signedIn(demo.board[1]!.name);
    const id = programOf('suspended');
    const consenting = (await thoseWithConsents()).map(async (visitor) => (await visitor.open('/my/consents')).html);
    expect((await Promise.all(consenting)).some((html) => html.includes('この計画は停止中です。'))).toBe(true);
    const review = await member.open(`/board/programs/${id}`);
    expect(review.html).toContain(`formaction="/board/programs/${id}/retirement"`);
    const form = { ...formOf(review.html, '/resumption'), action: `/board/programs/${id}/retirement` };
    expect((await member.send(form)).status).toBe(422);
    expect((await member.send(filled(form, reasons))).status).toBe(303);
    const pages = await Promise.all(
      demo.residents.map(({ session }) => new Visitor(demo.baseUrl, session).open('/my/consents')),
    );
    const seen = pages.map(({ html }) => textOf(html)).join();
    expect(seen).not.toContain('この計画は停止中です。');
    expect(seen).toContain('計画の終了により終了');
    expect(textOf((await new Visitor(demo.baseUrl).open(`/programs/${id}`)).html)).toContain('終了');
  });

  test('reads the log as sentences, newest first, page by page to the beginning', async () => {
    const member = await signedIn(demo.board[0]!.name);
    const indices: number[] = [];
    let path: string | undefined = '/board/log';
    for (let pages = 0; path !== undefined && pages < 100; pages += 1) {
      const { html } = await member.open(path);
      indices.push(...[...html.matchAll(/<tr role="row" id="entry-(\d+)">/g)].map(([, index]) => Number(index)));
      path = /href="(\/board\/log\?before=\d+)" rel="next"/.exec(html)?.[1];
    }
    expect(indices.at(-1)).toBe(0);
    expect(indices).toEqual(indices.map((_, place) => indices[0]! - place));
  });

  test('is given the server’s word only as such, with the command that needs no server', async () => {
    const member = await signedIn(demo.board[0]!.name);
    const asked = await member.send(formOf((await member.open('/board/log')).html, '/verification'));
    expect(textOf(asked.html)).toMatch(/サーバーは、[\d,]+件の記録が署名どおりだと答えました。/);
    expect(textOf(asked.html)).toContain('これはサーバー自身の言葉です。');
  });
});

describe('The meaning of errors', () => {
  test('stands at the address in each problem, as a page in the language of whoever opens it', async () => {
    const visitor = new Visitor(demo.baseUrl);
    const problem = (await (await fetch(`${demo.baseUrl}/v1/nowhere`)).json()) as { type: string };
    const japanese = await visitor.open(new URL(problem.type).pathname);
    expect([japanese.status, textOf(japanese.html)]).toEqual([200, expect.stringContaining('エラーの意味')]);
    const english = await visitor.open('/problems?lang=en');
    expect(english.html).toContain('<html lang="en">');
    expect(textOf(english.html)).toContain('What errors mean');
    expect(english.headers.get('content-security-policy')).toBe(japanese.headers.get('content-security-policy'));
  });
});

describe('The front page', () => {
  test('shows every program ever submitted, the log as it is signed, and counts that follow the log', async () => {
    const { html } = await new Visitor(demo.baseUrl).open('/');
    for (const { programs } of demo.recipients)
      for (const { id } of programs) expect(html).toContain(`href="/programs/${id}"`);
    const note = await (await fetch(`${demo.baseUrl}/log/checkpoint`)).text();
    expect(note.startsWith(`${demo.log.origin}\n`)).toBe(true);
    expect(html).toContain(demo.log.vkey);
    expect(textOf(html)).toMatch(/同意以外の根拠による提供0これまでの件数/);
  });

  test('gives commands that work as they stand', async () => {
    const { html } = await new Visitor(demo.baseUrl).open('/');
    const commands = [...html.matchAll(/<pre class="command"[^>]*>([^<]*)</g)].map(([, command = '']) =>
      command.replaceAll('&quot;', '"'),
    );
    expect(
      commands.map((command) => /^(curl -o checkpoint\.txt|npm run azukari -- verify \w+)/.exec(command)?.[1]),
    ).toEqual(['curl -o checkpoint.txt', 'npm run azukari -- verify consistency', 'npm run azukari -- verify receipt']);
    const [, address, vkey] = / (http\S+) --vkey "([^"]*)"$/.exec(commands[1]!) ?? [];
    const file = join(await aTemporaryDirectory(), 'checkpoint.txt');
    await writeFile(file, await (await fetch(/ (http\S+)$/.exec(commands[0]!)![1]!)).text());
    const said: string[] = [];
    const code = await runVerify(['consistency', file, address!, '--vkey', vkey!], {
      stdout: (text) => void said.push(text),
    });
    expect([code, said.join('')]).toEqual([0, expect.stringMatching(/^ok: /)]);
  });
});
