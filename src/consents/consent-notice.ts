/**
 * The notice a resident sees before answering: the policy folder's text, filled from the program. The hash of exactly this text is kept with
 * the answer, so that what was shown can be proved (ISO/IEC TS 27560; APPI article 27(1)).
 */
import { hashCanonicalJson } from '../kernel/canonical-json.js';
import type { Bilingual } from '../policy/catalogue.js';
import { fillNotice, type FilledNotice } from '../policy/notices.js';
import type { PolicyBook } from '../policy/policy-book.js';
import type { Program } from '../programs/program.entity.js';
import type { Recipient } from '../recipients/recipient.entity.js';

export type NoticeLanguage = keyof Bilingual;

export interface ConsentNotice extends FilledNotice {
  readonly language: NoticeLanguage;
  /** Of the canonical JSON of code, version, language, title and sections: 32 bytes. */
  readonly sha256: Buffer;
}

const words = {
  ja: {
    join: '、',
    days: (days: number) => `${days}日間`,
    asNeeded: '必要になるたび（そのつど利用記録に残ります）',
    frequency: (count: number, per: 'day' | 'week' | 'month') =>
      ({ day: `1日に${count}回まで`, week: `1週間に${count}回まで`, month: `1か月に${count}回まで` })[per],
    mode: { view: '閲覧のみ', store: '提供先で保存', answer_only: '回答のみ（元の情報は渡しません）' },
    onward: { yes: 'あります', no: 'ありません' },
    decision: (reason: string) => `承認（理由：${reason}）`,
  },
  en: {
    join: ', ',
    days: (days: number) => `${days} days`,
    asNeeded: 'whenever it is needed, each time recorded',
    frequency: (count: number, per: 'day' | 'week' | 'month') => `at most ${count} times a ${per}`,
    mode: { view: 'to look at only', store: 'kept by the recipient', answer_only: 'an answer only, never the data' },
    onward: { yes: 'yes', no: 'no' },
    decision: (reason: string) => `approved. Its reason: ${reason}`,
  },
} as const;

/** @param approval the board's reason for approving. */
export function consentNotice(
  program: Program,
  recipient: Recipient,
  approval: Bilingual,
  book: PolicyBook,
  language: NoticeLanguage,
): ConsentNotice {
  const say = words[language];
  const { terms, title } = program.application;
  const named = (names: Iterable<string>) => [...new Set(names)].join(say.join);
  const filled = fillNotice(book.notices.get('consent')!, language, {
    recipient: language === 'ja' ? recipient.nameJa : recipient.nameEn,
    program: title[language],
    purposes: named(terms.items.map((item) => book.purposes.get(item.purpose)!.name[language])),
    categories: named(terms.items.map((item) => book.categories.get(item.category)!.name[language])),
    fields: named(
      terms.items.flatMap((item) => item.fields.map((code) => fieldName(book, item.category, code, language))),
    ),
    period: say.days(terms.periodDays),
    retention: say.days(terms.retentionDays),
    frequency: terms.frequency === null ? say.asNeeded : say.frequency(terms.frequency.count, terms.frequency.per),
    mode: say.mode[terms.mode],
    region: new Intl.DisplayNames(language, { type: 'region' }).of(terms.region) ?? terms.region,
    onward: terms.onwardSharing ? say.onward.yes : say.onward.no,
    residentBenefit: terms.benefitToResident[language],
    townBenefit: terms.benefitToTown[language],
    decision: say.decision(approval[language]),
  });
  return { ...filled, language, sha256: hashCanonicalJson({ ...filled, language }) };
}

function fieldName(book: PolicyBook, category: string, code: string, language: NoticeLanguage): string {
  return book.categories.get(category)!.fields.find((field) => field.code === code)?.name[language] ?? code;
}
