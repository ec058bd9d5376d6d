/** The words of the pages for the operator's staff. */
import type { ComponentChildren } from 'preact';
import type { RequestState } from '../../staff/staff-requests.service.js';
import { inBothLanguages } from '../language.js';

export type StaffFailure =
  | 'unknown-resident'
  | 'incomplete'
  | 'too-many'
  | 'gone'
  | 'decided'
  | 'own'
  | 'unreadable'
  | 'not-approved'
  | 'again'
  | 'log';

export const staffText = inBothLanguages({
  ja: {
    title: '住民のデータの閲覧',
    lead: '職員が住民のデータを見るには、理由を書いて申し込み、ほかの職員の承認を受ける必要があります。見ることができるのは、承認から1時間だけです。部署と理由は利用記録に残り、だれが見たかは本人のページに表示されます。認められていないのに見ようとしたことも残ります。',
    ask: '閲覧を申し込む',
    resident: '住民のサインイン名',
    residentHint: '本人から聞いたサインイン名を、そのまま入力してください。',
    categories: '見る必要のあるデータ区分',
    categoriesHint: '必要なものだけを選んでください。',
    reason: '理由',
    explanation: '説明',
    explanationHint: '10文字以上1,000文字以内。本人が読みます。個人番号や健康保険の番号は書かないでください。',
    submit: '申し込む',
    failed: '受け付けられませんでした',
    failures: {
      'unknown-resident': 'このサインイン名の住民は登録されていません。',
      incomplete: 'データ区分と理由を選び、10文字以上の説明を書いてください。',
      'too-many': '承認待ちの申込みが20件あります。いずれかが決定してから、もう一度お申し込みください。',
      gone: 'この申込みは、もうありません。',
      unreadable: '説明を開けないため、承認できません。',
      'not-approved':
        'この申込みのデータを見ることは認められていません。承認が済み、1時間以内であることを確かめてください。見ようとしたことは利用記録に残りました。',
      again: '同時に変更がありました。もう一度お試しください。',
      decided: 'この申込みは、すでに決定済みか、申込みから1日を過ぎているか、申し込んだ職員がいなくなっています。',
      own: '自分の申込みについて、承認・不承認を決めることはできません。',
      log: '利用記録に署名できないため、開けませんでした。しばらくしてからもう一度お試しください。',
    } satisfies Record<StaffFailure, string>,
    list: '30日以内の申込み',
    none: '申込みはありません。',
    states: {
      waiting: '承認待ち',
      approved: '承認済み（閲覧できます）',
      refused: '不承認',
      lapsed: '期限切れ（決定されませんでした）',
      over: '閲覧できる時間が終わりました',
    } satisfies Record<RequestState, string>,
    about: (login: string) => `${login} さんのデータ`,
    nobody: '（サインイン名のない住民）',
    askedBy: '申込み',
    decidedBy: '決定',
    by: (name: string, time: ComponentChildren): ComponentChildren => [name, '、', time],
    concealed: 'ほかの職員の申込み',
    unreadable: '説明を開けませんでした。この申込みは承認できません。',
    approve: '承認する',
    refuse: '承認しない',
    look: 'データを見る',
    lookNote: '押すと、閲覧したことが利用記録に残ります。',
    waitingForOther: 'ほかの職員の承認を待っています。',
    lookTitle: (login: string) => `${login} さんのデータ`,
    logged: (time: ComponentChildren, place: string): ComponentChildren => [
      'あなたがこのデータを見たことは、',
      time,
      `に${place}として残りました。本人のページにも表示されます。`,
    ],
    back: '申込みの一覧に戻る',
    noRecords: 'このデータ区分のデータは預かっていません。',
    newest: (shown: string, all: string) => `${all}件のうち、新しい${shown}件を表示しています。`,
  },
  en: {
    title: 'Staff access',
    lead: 'To see a resident’s data, staff ask and say why, and another member of staff approves it. It can be looked at for an hour after that. The log names the unit and the reason; the resident sees on their own page who looked. Trying to look without being entitled to is recorded too.',
    ask: 'Ask to look',
    resident: 'The resident’s sign-in name',
    residentHint: 'Type it as the resident told you.',
    categories: 'Categories that you need to see',
    categoriesHint: 'Choose only those that are needed.',
    reason: 'Reason',
    explanation: 'Explanation',
    explanationHint:
      '10 to 1,000 characters. The resident reads it. Do not write Individual Numbers or health insurance numbers.',
    submit: 'Ask',
    failed: 'This could not be accepted',
    failures: {
      'unknown-resident': 'No resident is registered with this sign-in name.',
      incomplete: 'Please choose categories and a reason, and write an explanation of at least 10 characters.',
      'too-many': 'Twenty of your requests are waiting. Please ask again once some are decided.',
      gone: 'This request is not there any more.',
      unreadable: 'Its explanation cannot be opened, so it cannot be approved.',
      'not-approved':
        'You are not entitled to look at this. It has to be approved, and an hour must not have passed. That you tried stands in the log.',
      again: 'Something changed at this very moment. Please try again.',
      decided: 'This request has been decided already, is older than a day, or whoever asked has left.',
      own: 'Nobody decides on their own request.',
      log: 'The log cannot be signed at the moment, so nothing was opened. Please try again in a while.',
    },
    list: 'Requests of the last 30 days',
    none: 'There are no requests.',
    states: {
      waiting: 'Waiting for somebody else',
      approved: 'Approved (can be looked at)',
      refused: 'Refused',
      lapsed: 'Lapsed (nobody decided)',
      over: 'The time to look is over',
    },
    about: (login) => `Data of ${login}`,
    nobody: '(a resident without a sign-in name)',
    askedBy: 'Asked',
    decidedBy: 'Decided',
    by: (name, time) => [name, ', ', time],
    concealed: 'A request of others',
    unreadable: 'The explanation could not be opened, so this cannot be approved.',
    approve: 'Approve',
    refuse: 'Refuse',
    look: 'Look at the data',
    lookNote: 'Pressing this writes into the log that you looked.',
    waitingForOther: 'Waiting for another member of staff.',
    lookTitle: (login) => `Data of ${login}`,
    logged: (time, place) => [
      'Your access was recorded at ',
      time,
      ` as entry ${place}. The resident sees it on their own page.`,
    ],
    back: 'Back to the requests',
    noRecords: 'Nothing of these categories is kept.',
    newest: (shown, all) => `The newest ${shown} of ${all} records are shown.`,
  },
});
