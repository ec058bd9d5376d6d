/** Isobe Mart, refused: coupons that guess a person's health from their purchases. */
import type { ProgramTerms } from '../../policy/program-terms.js';
import { recipientOf, running, yearAfter, type DemoProgram } from '../demo-program.js';

const texts = {
  title: { ja: '健康に合わせた割引券', en: 'Health-based coupons' },
  explanation: {
    ja: 'いそべマートが、買い物の記録から食生活の傾向と気になる体調を推定し、減塩や糖質を抑えた品物の割引券をメールで送ります。',
    en: 'From your purchases Isobe Mart estimates your eating habits and likely health concerns, and sends you coupons by e-mail for goods with less salt or sugar.',
  },
  problem: {
    ja: '減塩の品物の売り上げは、棚の広さに比べて少ないままです。',
    en: 'Sales of low-salt goods remain small for the shelf space they take.',
  },
  beneficiary: { ja: 'いそべマートで買い物をする住民', en: 'Residents who shop at Isobe Mart' },
  target: {
    ja: '減塩の品物を買う方を、一年で2割増やします。',
    en: 'Increase the number of buyers of low-salt goods by a fifth within a year.',
  },
};

function termsFrom(today: string): ProgramTerms {
  return {
    items: [
      {
        purpose: 'retail.personalised-offer',
        category: 'purchase.history',
        fields: ['items', 'total', 'store', 'time'],
      },
      { purpose: 'retail.personalised-offer', category: 'profile.contact', fields: ['name', 'email'] },
    ],
    periodDays: 365,
    retentionDays: 365,
    frequency: { count: 1, per: 'day' },
    mode: 'store',
    region: 'JP',
    onwardSharing: false,
    legalBasis: 'consent',
    relation: 'third_party_provision',
    publicInterest: null,
    benefitToResident: {
      ja: '月に4枚まで、食品の割引券を受け取れます。',
      en: 'You receive up to four food coupons a month.',
    },
    benefitToTown: {
      ja: '市内の店で食品を買う人が増えます。',
      en: 'More people buy their food in the city.',
    },
    safetyMeasures: {
      ja: '販売促進課の5名だけが、会社の端末で扱います。推定の結果は一年で消去します。',
      en: 'Only five members of the sales promotion section handle the data, on company terminals. The estimates are erased after a year.',
    },
    processors: ['株式会社いそべ広告'],
    impactAssessment: {
      ja: '買い物から体調を推定するため、本人が知られたくない病気に触れるおそれがあります。推定の結果は本人に見せません。',
      en: 'Estimating health from purchases may touch on illnesses that a person wants to keep to themselves. The estimates are not shown to the person.',
    },
    minimumAge: 18,
    ...running(today, 365),
  };
}

export function healthBasedCoupons(today: string): DemoProgram {
  return {
    name: 'health-based-coupons',
    status: 'refused',
    application: {
      recipient: recipientOf('isobe-mart'),
      ...texts,
      targetYear: yearAfter(today, 1),
      terms: termsFrom(today),
    },
    decision: {
      outcome: 'refused',
      memberId: 'board-kishimoto',
      reason: {
        ja: '買い物から病気を推定することは、要配慮個人情報を本人に知らせずに作り出すことにあたります。割引券という利益に比べて害が大きく、推定の結果を本人が見ることも正すこともできないため、承認しません。',
        en: 'Guessing illnesses from purchases creates special-care information behind the back of the person. The harm is great for the benefit of a coupon, and nobody can see or correct the guess. Refused.',
      },
    },
    suspension: null,
  };
}
