/** The words around a resident's own records. */
import type { ComponentChildren } from 'preact';
import { inBothLanguages } from '../language.js';

export const dataText = inBothLanguages({
  ja: {
    title: (category: string): string => `「${category}」の中身`,
    back: '預かっているデータへ戻る',
    logged: (time: ComponentChildren, place: string): ComponentChildren => [
      'あなたがこのデータを見たことは、',
      time,
      `の利用記録（${place}）に残りました。データの中身は利用記録には入りません。`,
    ],
    uses: '使われた記録を見る',
    newest: (shown: string, all: string): string =>
      `新しいものから${shown}件を示しています（全${all}件）。すべてを見るには、「預かっているデータ」の画面から取り出してください。`,
    from: (source: string): string => `${source}から受け入れ`,
    replaced: '（差し替えられる前の版）',
    unreadable: 'この記録は開けませんでした。運営主体にお知らせください。',
    asKept: '保管している形のまま（JSON）',
    separator: '、',
    yes: 'はい',
    no: 'いいえ',
    fileTitle: '預かっているデータ',
    fileLead: (city: string, time: ComponentChildren): ComponentChildren => [
      `${city}のAzukariがあなたについて預かっているデータです。`,
      time,
      'に取り出しました。',
    ],
    fileCare:
      'この中には、あなたの個人情報と、提供先ごとの仮IDが入っています。人に渡したり、共用のパソコンに残したりしないでください。',
    fileOthers:
      'ほかに、登録内容（registration.json）、同意の控え（consents）、あなたについての利用記録（uses.json）、この取り出しの控え（receipt.json）が入っています。',
    fileSigned: (keysUrl: string): string =>
      `「manifest.jws」は、すべてのファイルのハッシュ値（SHA-256）に署名したもの（JWS）です。${keysUrl} の公開鍵で、あとから書き換えられていないことを確かめられます。`,
    fileLacks:
      '法律により3年間残す提供の記録、データ提供元ごとの預託の設定、あなたの鍵は、入っていません。鍵は「だれが・何に使ったか」の画面からダウンロードできます。',
    count: (count: string): string => `${count}件`,
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
      `These are the newest ${shown} of ${all}. To see all of them, export them on the page “What is kept about me”.`,
    from: (source) => `Received from ${source}`,
    replaced: '(since replaced)',
    unreadable: 'This record could not be opened. Please tell the operator.',
    asKept: 'As it is kept (JSON)',
    separator: ', ',
    yes: 'yes',
    no: 'no',
    fileTitle: 'What is kept about me',
    fileLead: (city, time) => [`The data that Azukari of ${city} keeps about you. Exported at `, time, '.'],
    fileCare:
      'It holds your personal data and your pairwise ids at all recipients. Do not pass it on, and do not leave it on a shared computer.',
    fileOthers:
      'Beside it are what you are registered with (registration.json), the receipts of your consents (consents), the log entries about you (uses.json) and the receipt of this export (receipt.json).',
    fileSigned: (keysUrl) =>
      `The file manifest.jws is a signature (JWS) over the SHA-256 hashes of all files: with the public key at ${keysUrl} it shows whether any was changed afterwards.`,
    fileLacks:
      'Not in it are the records of provisions that the law demands for three years, which sources may deposit, and your key. The key can be downloaded on the page “Who used my data”.',
    count: (count) => (count === '1' ? '1 record' : `${count} records`),
    none: 'No data is kept about you.',
  },
});
