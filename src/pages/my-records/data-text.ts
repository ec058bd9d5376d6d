/** The words around a resident's own records. */
import type { ComponentChildren } from 'preact';
import { inBothLanguages } from '../language.js';

export const dataText = inBothLanguages({
  ja: {
    title: (category: string): string => `「${category}」の中身`,
    back: '預かっているデータへ戻る',
    logged: (time: ComponentChildren, place: string): ComponentChildren => [
      time,
      `に、あなたがこのデータを見たことを、利用記録に残しました（${place}）。データの中身は利用記録には入りません。`,
    ],
    uses: '使われた記録を見る',
    newest: (shown: string, all: string): string =>
      `新しいものから${shown}件を示しています（全${all}件）。すべて見るには、「預かっているデータ」の画面から取り出してください。`,
    from: (source: string): string => `${source}から受け入れ`,
    replaced: '（差し替えられる前の版）',
    unreadable: 'この記録は開けませんでした。運営主体にお知らせください。',
    asKept: '保管しているままの形（JSON）',
    separator: '、',
    fileTitle: '預けたデータ',
    fileLead: (city: string, time: ComponentChildren): ComponentChildren => [
      `${city}のAzukariがあなたについて預かっているすべてのデータです。`,
      time,
      'に取り出しました。',
    ],
    fileCare: 'この中には、あなたの個人情報が入っています。人に渡したり、共用のパソコンに残したりしないでください。',
    fileSigned:
      '「manifest.jws」は、すべてのファイルのハッシュ値（SHA-256）に署名したものです。あとから書き換えられていないことを確かめられます。',
    count: (count: string): string => `${count}件`,
    consents: '同意の控え（consents）と、あなたについての利用記録（uses.json）も入っています。',
    none: '預かっているデータはありません。',
  },
  en: {
    title: (category) => `Inside “${category}”`,
    back: 'Back to what is kept about me',
    logged: (time, place) => [
      'Your looking at this data stands in the log (',
      time,
      `, entry ${place}). The data itself is not in the log.`,
    ],
    uses: 'See who used my data',
    newest: (shown, all) =>
      `These are the newest ${shown} of ${all}. To see all of them, take them out on the page “What is kept about me”.`,
    from: (source) => `Received from ${source}`,
    replaced: '(since replaced)',
    unreadable: 'This record could not be opened. Please tell the operator.',
    asKept: 'As it is kept (JSON)',
    separator: ', ',
    fileTitle: 'My data',
    fileLead: (city, time) => [`Everything that Azukari of ${city} keeps about you. Taken out at `, time, '.'],
    fileCare: 'It holds your personal data. Do not pass it on, and do not leave it on a shared computer.',
    fileSigned:
      'The file manifest.jws is a signature over the SHA-256 hashes of all files: it shows whether any was changed afterwards.',
    count: (count) => (count === '1' ? '1 record' : `${count} records`),
    consents: 'The receipts of your consents (consents) and the log entries about you (uses.json) are in it too.',
    none: 'No data is kept about you.',
  },
});
