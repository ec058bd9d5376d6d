/** The words of the demonstration's sign-in. */
import { inBothLanguages } from '../language.js';

export const signInText = inBothLanguages({
  ja: {
    title: 'サインイン',
    demo: 'これはデモのサインインです。名前を押すと、その人としてサインインします。実際の運用に必要な本人確認のサービスとの接続は、まだ備えていません。',
    notDemo: 'この市のサインインは、まだ設定されていません。',
    residents: '住民',
    residentsLead: '自分のデータがだれに使われたかを見て、同意を選び、撤回できます。',
    board: 'データ倫理審査会の委員',
    boardLead: 'データ利用計画を審査し、利用記録を点検できます。',
    staff: '運営主体の職員',
    staffLead:
      '理由を書き、ほかの職員の承認を受けて、住民のデータを見られます。だれが見たかは本人のページに表示されます。',
    as: (name: string) => `${name} さんとしてサインイン`,
    failed: 'サインインできませんでした',
    failedDetail: 'この名前ではサインインできません。一覧から選んでください。',
    none: 'サインインできる人がいません。',
  },
  en: {
    title: 'Sign in',
    demo: 'This is the demonstration’s sign-in. Press a name to sign in as that person. Real service needs a connection to an identity service, which this version does not have yet.',
    notDemo: 'Sign-in is not set up for this city yet.',
    residents: 'Residents',
    residentsLead: 'See who used your data, choose what to consent to, and withdraw.',
    board: 'Members of the Data Ethics Board',
    boardLead: 'Review programs and check the log.',
    staff: 'Staff of the operator',
    staffLead:
      'Look at a resident’s data, with a reason and once another member of staff has allowed it. The resident sees on their own page who looked.',
    as: (name) => `Sign in as ${name}`,
    failed: 'Sign-in failed',
    failedDetail: 'This name cannot sign in. Please choose one from the list.',
    none: 'There is nobody who can sign in.',
  },
});
