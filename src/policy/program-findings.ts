/** What a machine check finds in an application, told in both languages. A finding sends the application back; it decides nothing. */
import type { Bilingual } from './catalogue.js';

const texts = {
  'missing-language': () => ({
    ja: '日本語と英語の両方で書いてください。',
    en: 'Write this in Japanese and in English.',
  }),
  'text-too-long': (characters: number) => ({
    ja: `${characters}文字以内で書いてください。`,
    en: `Write at most ${characters} characters.`,
  }),
  'vague-word': (word: string) => ({
    ja: `「${word}」では範囲がわかりません。具体的に書いてください。`,
    en: `“${word}” leaves open what is meant. Say it in full.`,
  }),
  'mode-not-offered': () => ({
    ja: '「回答のみ」の提供はまだできません。「閲覧のみ」または「提供先で保存」を選んでください。',
    en: 'Providing answers only is not offered yet. Choose viewing, or keeping by the recipient.',
  }),
  'no-items': () => ({
    ja: '利用目的とデータ区分を1つ以上指定してください。',
    en: 'Name at least one purpose and category.',
  }),
  'duplicate-item': () => ({
    ja: '同じ利用目的とデータ区分の組が2回あります。',
    en: 'The same purpose and category stand twice.',
  }),
  'unknown-purpose': (code: string) => ({
    ja: `利用目的「${code}」は登録されていません。`,
    en: `There is no purpose “${code}”.`,
  }),
  'unknown-category': (code: string) => ({
    ja: `データ区分「${code}」は登録されていません。`,
    en: `There is no category “${code}”.`,
  }),
  'purpose-not-for-category': (purpose: Bilingual, category: Bilingual) => ({
    ja: `「${category.ja}」は「${purpose.ja}」のためには使えません。`,
    en: `“${category.en}” may not be used for “${purpose.en}”.`,
  }),
  'no-fields': () => ({ ja: '受け取る項目を1つ以上指定してください。', en: 'Name at least one field.' }),
  'unknown-field': (code: string) => ({
    ja: `このデータ区分に項目「${code}」はありません。`,
    en: `This category has no field “${code}”.`,
  }),
  'duplicate-field': (code: string) => ({
    ja: `項目「${code}」が2回あります。`,
    en: `The field “${code}” stands twice.`,
  }),
  'identifying-field-without-reason': (name: Bilingual) => ({
    ja: `「${name.ja}」は本人や家族を直接示す項目です。必要な理由を影響評価に書いてください。`,
    en: `“${name.en}” names a person. Say in the impact assessment why it is needed.`,
  }),
  'retention-too-long': (category: Bilingual, days: number) => ({
    ja: `「${category.ja}」の保存は${days}日までです。`,
    en: `“${category.en}” may be kept for ${days} days at most.`,
  }),
  'period-too-long': (category: Bilingual, days: number) => ({
    ja: `「${category.ja}」の同意の期間は${days}日までです。`,
    en: `A consent to “${category.en}” lasts ${days} days at most.`,
  }),
  'days-not-positive': () => ({
    ja: '1日以上の整数で指定してください。',
    en: 'Give a whole number of days, at least one.',
  }),
  'region-not-allowed': (category: Bilingual, region: string) => ({
    ja: `「${category.ja}」は${region}では扱えません。`,
    en: `“${category.en}” may not be handled in ${region}.`,
  }),
  'not-a-date': () => ({ ja: '実在する日付を指定してください。', en: 'Give a date that exists.' }),
  'dates-out-of-order': () => ({
    ja: '開始日、見直しの日、終了日をこの順に指定してください。',
    en: 'The start, the review and the end must come in this order.',
  }),
  'program-too-long': (days: number) => ({
    ja: `計画の期間は${days}日までです。`,
    en: `A program lasts ${days} days at most.`,
  }),
  'review-too-late': (days: number) => ({
    ja: `見直しの日は開始から${days}日以内にしてください。`,
    en: `The review comes within ${days} days of the start.`,
  }),
  'frequency-out-of-bounds': (perDay: number) => ({
    ja: `提供の頻度は1日あたり${perDay}回までです。`,
    en: `Data are provided at most ${perDay} times a day.`,
  }),
  'minimum-age-out-of-bounds': (from: number, to: number) => ({
    ja: `対象年齢の下限は${from}歳から${to}歳までの整数で指定してください。`,
    en: `The minimum age is a whole number from ${from} to ${to}.`,
  }),
  'target-year-out-of-bounds': (years: number) => ({
    ja: `目標の年は、開始の年から${years}年以内にしてください。`,
    en: `The target year lies within ${years} years of the start.`,
  }),
  'blank-processor': () => ({ ja: '委託先の名称を書いてください。', en: 'Name the processor.' }),
} as const satisfies Record<string, (...values: never[]) => Bilingual>;

type Texts = typeof texts;
export type FindingCode = keyof Texts | 'policy-forbids';

export interface Finding extends Bilingual {
  readonly code: FindingCode;
  /** Where in the application: `terms.items[0].fields[2]`. */
  readonly path: string;
  /** The rule that forbids, for `policy-forbids`. */
  readonly rule?: string;
}

export function finding<Code extends keyof Texts>(
  code: Code,
  path: string,
  ...values: Parameters<Texts[Code]>
): Finding {
  // Sound: the parameters are those of this very code.
  const text = (texts[code] as (...all: Parameters<Texts[Code]>) => Bilingual)(...values);
  return { code, path, ...text };
}
