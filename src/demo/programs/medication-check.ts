/** Hamakaze Clinic, active: prescriptions, so that medicines are not given twice or against each other. */
import type { ProgramTerms } from '../../policy/program-terms.js';
import { recipientOf, running, yearAfter, type DemoProgram } from '../demo-program.js';

const texts = {
  title: { ja: '薬の飲み合わせの確認', en: 'Medication check' },
  explanation: {
    ja: 'はまかぜ内科クリニックの医師が、ほかの医療機関で出された薬を診察のときに確かめ、同じ薬の重なりと、飲み合わせの悪い薬を見つけます。処方した医師の氏名と処方箋の番号は渡りません。',
    en: 'At your visit, doctors of Hamakaze Clinic check the medicines that other institutions prescribed, to find duplicates and harmful combinations. Names of prescribers and prescription numbers are not passed on.',
  },
  problem: {
    ja: '二つ以上の医療機関にかかる方の一割に、薬の重なりが見つかっています。',
    en: 'Of patients who see two or more institutions, one in ten is found to take the same medicine twice.',
  },
  beneficiary: {
    ja: '二つ以上の医療機関から薬を受け取る住民',
    en: 'Residents who receive medicines from two or more institutions',
  },
  target: {
    ja: '薬の重なりが見つかる方の割合を、10パーセントから5パーセントに減らします。',
    en: 'Halve the share of patients with duplicate medicines from 10 to 5 percent.',
  },
};

function termsFrom(today: string): ProgramTerms {
  return {
    items: [
      {
        purpose: 'care.treatment',
        category: 'health.prescription',
        fields: ['medications', 'dates', 'facility', 'pharmacy'],
      },
    ],
    periodDays: 365,
    retentionDays: 1,
    frequency: null,
    mode: 'view',
    region: 'JP',
    onwardSharing: false,
    legalBasis: 'consent',
    relation: 'third_party_provision',
    publicInterest: null,
    benefitToResident: {
      ja: '薬の重なりと悪い飲み合わせを、診察のその場で避けられます。',
      en: 'Duplicate medicines and harmful combinations are avoided at the visit itself.',
    },
    benefitToTown: {
      ja: '余る薬が減り、薬による入院が減ります。',
      en: 'Fewer medicines are wasted and fewer people go to hospital because of them.',
    },
    safetyMeasures: {
      ja: '診察室の端末で診察のあいだだけ表示し、診療録に写した行のほかは残しません。閲覧の記録を毎月院長が確かめます。',
      en: 'The data are shown on the terminal in the consulting room during the visit only; nothing is kept but the lines copied into the medical record. The director checks the access records every month.',
    },
    processors: [],
    impactAssessment: {
      ja: '薬の名前からは病名が推測されます。診察する医師だけが見られるようにし、受付の職員の画面には表示しません。',
      en: 'Names of medicines tell of illnesses. Only the doctor at the visit sees them; they are not shown to staff at the reception.',
    },
    minimumAge: 16,
    ...running(today, 730),
  };
}

export function medicationCheck(today: string): DemoProgram {
  return {
    name: 'medication-check',
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
        ja: '診療の安全に直接役立ち、見る人と時間が限られています。番号と医師の氏名を受け取らないことも確かめたため、承認します。',
        en: 'It serves the safety of treatment directly, and few people see the data for a short time. Numbers and names of doctors are not received. Approved.',
      },
    },
    suspension: null,
  };
}
