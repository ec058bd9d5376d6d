/** The board reads every kind of entry as a sentence, and sees what is not of a known form as it is. */
import { languages } from '../../src/pages/language.js';
import { lineKinds, parseLogLine } from '../../src/pages/log-entry/line.js';
import { entrySentence } from '../../src/pages/log-entry/sentence.js';
import { refusalSentence } from '../../src/pages/refusal-text.js';
import { boardLogSample, lines } from './samples-board.js';

function sentence(raw: string, language: 'ja' | 'en' = 'ja'): string {
  const line = parseLogLine(raw);
  if (!line) throw new Error(`Not a line: ${raw}`);
  return entrySentence(line, boardLogSample.names, language);
}

describe('A log entry', () => {
  test('of every kind stands in the samples', () => {
    expect(new Set(lines.map((raw) => parseLogLine(raw)?.t))).toEqual(new Set(lineKinds));
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
    expect(
      sentence('{"v":1,"t":"org","at":"2026-08-01T00:01Z","org":"new-clinic","kind":"recipient","status":"removed"}'),
    ).toBe('提供先のnew-clinicが登録から外されました。');
  });

  test.each([
    ['not JSON', '{"v":1,'],
    ['no object', '7'],
    ['null', 'null'],
    ['a kind of a later version', '{"v":1,"t":"rollup","at":"2026-08-01T00:01Z"}'],
    ['a kind that every object has', '{"v":1,"t":"constructor","at":"2026-08-01T00:01Z"}'],
    ['no time', '{"v":1,"t":"policy","policy":"00"}'],
    ['a field missing', '{"v":1,"t":"void","at":"2026-08-01T00:01Z","of":1,"reason":"expired"}'],
    [
      'a field of another type',
      '{"v":1,"t":"list","at":"2026-08-01T00:01Z","recipient":"a","program":"b","count":"3"}',
    ],
    [
      'an unknown status',
      '{"v":1,"t":"org","at":"2026-08-01T00:01Z","org":"a","kind":"recipient","status":"toString"}',
    ],
  ])('with %s is not guessed at', (_what, raw) => {
    expect(parseLogLine(raw)).toBeNull();
  });

  test('with a reason that has no sentence still shows the code', () => {
    expect(refusalSentence('constructor', 'ja')).toContain('constructor');
    expect(refusalSentence('no-consent', 'en')).toBe('Nothing was provided: there was no consent in force.');
  });
});
