/** Which language a page is in, and what its switch leads to. */
import { chooseLanguage, findLanguage, formatNumber, inLanguage } from '../../src/pages/language.js';

describe('The language of a page', () => {
  test.each([
    ['is Japanese when nothing is said', undefined, undefined, undefined, 'ja'],
    ['is what the address asks for', 'en', 'ja', 'ja', 'en'],
    ['is what the cookie remembers when the address asks for nothing', undefined, 'en', 'ja', 'en'],
    ['is what the browser accepts when nothing else is known', undefined, undefined, 'en-US,en;q=0.9', 'en'],
    ['follows the weights of the browser', undefined, undefined, 'en;q=0.3, ja;q=0.8', 'ja'],
    ['passes over languages it does not have', undefined, undefined, 'fr-CH, fr;q=0.9, en;q=0.8, *;q=0.5', 'en'],
    ['takes a weight of zero as a refusal', undefined, undefined, 'en;q=0', 'ja'],
    ['is Japanese when the browser accepts neither', undefined, undefined, 'fr, de', 'ja'],
    ['ignores an address that asks for an unknown one', 'xx', 'en', undefined, 'en'],
    ['ignores a repeated parameter', ['en', 'ja'], undefined, undefined, 'ja'],
    ['ignores a cookie that is not a language', undefined, '<script>', 'en', 'en'],
    ['survives a header of nonsense', undefined, undefined, ';;;,,q=9;en=;\u0000', 'ja'],
    ['survives a very long header', undefined, undefined, 'fr,'.repeat(10_000), 'ja'],
  ])('%s', (_sentence, asked, remembered, accepted, expected) => {
    expect(chooseLanguage(asked, remembered, accepted)).toBe(expected);
  });

  test.each([
    ['/', 'en', '/?lang=en'],
    ['/my/uses?until=2026-11-20', 'en', '/my/uses?until=2026-11-20&lang=en'],
    ['/my/uses?lang=en&until=2026-11-20', 'ja', '/my/uses?lang=ja&until=2026-11-20'],
    ['/programs/a%20b?x=%26', 'ja', '/programs/a%20b?x=%26&lang=ja'],
  ] as const)('of %s is switched to %s at %s', (path, language, expected) => {
    expect(inLanguage(path, language)).toBe(expected);
  });

  test('is named by its exact tag only', () => {
    expect([findLanguage('ja'), findLanguage('JA'), findLanguage('toString'), findLanguage(null)]).toEqual([
      'ja',
      null,
      null,
      null,
    ]);
  });

  test('writes numbers in groups of three', () => {
    expect([formatNumber(0), formatNumber(999), formatNumber(48213)]).toEqual(['0', '999', '48,213']);
  });
});
