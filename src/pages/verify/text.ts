/** What the verifier says, in both languages. It stands in this folder because it is served to the browser with it. */
import type { Failure } from './verify-log.js';

export interface VerifierText {
  readonly states: Readonly<Record<'waiting' | 'running' | 'done' | 'failed' | 'stopped', string>>;
  readonly progress: (done: string, total: string) => string;
  readonly goodTitle: string;
  readonly good: (size: string, root: string) => string;
  readonly counts: string;
  readonly sinceNothing: string;
  readonly since: (size: string) => string;
  readonly badTitle: string;
  readonly failures: Readonly<Record<Failure, string>>;
  readonly entry: (index: string) => string;
  readonly entries: (from: string, to: string) => string;
  readonly place: (entries: string, path: string) => string;
  readonly badNext: string;
  readonly unsupported: string;
  readonly broken: string;
}

export const verifierText: Readonly<Record<'ja' | 'en', VerifierText>> = {
  ja: {
    states: { waiting: '待機中', running: '確認中', done: '一致', failed: '不一致', stopped: '中断' },
    progress: (done, total) => `${done} / ${total}`,
    goodTitle: '検証できました。利用記録は署名どおりです。',
    good: (size, root) => `${size}件すべての記録から計算し直した根（${root}）が、署名された根と一致しました。`,
    counts: '種類ごとの件数',
    sinceNothing: 'このブラウザでの検証は初めてです。次からは、今回との間に書き換えがないことも確かめます。',
    since: (size) => `前回このブラウザで検証した${size}件にも、書き換えはありません。`,
    badTitle: '検証できませんでした。',
    failures: {
      'bad-key': '検証用の公開鍵の形が正しくありません。',
      unreachable: '通信できませんでした。時間をおいて、もう一度お試しください。',
      'bad-checkpoint': 'チェックポイントの形が正しくないか、この鍵の利用記録のものではありません。',
      'bad-signature': 'チェックポイントの署名が、この公開鍵では確かめられません。',
      'too-large': '件数が多いため、ブラウザでは検証できません。下のコマンドをお使いください。',
      'no-checkpoint': 'チェックポイントがありません。時間をおいて、もう一度お試しください。',
      'entries-missing':
        '署名されたチェックポイントに含まれる利用記録の一部がありません。もう一度求めても、ないという答えでした。利用記録が取り除かれたおそれがあります。',
      'tile-missing':
        '署名されたチェックポイントに含まれるハッシュの木の一部がありません。もう一度求めても、ないという答えでした。取り除かれたおそれがあります。',
      'entries-malformed': '利用記録の一部の形が正しくありません。',
      'root-differs': '計算し直した根が、署名された根と一致しません。利用記録が書き換えられたおそれがあります。',
      'tile-differs': '公開されているハッシュの木が、利用記録と一致しません。',
      shrunk: '前回このブラウザで検証したときより、件数が減っています。利用記録が巻き戻されたおそれがあります。',
      rewritten: '前回このブラウザで検証した部分が、書き換えられています。',
    },
    entry: (index) => `${index}番の記録`,
    entries: (from, to) => `${from}番から${to}番までの記録`,
    place: (entries, path) => `場所：${entries}（${path}）`,
    badNext: 'この画面を保存し、チェックポイントの控えとともに、データ倫理審査会の事務局へお知らせください。',
    unsupported: 'このブラウザは、検証に必要な暗号機能（Ed25519）に対応していません。下のコマンドをお使いください。',
    broken: '検証の途中で問題が起きました。下のコマンドをお使いください。',
  },
  en: {
    states: { waiting: 'Waiting', running: 'Checking', done: 'Agrees', failed: 'Differs', stopped: 'Stopped' },
    progress: (done, total) => `${done} / ${total}`,
    goodTitle: 'Verified: the log is as signed.',
    good: (size, root) => `The root recomputed from all ${size} entries (${root}) equals the signed root.`,
    counts: 'Entries by kind',
    sinceNothing:
      'This is the first verification in this browser. From now on it also checks that nothing since was rewritten.',
    since: (size) => `Nothing in the ${size} entries verified last time in this browser has been rewritten.`,
    badTitle: 'The log could not be verified.',
    failures: {
      'bad-key': 'The public key for verification is not of the right form.',
      unreachable: 'The connection failed. Please try again later.',
      'bad-checkpoint': 'The checkpoint is malformed or does not belong to the log of this key.',
      'bad-signature': 'The signature of the checkpoint does not verify under this public key.',
      'too-large': 'There are too many entries for a browser. Please use the command below.',
      'no-checkpoint': 'There is no checkpoint. Please try again later.',
      'entries-missing':
        'Entries that the signed checkpoint covers are not there, also when asked for again. They may have been taken out of the log.',
      'tile-missing':
        'A part of the hash tree that the signed checkpoint covers is not there, also when asked for again. It may have been taken away.',
      'entries-malformed': 'Some entries of the log are malformed.',
      'root-differs': 'The recomputed root differs from the signed root. The log may have been rewritten.',
      'tile-differs': 'The published hash tree does not agree with the entries.',
      shrunk:
        'There are fewer entries than at the last verification in this browser. The log may have been rolled back.',
      rewritten: 'The part verified last time in this browser has been rewritten.',
    },
    entry: (index) => `entry ${index}`,
    entries: (from, to) => `entries ${from} to ${to}`,
    place: (entries, path) => `Where: ${entries} (${path})`,
    badNext:
      'Please save this page and report it, with your copy of the checkpoint, to the secretariat of the Data Ethics Board.',
    unsupported: 'This browser lacks the cryptography needed (Ed25519). Please use the command below.',
    broken: 'Something went wrong during verification. Please use the command below.',
  },
};
