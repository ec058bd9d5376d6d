/** Why something was not provided, in a sentence a resident can use. A reason without a sentence of its own is named by its code. */
import { inBothLanguages, type Language } from './language.js';

const sentences = inBothLanguages({
  ja: {
    'no-consent': '有効な同意がないため、渡しませんでした。',
    'consent-withdrawn': '同意が撤回されているため、渡しませんでした。',
    'consent-paused': '同意が一時停止中のため、渡しませんでした。',
    'consent-expired': '同意の期間が終わっているため、渡しませんでした。',
    'program-not-active': 'データ利用計画が有効でないため、渡しませんでした。',
    'recipient-not-active': '提供先が停止中または削除済みのため、渡しませんでした。',
    'outside-terms': '承認された提供条件の範囲を超える求めだったため、渡しませんでした。',
    'policy-forbids': 'ポリシーで禁じられている求めだったため、渡しませんでした。',
    'frequency-exceeded': '承認された頻度を超える求めだったため、渡しませんでした。',
    'already-used': '同じ許可がすでに使われていたため、渡しませんでした。',
    'not-redeemed': '時間内に受け取られなかったため、渡しませんでした。',
    'staff-access-not-approved':
      '見ることを認められていないか、認められた時間を過ぎた職員がデータを開こうとしたため、見せませんでした。',
    'staff-access-refused': '職員の閲覧の申込みを、ほかの職員が承認しませんでした。',
    'log-closed': '新しい年の利用記録への切り替えと重なったため、渡しませんでした。',
  },
  en: {
    'no-consent': 'Nothing was provided: there was no consent in force.',
    'consent-withdrawn': 'Nothing was provided: the consent had been withdrawn.',
    'consent-paused': 'Nothing was provided: the consent was paused.',
    'consent-expired': 'Nothing was provided: the consent had ended.',
    'program-not-active': 'Nothing was provided: the program was not active.',
    'recipient-not-active': 'Nothing was provided: the recipient was suspended or removed.',
    'outside-terms': 'Nothing was provided: the request went beyond the approved terms.',
    'policy-forbids': 'Nothing was provided: the policy forbids this request.',
    'frequency-exceeded': 'Nothing was provided: the approved frequency was used up.',
    'already-used': 'Nothing was provided: the same grant had been used before.',
    'not-redeemed': 'Nothing was provided: it was not taken up in time.',
    'staff-access-not-approved':
      'Nothing was shown: a member of staff tried to look who was not entitled to, or no longer.',
    'staff-access-refused': 'Nothing was shown: another member of staff did not approve it.',
    'log-closed': 'Nothing was provided: a new log began at that moment.',
  },
});

const unknown = inBothLanguages({
  ja: (code: string) => `渡しませんでした（理由コード: ${code}）。`,
  en: (code) => `Nothing was provided (reason code: ${code}).`,
});

export function refusalSentence(code: string, language: Language): string {
  const known: Readonly<Record<string, string>> = sentences[language];
  return Object.hasOwn(known, code) ? (known[code] ?? '') : unknown[language](code);
}

export const refusalText = { sentences, unknown };
