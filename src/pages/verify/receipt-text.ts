/** What the check of a receipt says, in both languages. It stands in this folder because it is served to the browser with it. */
import type { Proven, ReceiptFailure } from './receipt.js';

export interface ReceiptText {
  readonly states: Readonly<Record<'waiting' | 'done' | 'failed' | 'skipped', string>>;
  readonly goodTitles: Readonly<Record<Proven['what']['kind'], string>>;
  readonly good: (index: string, size: string) => string;
  readonly facts: Readonly<
    Record<'at' | 'recipient' | 'program' | 'purpose' | 'categories' | 'pairwiseId' | 'ownId', string>
  >;
  readonly version: (version: string) => string;
  readonly badTitle: string;
  readonly otherFileTitle: string;
  readonly failures: Readonly<Record<ReceiptFailure, string>>;
  readonly badNext: string;
  readonly otherKey: string;
  readonly tooLarge: string;
  readonly oneOnly: string;
  readonly unsupported: string;
  readonly broken: string;
  readonly separator: string;
}

export const receiptText: Readonly<Record<'ja' | 'en', ReceiptText>> = {
  ja: {
    states: { waiting: '', done: '確認済み', failed: '確認できません', skipped: '未確認' },
    goodTitles: {
      provision: 'この提供証明は正しいものです。',
      access: 'この閲覧の控えは正しいものです。',
      export: 'この取り出しの控えは正しいものです。',
      erasure: 'この消去の控えは正しいものです。',
      staff: 'この職員による閲覧の控えは正しいものです。',
    },
    good: (index, size) => `署名された利用記録${size}件のうち、${index}番の記録として残っています。`,
    facts: {
      at: '記録の時刻',
      recipient: '提供先',
      program: '計画',
      purpose: '利用目的',
      categories: 'データ区分',
      pairwiseId: '提供先ごとの仮ID',
      ownId: '本人の操作や職員の閲覧を記録するためのID',
    },
    version: (version) => `（第${version}版）`,
    badTitle: 'このファイルは確かめられませんでした。',
    otherFileTitle: 'このファイルは、提供証明でも、閲覧・取り出し・消去の控えでもないようです。',
    failures: {
      'bad-key': '検証用の公開鍵の形が正しくありません。',
      'not-a-receipt':
        '提供証明か、閲覧・取り出し・消去の控えのファイルを選んでください。同意の控え、もれがないことの証明、鍵のファイルは、この画面では確かめられません。',
      'not-a-provision': 'この記録は、提供の記録でも、本人の閲覧・取り出し・消去の記録でもありません。',
      'bad-proof': '添えられた証明の形が正しくありません。',
      'bad-checkpoint': 'チェックポイントの形が正しくないか、この鍵の利用記録のものではありません。',
      'bad-signature': 'チェックポイントの署名が、この公開鍵では確かめられません。',
      'not-included': '署名された利用記録に、この記録は入っていません。',
      'wrong-commitment': '添えられた詳細が、記録したときのものと違います。',
      'wrong-tag': '記録の印（タグ）が、詳細にある仮IDのものではありません。',
    },
    badNext: 'ファイルが途中で変わっていないか確かめ、受け取った相手かデータ倫理審査会の事務局へお知らせください。',
    otherKey: '上の欄の公開鍵は、このページが示した鍵と違います。結果は、その鍵が信頼できる場合にだけ意味をもちます。',
    tooLarge: 'ファイルが大きすぎます。提供証明は64KB以下です。',
    oneOnly: 'ファイルを一つだけ選んでください。',
    unsupported: 'このブラウザは、検証に必要な暗号機能（Ed25519）に対応していません。下のコマンドをお使いください。',
    broken: '検証の途中で問題が起きました。下のコマンドをお使いください。',
    separator: '、',
  },
  en: {
    states: { waiting: '', done: 'Checked', failed: 'Does not hold', skipped: 'Not checked' },
    goodTitles: {
      provision: 'This receipt is good.',
      access: 'This receipt of an own access is good.',
      export: 'This receipt of an own export is good.',
      erasure: 'This erasure receipt is good.',
      staff: 'This receipt of staff access is good.',
    },
    good: (index, size) => `It stands as entry ${index} in the signed log of ${size} entries.`,
    facts: {
      at: 'Time of the entry',
      recipient: 'Recipient',
      program: 'Program',
      purpose: 'Purpose',
      categories: 'Categories',
      pairwiseId: 'Pairwise id at this recipient',
      ownId: 'Id for the resident’s own acts, or for the staff’s unit',
    },
    version: (version) => ` (version ${version})`,
    badTitle: 'This receipt could not be confirmed.',
    otherFileTitle:
      'This file does not seem to be a provision receipt, or a receipt of an own access, export or erasure.',
    failures: {
      'bad-key': 'The public key for verification is not of the right form.',
      'not-a-receipt':
        'Please choose the file of a provision receipt, or of a receipt of an own access, export or erasure. Consent receipts, completeness proofs and key files cannot be checked here.',
      'not-a-provision': 'The entry is neither that of a provision nor that of an own access, export or erasure.',
      'bad-proof': 'The proof in it is malformed.',
      'bad-checkpoint': 'The checkpoint is malformed or does not belong to the log of this key.',
      'bad-signature': 'The signature of the checkpoint does not verify under this public key.',
      'not-included': 'The entry is not in the log that was signed.',
      'wrong-commitment': 'The detail is not the one the entry was made for.',
      'wrong-tag': 'The tag of the entry does not belong to the pairwise id in the detail.',
    },
    badNext:
      'Please make sure the file was not altered on its way, and tell whoever gave it to you or the secretariat of the Data Ethics Board.',
    otherKey:
      'The public key in the field above is not the one this page showed. The result means something only if you trust that key.',
    tooLarge: 'The file is too large. A provision receipt has at most 64 KB.',
    oneOnly: 'Please choose one file.',
    unsupported: 'This browser lacks the cryptography needed (Ed25519). Please use the command below.',
    broken: 'Something went wrong during the check. Please use the command below.',
    separator: ', ',
  },
};
