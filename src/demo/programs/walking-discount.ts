/** Shiosai Insurance, before the board: steps for a discount. */
import type { ProgramTerms } from '../../policy/program-terms.js';
import { recipientOf, running, yearAfter, type DemoProgram } from '../demo-program.js';

const texts = {
  title: { ja: '歩いて受け取る保険料の割引', en: 'Walking discount' },
  explanation: {
    ja: 'しおさい保険の医療保険に入っている方が、月に平均で一日8,000歩以上歩くと、翌月の保険料が3パーセント下がります。歩数が少ない月に保険料が上がることはありません。保険の引受けと支払いの判断には使いません。',
    en: 'Holders of a Shiosai medical insurance policy who walk 8,000 steps a day on average over a month pay 3 percent less in the next. In a month with fewer steps the premium does not rise. The data are not used to decide on underwriting or claims.',
  },
  problem: {
    ja: '契約している方の平均の歩数は一日5,900歩で、国の目標に届いていません。',
    en: 'Policyholders walk 5,900 steps a day on average, which is below the national goal.',
  },
  beneficiary: {
    ja: 'しおさい保険の医療保険に入っている住民',
    en: 'Residents with a Shiosai medical insurance policy',
  },
  target: {
    ja: '参加した方の平均の歩数を、一日5,900歩から7,000歩に増やします。',
    en: 'Raise the average of participants from 5,900 to 7,000 steps a day.',
  },
};

function termsFrom(today: string): ProgramTerms {
  return {
    items: [{ purpose: 'insurance.incentive', category: 'activity.steps', fields: ['steps', 'time'] }],
    periodDays: 365,
    retentionDays: 180,
    frequency: { count: 1, per: 'week' },
    mode: 'store',
    region: 'JP',
    onwardSharing: false,
    legalBasis: 'consent',
    relation: 'third_party_provision',
    publicInterest: null,
    benefitToResident: {
      ja: '歩いた月の翌月に、保険料が3パーセント下がります。',
      en: 'After a month of walking you pay 3 percent less.',
    },
    benefitToTown: {
      ja: '歩く人が増え、商店街を訪れる人が増えます。',
      en: 'More people walk, and more of them visit the shopping streets.',
    },
    safetyMeasures: {
      ja: '引受けの部門から切り離したデータベースに置き、割引を計算する担当者2名だけが開きます。',
      en: 'The data are kept in a database apart from underwriting, which only the two people who calculate the discount open.',
    },
    processors: ['しおさいシステム株式会社'],
    impactAssessment: {
      ja: '病気や障害で歩けない方が不利に扱われるおそれがあります。歩数が少なくても保険料は上がらず、歩けない方には体操の記録による割引を設けます。',
      en: 'People who cannot walk because of illness or disability may be at a disadvantage. The premium never rises, and they can earn the discount by recording exercises instead.',
    },
    minimumAge: 18,
    ...running(today, 365),
  };
}

export function walkingDiscount(today: string): DemoProgram {
  return {
    name: 'walking-discount',
    status: 'in_review',
    application: {
      recipient: recipientOf('shiosai-insurance'),
      ...texts,
      targetYear: yearAfter(today, 2),
      terms: termsFrom(today),
    },
    decision: null,
    suspension: null,
  };
}
