/** The words of the page that checks a receipt; what the script says stands in ../verify/receipt-text.ts. */
import { inBothLanguages } from '../language.js';
import type { ReceiptStep } from '../verify/receipt.js';

export const receiptCheckText = inBothLanguages({
  ja: {
    title: '提供証明・消去の控えを確かめる',
    lead: '提供証明は、あるデータの提供が利用記録に残っていることの証拠です。消去の控えは、消去したことの証拠です。お手元のファイルを、このブラウザの中で確かめます。ファイルはどこにも送りません。',
    keyHeading: '1. 公開鍵を見比べる',
    key: '検証用の公開鍵',
    keyHint:
      'この鍵は、この市の利用記録の鍵です。信頼できる人から受け取った鍵があれば、見比べるか、その鍵に書き換えてください。',
    otherKeys: '鍵を交換する前や、前の年までの提供証明を確かめるとき',
    otherKeysHint:
      '提供証明は、それが渡されたときに有効だった鍵で確かめます。この市の利用記録に署名してきたほかの鍵は、新しいものから順に次のとおりです。',
    fileHeading: '2. ファイルを選ぶ',
    file: '提供証明または消去の控えのファイル（JSON）',
    fileHint: 'ここにファイルを置くこともできます。',
    needsScript: 'この画面での検証は、ブラウザのスクリプトで動きます。使えない場合は、下のコマンドで確かめてください。',
    checked: '確かめること',
    steps: {
      form: 'ファイルが提供証明または消去の控えの形をしている',
      checkpoint: 'チェックポイントが、この公開鍵で署名されている',
      inclusion: '記録が、署名された利用記録に入っている',
      commitment: '添えられた詳細が、記録したとき（提供では、データを読む前）に結び付けたものと同じである',
      tag: '記録の印（タグ）が、詳細にある仮IDのものである',
    } satisfies Record<ReceiptStep, string>,
    result: '結果',
    notChecked: 'この画面では確かめないこと',
    limits: [
      'そのとき有効な同意があったこと。同意の記録は、本人の「使われた記録」と、データ倫理審査会の点検で確かめられます。',
      '提供証明が、あなたについてのものであること。仮IDを、お持ちのIDと見比べてください。',
      'ほかの人にも同じ利用記録が示されていること。立会人の連署を確かめるには、コマンドをお使いください。',
      '公開鍵が本物であること。この画面もスクリプトも、運営主体が配っています。',
    ],
    command: '運営主体に頼らずに確かめる',
    commandLead: 'このソフトウェアを別のところから手に入れ、次のコマンドを実行してください。通信はしません。',
  },
  en: {
    title: 'Check a provision or erasure receipt',
    lead: 'A provision receipt proves that a provision of data stands in the log, an erasure receipt that an erasure does. Your file is checked inside this browser and is sent nowhere.',
    keyHeading: '1. Compare the public key',
    key: 'Public key for verification',
    keyHint:
      'This is the key of this city’s log. If you have a key from somebody you trust, compare the two or put that one here.',
    otherKeys: 'For a receipt from before the key was changed, or of an earlier year',
    otherKeysHint:
      'A receipt is checked with a key that was in use when it was given. These are the other keys that have signed this city’s log, the newest first.',
    fileHeading: '2. Choose the file',
    file: 'File of the receipt (JSON)',
    fileHint: 'You can also drop the file here.',
    needsScript:
      'This check runs as a script in the browser. Where that is not possible, please use the command below.',
    checked: 'What is checked',
    steps: {
      form: 'The file has the form of a provision or erasure receipt',
      checkpoint: 'The checkpoint is signed with this public key',
      inclusion: 'The entry is in the log that was signed',
      commitment: 'The detail is the one the entry was bound to (of a provision, before the data was read)',
      tag: 'The tag of the entry belongs to the pairwise id in the detail',
    },
    result: 'Result',
    notChecked: 'What this page does not check',
    limits: [
      'That a consent was in force. Consents are checked by the resident under “Who used my data”, and by the Data Ethics Board.',
      'That the receipt is about you. Compare the pairwise id with the one you know.',
      'That others are shown the same log. Use the command to check cosignatures of witnesses.',
      'That the public key is the right one. This page and its script come from the operator, too.',
    ],
    command: 'Check without relying on the operator',
    commandLead: 'Get this software from somewhere else and run this command. It connects to nothing.',
  },
});
