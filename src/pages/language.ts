/**
 * The two languages of the pages. Japanese comes first; English stands beside it, and a text that lacks one of them does
 * not compile. The choice is made from the address (`?lang=en`), then the cookie it set, then `Accept-Language` (RFC 9110 section 12.5.4).
 */
export const languages = ['ja', 'en'] as const;

/** BCP 47 tag of a page's language. */
export type Language = (typeof languages)[number];

/** One statement in both languages. */
export interface Bilingual {
  readonly ja: string;
  readonly en: string;
}

/** A catalogue code (an organisation, purpose, category or field) with the name people read. */
export interface Named {
  readonly code: string;
  readonly name: Bilingual;
}

/** What no register or catalogue knows names itself. */
export function unnamed(code: string): Named {
  return { code, name: { ja: code, en: code } };
}

/** Name of the cookie that remembers the choice; it holds `ja` or `en` and nothing else. */
export const languageCookie = 'azukari_language';

/** Texts of a page. The English side must have exactly the shape of the Japanese side. */
export function inBothLanguages<Texts>(texts: { ja: Texts; en: NoInfer<Texts> }): Readonly<Record<Language, Texts>> {
  return texts;
}

/** The language named by `value`, or null when it names none of ours. */
export function findLanguage(value: unknown): Language | null {
  return languages.find((language) => language === value) ?? null;
}

/** `asked` is the query parameter, `remembered` the cookie, `accepted` the Accept-Language header; what is unusable is passed over. */
export function chooseLanguage(asked: unknown, remembered: unknown, accepted: string | undefined): Language {
  return findLanguage(asked) ?? findLanguage(remembered) ?? preferred(accepted ?? '') ?? 'ja';
}

/** The first of our languages among at most twenty ranges, by weight; ranges of weight 0 are refusals. */
function preferred(header: string): Language | null {
  const ranges = header
    .slice(0, 400)
    .split(',', 20)
    .map((range) => {
      const [tag = '', ...parameters] = range.trim().toLowerCase().split(';');
      const weight = parameters.map((parameter) => /^\s*q=([01](?:\.\d{0,3})?)\s*$/.exec(parameter)?.[1]).find(Boolean);
      return { language: findLanguage(tag.split('-')[0]), weight: weight === undefined ? 1 : Number(weight) };
    })
    .filter(({ language, weight }) => language !== null && weight > 0);
  ranges.sort((left, right) => right.weight - left.weight);
  return ranges[0]?.language ?? null;
}

/** The same page in another language: `path` may carry a query, whose other parameters stay. */
export function inLanguage(path: string, language: Language): string {
  const [asked = '/', query = ''] = path.split('?');
  // Two slashes, or a slash and a backslash, would lead to another host.
  const pathname = asked.replace(/^[/\\]+/, '/');
  const parameters = new URLSearchParams(query);
  parameters.set('lang', language);
  return `${pathname}?${parameters.toString()}`;
}

/** Digits in groups of three, as both languages write them. */
export function formatNumber(value: number): string {
  return value.toLocaleString('en-GB');
}

/** Names in one language joined as that language joins a list (`、` or commas). */
export function listNames(names: readonly Named[], language: Language): string {
  return names.map(({ name }) => name[language]).join(language === 'ja' ? '、' : ', ');
}
