/** The words on the pages: both languages say the same things, in whole words, with the project's own terms. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const compiled = fileURLToPath(new URL('../../src/pages/', import.meta.url));
const files = readdirSync(compiled, { recursive: true, encoding: 'utf8' })
  .filter((file) => /(^|[/-])text\.js$/.test(file))
  .sort();

/** Every exported object with a `ja` and an `en` side, by file and name. */
async function bilingualTexts(): Promise<readonly (readonly [where: string, ja: unknown, en: unknown])[]> {
  const found: [string, unknown, unknown][] = [];
  for (const file of files) {
    const exported = (await import(pathToFileURL(join(compiled, file)).href)) as Record<string, unknown>;
    const walk = (where: string, value: unknown): void => {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return;
      if ('ja' in value && 'en' in value) found.push([where, value.ja, value.en]);
      else for (const [name, inner] of Object.entries(value)) walk(`${where} ${name}`, inner);
    };
    for (const [name, value] of Object.entries(exported)) walk(`${file} ${name}`, value);
  }
  return found;
}

/** The shape of a text: keys, lengths of lists, and how many values a sentence takes. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shapeOf);
  if (typeof value === 'function') return `sentence of ${value.length}`;
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shapeOf(inner)]));
  }
  return typeof value;
}

/** Every string of a text; of a sentence with values, its source. */
function wordsOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (typeof value === 'function') return [String(value)];
  if (typeof value === 'object' && value !== null) return Object.values(value).flatMap(wordsOf);
  return [];
}

const texts = await bilingualTexts();
const japanese = texts.flatMap(([where, ja]) => wordsOf(ja).map((words) => [where, words] as const));

describe('The words on the pages', () => {
  test('are found in every page folder', () => {
    expect(files.length).toBeGreaterThanOrEqual(15);
    expect(texts.length).toBeGreaterThanOrEqual(15);
  });

  test.each(texts)('%s has the same shape in both languages', (_where, ja, en) => {
    expect(shapeOf(en)).toEqual(shapeOf(ja));
  });

  test.each([
    ['a vague word', /等|など|その他の目的|必要に応じて|適宜/],
    ['the board by a short name', /(?<!データ倫理)審査会/],
    ['a word the design rules out', /匿名|仮名加工|信託|開示/],
    ['half-width katakana', /[ｦ-ﾟ]/],
  ])('never use %s', (_what, pattern) => {
    expect(japanese.filter(([, words]) => pattern.test(words))).toEqual([]);
  });

  test('in English never trail off and never call a provision a disclosure', () => {
    const english = texts.flatMap(([where, , en]) => wordsOf(en).map((words) => [where, words] as const));
    expect(english.filter(([, words]) => /\betc\b|and so on|disclos|anonym/i.test(words))).toEqual([]);
  });

  test('stand beside their page and nowhere in the markup', () => {
    const source = fileURLToPath(new URL('../../../src/pages/', import.meta.url));
    const views = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.tsx'));
    const stray = views.flatMap((file) =>
      readFileSync(join(source, file), 'utf8')
        .replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')
        .split('\n')
        .filter((line) => /[ぁ-んァ-ヶ一-龠]/.test(line))
        .map((line) => `${file}: ${line.trim()}`),
    );
    // Weekdays and the units of a date are part of how a date is written, not of what a page says.
    expect(stray.filter((line) => !line.startsWith('dates.tsx'))).toEqual([]);
  });
});
