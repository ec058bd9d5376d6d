import { inBothLanguages } from '../language.js';

export const reviewText = inBothLanguages({
  ja: {
    back: '審査の一覧に戻る',
    findings: '機械による確認',
    findingsLead: '提出のときに自動で確かめた結果です。判断は委員が行います。',
    noFindings: '自動の確認では、指摘はありませんでした。',
    severities: { blocks: '満たしていない', attention: '注意', passed: '確認済み' },
    decide: '判断する',
    decideLead: '理由は、そのまま公開します。',
    outcome: '判断',
    outcomes: {
      approve: { name: '承認する', detail: '計画の期間が始まると、住民に同意をお願いできるようになります。' },
      return: { name: '差し戻す', detail: '提供先が直して出し直せます。' },
      refuse: { name: '承認しない', detail: '提供先は再審査を申し出ることができます。' },
    },
    reasons: '理由（日本語）',
    reasonsHint: '住民が読んでわかる文で書いてください。',
    reasonsEnglish: '理由（英語）',
    reasonsEnglishHint: '英語のページに載せます。',
    submit: 'この内容で判断を記録する',
    suspend: '計画を停止する',
    suspendLead: '停止すると、次の読み取りからデータが渡らなくなります。住民の同意は残ります。',
    suspendReasons: '停止の理由',
    suspendSubmit: '今すぐ停止する',
    failures: {
      'outcome-missing': {
        title: '判断が選ばれていません',
        detail: '承認する、差し戻す、承認しないのどれか一つを選んでください。',
      },
      'reasons-missing': {
        title: '理由がありません',
        detail: '理由のない判断は記録できません。理由を書いてください。',
      },
      conflict: {
        title: '計画の状態が変わっています',
        detail: 'ページを開いてから、ほかの委員が判断した可能性があります。今の状態を確かめてください。',
      },
    },
  },
  en: {
    back: 'Back to the list of reviews',
    findings: 'Machine checks',
    findingsLead: 'What was checked automatically at submission. The decision is the members’.',
    noFindings: 'The automatic checks found nothing.',
    severities: { blocks: 'Not met', attention: 'Attention', passed: 'Checked' },
    decide: 'Decide',
    decideLead: 'The reasons are published as written.',
    outcome: 'Decision',
    outcomes: {
      approve: { name: 'Approve', detail: 'Once the program’s period begins, residents can be asked for consent.' },
      return: { name: 'Return', detail: 'The recipient may improve the program and submit it again.' },
      refuse: { name: 'Refuse', detail: 'The recipient may ask for re-examination.' },
    },
    reasons: 'Reasons (Japanese)',
    reasonsHint: 'Write so that a resident understands.',
    reasonsEnglish: 'Reasons (English)',
    reasonsEnglishHint: 'Shown on the English pages.',
    submit: 'Record this decision',
    suspend: 'Suspend the program',
    suspendLead: 'From the next read on, no data is provided. The residents’ consents remain.',
    suspendReasons: 'Reasons for the suspension',
    suspendSubmit: 'Suspend now',
    failures: {
      'outcome-missing': { title: 'No decision is chosen', detail: 'Choose one: approve, return or refuse.' },
      'reasons-missing': {
        title: 'There are no reasons',
        detail: 'A decision without reasons cannot be recorded. Please write them.',
      },
      conflict: {
        title: 'The program’s state has changed',
        detail: 'Another member may have decided after you opened this page. Please check its present state.',
      },
    },
  },
});
