/** What each page promises in its markup, whatever browser reads it. */
import { ConsentNoticePage, itemValue } from '../../src/pages/consent-notice/view.js';
import { languages, type Language } from '../../src/pages/language.js';
import { ConsentsPage } from '../../src/pages/my-consents/view.js';
import { UsesPage } from '../../src/pages/my-uses/view.js';
import { ProgramPage } from '../../src/pages/program/view.js';
import { renderPage } from '../../src/pages/render.js';
import { fixtures } from './fixtures.js';
import { boardViewer, frameFor, residentViewer } from './samples.js';
import { consentsSample, noticeSample, programDetail, programSample, usesSample } from './samples-resident.js';

const addresses = { stylesheets: ['/assets/a.css'], icon: '/assets/a.svg' };

function frame(language: Language = 'ja', viewer = residentViewer) {
  return frameFor(addresses, `/x?lang=${language}`, viewer);
}

const pages = fixtures.flatMap((fixture) =>
  languages.map((language) => {
    const html = renderPage(
      fixture.render(frameFor(addresses, `${fixture.path}?lang=${language}`, fixture.viewer), '/assets/v.js'),
    );
    return [`${fixture.name} in ${language}`, html, fixture.viewer, language] as const;
  }),
);

test('every sample page has an address of its own: of two with one, a browser would only ever see the first', () => {
  const paths = fixtures.map(({ path }) => path);
  expect(paths).toEqual([...new Set(paths)]);
});

describe.each(pages)('The page %s', (_name, html, viewer, language) => {
  test('is a whole document in one language with one main heading and its landmarks', () => {
    expect(html.startsWith(`<!doctype html>\n<html lang="${language}">`)).toBe(true);
    expect(html.match(/<h1[ >]/g)?.length).toBe(1);
    for (const landmark of ['<header', '<nav', '<main id="content"', '<footer', 'href="#content"'])
      expect(html).toContain(landmark);
    expect(html).toMatch(/<title>[^<]+<\/title>/);
  });

  test('has nothing a strict content security policy would block', () => {
    expect(html).not.toMatch(/ style="| on[a-z]+="|<style|javascript:|<script(?![^>]* src="\/assets\/)[^>]*>/);
    expect(html).not.toMatch(/(?:href|src|action)="(?:https?:)?\/\//);
  });

  test('changes something only by POST with the token of the session', () => {
    const forms = [...html.matchAll(/<form [^>]*>(.*?)<\/form>/gs)];
    for (const [form, inside = ''] of forms) {
      expect(form).toMatch(/^<form method="post" action="\/[^"]*"/);
      if (viewer) expect(inside).toContain(`<input type="hidden" name="csrf" value="${viewer.csrf}"`);
    }
  });

  test('shows every time with its offset or as a whole day', () => {
    for (const [, value = ''] of html.matchAll(/datetime="([^"]*)"/g)) {
      expect(value).toMatch(/^\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d\+09:00)?$/);
    }
    expect(html).not.toMatch(/undefined|\[object|NaN|Invalid/);
  });

  test('leads to itself in the other language', () => {
    expect(html).toMatch(/<a href="[^"]*lang=ja"[^>]*lang="ja"/);
    expect(html).toMatch(/<a href="[^"]*lang=en"[^>]*lang="en"/);
  });
});

describe('The notice before a consent', () => {
  const html = renderPage(<ConsentNoticePage frame={frame()} {...noticeSample} failure={null} />);

  test('ticks nothing beforehand and offers every item of the terms', () => {
    expect(html).not.toMatch(/\bchecked\b|\bselected\b/);
    for (const item of noticeSample.items) expect(html).toContain(`name="item" value="${itemValue(item)}"`);
    expect(html.match(/type="checkbox"/g)?.length).toBe(noticeSample.items.length);
  });

  test('gives consenting and not consenting the same look and the same place', () => {
    const buttons = [...html.matchAll(/<button class="([^"]*)" type="submit" name="decision" value="(give|refuse)">/g)];
    expect(buttons.map(([, , value]) => value)).toEqual(['give', 'refuse']);
    expect(buttons[0]?.[1]).toBe(buttons[1]?.[1]);
  });

  test('shows every paragraph word for word and sends the hash of exactly that text back with the answer', () => {
    for (const paragraph of noticeSample.notice.paragraphs) expect(html).toContain(`<p>${paragraph}</p>`);
    expect(html).toContain(`name="notice" value="${noticeSample.notice.digest}"`);
  });
});

describe('The resident’s pages', () => {
  test('give every consent in force a withdraw button of its own', () => {
    const html = renderPage(<ConsentsPage frame={frame()} {...consentsSample} />);
    const inForce = consentsSample.consents.filter(({ state }) => state === 'active' || state === 'paused');
    expect(inForce.length).toBe(2);
    expect([...html.matchAll(/action="(\/my\/consents\/[^"]*\/withdrawal)"/g)].map(([, action]) => action)).toEqual(
      inForce.map(({ id }) => `/my/consents/${id}/withdrawal`),
    );
  });

  test('claim completeness only when it has been proved', () => {
    const at = new Date('2026-11-20T05:00:00Z');
    const proved = renderPage(<UsesPage frame={frame()} {...usesSample} completeUpTo={at} />);
    // The name of the file of a closed log speaks of completeness too; here there is none.
    const young = { ...usesSample, completeUpTo: null, closedLogs: [] };
    const signed = renderPage(<UsesPage frame={frame()} {...young} />);
    const neither = renderPage(<UsesPage frame={frame()} {...young} checkpointAt={null} />);
    const text = (html: string): string => html.replace(/<[^>]*>/g, '');
    expect(text(proved)).toContain('2026年11月20日 14時00分までの利用記録にもれがないことを確認済み');
    expect(text(signed)).toContain('利用記録は2026年11月20日 14時12分のチェックポイントまで署名済み');
    for (const html of [signed, neither]) expect(text(html)).not.toContain('もれがない');
    expect(text(neither)).not.toContain('署名済み（');
    const unlisted = renderPage(
      <UsesPage frame={frame()} {...usesSample} completeUpTo={at} unlisted={[{ log: null, index: 4711 }]} />,
    );
    const unproved = renderPage(<UsesPage frame={frame()} {...usesSample} completeUpTo={at} isProved={false} />);
    expect(text(unlisted)).toContain('利用記録の4,711番はあなたについての記録ですが、この一覧に載っていません。');
    for (const html of [unlisted, unproved]) {
      expect(text(html)).not.toContain('確認済み');
      expect(html).toContain('role="alert"');
    }
  });

  test('show refused attempts with the reason and without a receipt', () => {
    const html = renderPage(<UsesPage frame={frame()} {...usesSample} />);
    const records = html.split('<li class="use">').slice(1);
    expect(records.length).toBe(usesSample.uses.length);
    usesSample.uses.forEach((use, place) => {
      expect(records[place]?.includes('/receipt"')).toBe(use.hasReceipt);
      expect(/渡しませんでした|データは渡していません|承認しませんでした/.test(records[place] ?? '')).toBe(
        ['refused', 'void'].includes(use.outcome),
      );
    });
  });

  test.each([
    ['ja', null, '利用記録の4,711番', '利用記録の4,711番で取り消されました。データは渡していません。'],
    [
      'ja',
      '2026',
      '「2026」の利用記録の4,711番',
      '「2026」の利用記録の4,711番で取り消されました。データは渡していません。',
    ],
    ['en', null, 'Entry 4,711 of the log', 'Voided by entry 4,711 of the log. No data was provided.'],
    ['en', '2026', 'Entry 4,711 of log 2026', 'Voided by entry 4,711 of log 2026. No data was provided.'],
  ] as const)('in %s name a place in the log %p as %s', (language, log, place, voided) => {
    const voidedBy = { log, index: 4711 };
    const use = { ...usesSample.uses[0]!, outcome: 'void' as const, voidedBy, place: voidedBy };
    const html = renderPage(<UsesPage frame={frame(language)} {...usesSample} uses={[use]} />);
    expect(html).toContain(`<p class="use-reason">${voided}</p>`);
    expect(html).toContain(`<span class="note">${place}</span>`);
  });

  test('say when data went out on another basis than consent', () => {
    const html = renderPage(<UsesPage frame={frame()} {...usesSample} />);
    expect(html.match(/生命または身体を守る緊急の必要に基づく提供です/g)?.length).toBe(1);
  });
});

describe('Whatever others wrote', () => {
  test('stays text', () => {
    const title = { ja: '<img src=x onerror=alert(1)>', en: '"><script>alert(1)</script>' };
    for (const language of languages) {
      const html = renderPage(
        <ProgramPage frame={frame(language, boardViewer)} {...programSample} program={{ ...programDetail, title }} />,
      );
      expect(html).not.toMatch(/<img|<script>/);
      expect(html).toContain(language === 'ja' ? '&lt;img' : '&lt;script');
    }
  });
});
