/** Hamakaze Clinic, active: checkup results and steps, so that nobody who needs a second visit is forgotten. */
import type { ProgramTerms } from '../../policy/program-terms.js';
import { recipientOf, running, yearAfter, type DemoProgram } from '../demo-program.js';

const texts = {
  title: { ja: '健診後の受診と生活習慣の相談', en: 'Checkup follow-up' },
  explanation: {
    ja: '市の健診の結果と毎日の歩数を、はまかぜ内科クリニックの医師と保健師が確かめ、再検査が要る方と、生活習慣を見直したい方の相談に使います。氏名と連絡先は渡りません。来院したときに同意の控えを示すと、医師がその場で結果を見ながら相談に応じます。',
    en: 'Doctors and nurses of Hamakaze Clinic look at your city checkup results and daily steps, to advise those who need a second test and those who want to change their habits. Your name and contact details are not passed on. When you visit and show your consent receipt, the doctor can discuss your results at once.',
  },
  problem: {
    ja: '市の健診で再検査を勧められた方の四割が、一年たっても受診していません。',
    en: 'Four in ten residents who are told to have a second test after the city checkup have not had one a year later.',
  },
  beneficiary: {
    ja: '市の健診を受けた40歳以上の住民',
    en: 'Residents aged 40 and over who had the city checkup',
  },
  target: {
    ja: '再検査を勧められた方の受診率を、60パーセントから80パーセントに上げます。',
    en: 'Raise the share of those who have the second test from 60 to 80 percent.',
  },
};

function termsFrom(today: string): ProgramTerms {
  return {
    items: [
      {
        purpose: 'care.prevention',
        category: 'health.checkup',
        fields: ['document', 'results', 'questionnaire', 'age-at-checkup', 'sex', 'encounter'],
      },
      { purpose: 'care.prevention', category: 'activity.steps', fields: ['steps', 'time'] },
    ],
    periodDays: 365,
    retentionDays: 365,
    frequency: null,
    mode: 'store',
    region: 'JP',
    onwardSharing: false,
    legalBasis: 'consent',
    relation: 'third_party_provision',
    publicInterest: null,
    benefitToResident: {
      ja: '再検査が要るときに早く気づき、続けられる運動の目安を医師から聞けます。',
      en: 'You learn early when a second test is needed, and a doctor suggests exercise that you can keep up.',
    },
    benefitToTown: {
      ja: '重い病気になる前に治療を始める方が増え、市の医療費の伸びが抑えられます。',
      en: 'More people are treated before they become seriously ill, which slows the growth of medical costs in the city.',
    },
    safetyMeasures: {
      ja: 'データは院内の暗号化したサーバーに置き、医師2名と保健師1名だけが、職員証と暗証番号で開きます。閲覧の記録を毎月院長が確かめます。',
      en: 'The data are kept on an encrypted server in the clinic. Only two doctors and one nurse open them, with staff card and PIN. The director checks the access records every month.',
    },
    processors: [],
    impactAssessment: {
      ja: '健診の結果は要配慮個人情報です。氏名、住所、電話番号の項目を受け取らないことで、漏れたときに本人がわかるおそれを小さくします。同意しない方の診療に違いは生じません。',
      en: 'Checkup results are special-care personal information. Not receiving names, addresses and telephone numbers lowers the risk that anybody is recognised if the data leak. Those who do not consent are treated as before.',
    },
    minimumAge: 18,
    ...running(today, 730),
  };
}

export function checkupFollowUp(today: string): DemoProgram {
  return {
    name: 'checkup-follow-up',
    status: 'active',
    application: {
      recipient: recipientOf('hamakaze-clinic'),
      ...texts,
      targetYear: yearAfter(today, 2),
      terms: termsFrom(today),
    },
    decision: {
      outcome: 'approved',
      memberId: 'board-udagawa',
      reason: {
        ja: '受診につながる利益が明らかで、氏名と連絡先を受け取らない設計です。閲覧する職員の人数も限られているため、承認します。',
        en: 'The benefit of reaching a doctor is clear, names and contact details are not received, and few members of staff have access. Approved.',
      },
    },
    suspension: null,
  };
}
