/** The board reads every kind of entry as a sentence, and can see the line itself. */
import { utf8 } from '../../src/kernel/bytes.js';
import { languages } from '../../src/pages/language.js';
import { entrySentence } from '../../src/pages/log-entry/sentence.js';
import { refusalSentence } from '../../src/pages/refusal-text.js';
import { entryFields } from '../../src/transparency-log/entry-catalogue.js';
import { parseEntry } from '../../src/transparency-log/entry.js';
import { boardLogSample, lines } from './samples-board.js';

function sentence(raw: string, language: 'ja' | 'en' = 'ja'): string {
  return entrySentence(parseEntry(utf8(raw)), boardLogSample.names, language);
}

describe('A log entry', () => {
  test('of every kind stands in the samples', () => {
    expect(new Set(lines.map((raw) => parseEntry(utf8(raw)).t))).toEqual(new Set(Object.keys(entryFields)));
  });

  test.each(lines)('%s is a whole sentence in both languages', (raw) => {
    expect(sentence(raw, 'ja')).toMatch(/[^。]。$/);
    expect(sentence(raw, 'en')).toMatch(/^[A-Z“1].*\.$/);
    for (const language of languages)
      expect(sentence(raw, language)).not.toMatch(/undefined|null|minatono-|hamakaze-clinic/);
  });

  test.each([
    [8, '「健診後の見守り」（病気の予防）のために、住民1人の歩数、健康診査の結果をはまかぜクリニックに提供しました。'],
    [11, '住民1人が、はまかぜクリニックの「健診後の見守り」への同意を撤回しました。'],
    [
      12,
      '「健診後の見守り」のためのはまかぜクリニックの求めを断りました。同意が撤回されているため、渡しませんでした。',
    ],
  ])('number %p says: %s', (place, expected) => {
    expect(sentence(lines[place] ?? '')).toBe(expected);
  });

  test('names an unknown organisation by its code', () => {
    const removed =
      '{"v":1,"t":"org","at":"2026-08-01T00:01Z","org":"new-clinic","kind":"recipient","status":"removed"}';
    expect(sentence(removed)).toBe('提供先のnew-clinicが登録から外されました。');
  });

  test('whose organisation bears the name of something every object has is named by its code', () => {
    const odd = '{"v":1,"t":"org","at":"2026-08-01T00:01Z","org":"constructor","kind":"source","status":"registered"}';
    expect(sentence(odd)).toBe('constructorがデータ提供元として登録されました。');
  });

  test.each(lines)('is shown as the very line of the log: %s', (raw) => {
    expect(JSON.stringify(parseEntry(utf8(raw)))).toBe(raw);
  });

  test('with a reason that has no sentence still shows the code', () => {
    expect(refusalSentence('constructor', 'ja')).toContain('constructor');
    expect(refusalSentence('no-consent', 'en')).toBe('Nothing was provided: there was no consent in force.');
  });
});
