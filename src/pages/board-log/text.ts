/** The words of the board's view of the log; what the verifying script says stands in ../verify/text.ts. */
import { inBothLanguages } from '../language.js';
import type { Step } from '../verify/verify-log.js';

export const boardLogText = inBothLanguages({
  ja: {
    title: '利用記録の点検',
    lead: '提供、断り、同意、審査のすべてが、書き換えのできない利用記録に一行ずつ加わります。住民の個人データは含みません。',
    state: '最新のチェックポイント',
    origin: '名前',
    size: '記録の数',
    entries: (size: string) => `${size}件`,
    at: '署名した日時',
    root: '根（ハッシュ値）',
    noCheckpoint: 'チェックポイントはまだありません。',
    verify: {
      heading: 'このブラウザで検証する',
      lead: 'チェックポイントと、すべての記録を取り寄せ、根をこのブラウザの中で計算し直して、署名と照合します。',
      key: '検証用の公開鍵',
      keyHint:
        'データ倫理審査会が控えている鍵と同じかどうか、初めに見比べてください。控えの鍵に書き換えることもできます。',
      start: '検証する',
      progress: '検証の進み具合',
      needsScript: 'この検証は、ブラウザのスクリプトで動きます。使えない場合は、下の方法で確かめられます。',
      steps: {
        checkpoint: 'チェックポイントの署名を確かめる',
        entries: '記録を取り寄せる',
        root: '根を計算し直す',
        tiles: '公開されているハッシュの木と比べる',
        history: '前回からの書き換えがないか確かめる',
      } satisfies Record<Step, string>,
    },
    other: {
      heading: 'ほかの確かめ方',
      command: '運営主体に頼らずに確かめる',
      commandLead:
        'この画面のスクリプトも運営主体が配っています。独立に確かめるには、データ倫理審査会に渡されたトークンをファイル mirror-token に置き、データ倫理審査会の端末で次のコマンドを実行してください。',
      server: 'サーバーに確かめさせる',
      serverLead: 'これはサーバー自身の言葉です。独立の検証の代わりにはなりません。',
      serverStart: 'サーバーに検証を頼む',
      serverGood: (size: string): string => `サーバーは、${size}件の記録が署名どおりだと答えました。`,
      serverBad: 'サーバーは、利用記録が署名と一致しないと答えました。',
      serverAt: '答えた日時',
    },
    chart: (days: number) => `この${days}日間の提供と断り`,
    chartKinds: {
      provided: (sum: string) => `提供 ${sum}件`,
      refused: (sum: string) => `断りと取消し ${sum}件`,
    },
    chartLabels: {
      provided: (days: number, sum: string, highest: string) =>
        `この${days}日間に提供は${sum}件、もっとも多い日で${highest}件でした。`,
      refused: (days: number, sum: string, highest: string) =>
        `この${days}日間に断りと取消しは${sum}件、もっとも多い日で${highest}件でした。`,
    },
    chartHighest: (highest: string) => `最大 ${highest}件`,
    recent: '新しい記録',
    recentLead: (count: string) => `新しい順に${count}件を表示しています。`,
    none: '記録はまだありません。',
    index: '番号',
    time: '時刻',
    kind: '種類',
    sentence: '内容',
    raw: '元の一行',
    older: 'これより前の記録',
    newer: 'これより後の記録',
    pages: '記録のページ',
  },
  en: {
    title: 'Checking the log',
    lead: 'Every provision, refusal, consent and review is one line of a log that cannot be rewritten. It holds no resident’s personal data.',
    state: 'Latest checkpoint',
    origin: 'Name',
    size: 'Entries',
    entries: (size) => `${size} entries`,
    at: 'Signed',
    root: 'Root (hash)',
    noCheckpoint: 'There is no checkpoint yet.',
    verify: {
      heading: 'Verify in this browser',
      lead: 'This fetches the checkpoint and every entry, recomputes the root inside this browser and compares it with the signature.',
      key: 'Public key for verification',
      keyHint:
        'First compare it with the key the Data Ethics Board has on record. You may also paste your own copy of the key.',
      start: 'Verify',
      progress: 'Progress of the verification',
      needsScript: 'This verification runs as a script in the browser. If it cannot run, use the ways below.',
      steps: {
        checkpoint: 'Check the signature of the checkpoint',
        entries: 'Fetch the entries',
        root: 'Recompute the root',
        tiles: 'Compare with the published hash tree',
        history: 'Check that nothing was rewritten since last time',
      },
    },
    other: {
      heading: 'Other ways to check',
      command: 'Check without relying on the operator',
      commandLead:
        'The script of this page, too, is delivered by the operator. To check independently, put the token issued to the Data Ethics Board into the file mirror-token and run this command on a machine of the board’s own.',
      server: 'Let the server check',
      serverLead: 'This is the server’s own word. It does not replace an independent verification.',
      serverStart: 'Ask the server to verify',
      serverGood: (size) => `The server answered that ${size} entries are as signed.`,
      serverBad: 'The server answered that the log does not agree with its signature.',
      serverAt: 'Answered',
    },
    chart: (days) => `Provisions and refusals in the last ${days} days`,
    chartKinds: {
      provided: (sum) => `Provisions: ${sum}`,
      refused: (sum) => `Refusals and voids: ${sum}`,
    },
    chartLabels: {
      provided: (days, sum, highest) =>
        `In the last ${days} days there were ${sum} provisions, ${highest} on the busiest day.`,
      refused: (days, sum, highest) =>
        `In the last ${days} days there were ${sum} refusals and voids, ${highest} on the busiest day.`,
    },
    chartHighest: (highest) => `Highest: ${highest}`,
    recent: 'Recent entries',
    recentLead: (count) => `The newest ${count} entries, newest first.`,
    none: 'There are no entries yet.',
    index: 'No.',
    time: 'Time',
    kind: 'Kind',
    sentence: 'What happened',
    raw: 'The line itself',
    older: 'Earlier entries',
    newer: 'Later entries',
    pages: 'Pages of entries',
  },
});
