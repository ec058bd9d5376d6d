/** The words of the resident's page on what is kept about them. */
import type { ComponentChildren } from 'preact';
import { inBothLanguages } from '../language.js';

export const recordsText = inBothLanguages({
  ja: {
    title: '預かっているデータ',
    lead: 'あなたについて、どのようなデータを、どこから預かっているかを示します。',
    sealed: 'データは、あなた専用の鍵で封をして保管しています。',
    sealedDetail:
      '下の表は、種類、件数、日付だけを示します。中身を見るときや取り出すときは、あなたの鍵で開け、そのことを利用記録に残します。',
    inside: '中身',
    look: '中身を見る',
    lookAt: (category: string): string => `（${category}）`,
    export: '取り出す（ZIP）',
    exportDetail:
      '預かっているデータ、登録内容、同意の控え、あなたについての利用記録を、1つのファイルにまとめます。読むためのページと、ほかのサービスで使える形（JSON-LD）が入っています。',
    exportHeading: 'データを取り出す',
    held: '種類ごとの件数',
    none: '預かっているデータはありません。',
    category: 'データ区分',
    source: 'データ提供元',
    records: '件数',
    count: (count: string): string => `${count}件`,
    superseded: (count: string): string => `ほかに、差し替えられる前の版が${count}件`,
    days: 'データの日付',
    range: (first: ComponentChildren, last: ComponentChildren): ComponentChildren => [first, ' 〜 ', last],
    lastDepositedAt: '最後の受入日',
    takenOut: '預からずに取り除いたもの',
    takenOutLead:
      '届いたデータに、法律により預かることのできない番号が含まれていたときは、保管の前に取り除きます。取り除いた番号は残していません。',
    nothingTakenOut: '取り除いたものはありません。',
    places: (count: number): string => `${count}か所`,
    foundIn: (source: string, category: string, places: string): string =>
      `${source}から届いた「${category}」の${places}から取り除きました。`,
    lastAt: (time: ComponentChildren): ComponentChildren => ['最後に取り除いた日時: ', time],
    ground: (law: string): string => `根拠：${law}`,
    unchecked: {
      'unreadable-attachment': '中身を確かめられない添付ファイル',
      'too-deep': '入れ子が深く、中身を確かめきれない部分',
    },
    uncheckedWhy: '預かることのできない番号が含まれていないと確かめられないため、預かりませんでした。',
    uses: '使われた記録を見る',
    consents: '同意を確かめる・撤回する',
    erase: 'データをすべて消去する',
  },
  en: {
    title: 'What is kept about me',
    lead: 'Which data is kept about you, and where it came from.',
    sealed: 'Your data is kept sealed under a key of your own.',
    sealedDetail:
      'The table below shows kinds, numbers and dates only. When you look inside or export data, it is opened with your key, and that is written into the log.',
    inside: 'Inside',
    look: 'Look inside',
    lookAt: (category) => ` (${category})`,
    export: 'Export (ZIP)',
    exportDetail:
      'The data kept about you, what you are registered with, the receipts of your consents and the log entries about you, in one file. In it are a page to read and a form that other services can use (JSON-LD).',
    exportHeading: 'Export my data',
    held: 'How much of each kind',
    none: 'No data is kept about you.',
    category: 'Category of data',
    source: 'Source',
    records: 'Records',
    count: (count) => (count === '1' ? '1 record' : `${count} records`),
    superseded: (count) => `and earlier versions since replaced: ${count}`,
    days: 'Days the data is about',
    range: (first, last) => [first, ' to ', last],
    lastDepositedAt: 'Last received',
    takenOut: 'Removed and not kept',
    takenOutLead:
      'When data arrives with a number that the law does not allow us to keep, the number is removed before the data is stored. The numbers removed are not kept.',
    nothingTakenOut: 'Nothing was removed.',
    places: (count) => (count === 1 ? 'one place' : `${count} places`),
    foundIn: (source, category, places) => `Removed from ${places} in “${category}” from ${source}.`,
    lastAt: (time) => ['Last removed: ', time],
    ground: (law) => `Legal ground: ${law}`,
    unchecked: {
      'unreadable-attachment': 'An attachment that could not be examined',
      'too-deep': 'A part nested too deeply to be examined',
    },
    uncheckedWhy: 'It could not be made sure that no such number is inside, so it was not kept.',
    uses: 'See who used my data',
    consents: 'Check or withdraw consents',
    erase: 'Erase everything',
  },
});
