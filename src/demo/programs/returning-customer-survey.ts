/** Isobe Mart, suspended: groups of goods for opening hours and shelves, stopped because of an unreported processor. */
import type { ProgramTerms } from '../../policy/program-terms.js';
import { recipientOf, running, yearAfter, type DemoProgram } from '../demo-program.js';

const texts = {
  title: { ja: '買い物に来る時間と品物の調査', en: 'Returning-customer survey' },
  explanation: {
    ja: 'いそべマートが、買った品物の分類と店と日時を使い、閉店時刻と移動販売車の巡回先を決めます。品物の名前と会員番号は渡りません。広告には使いません。',
    en: 'Isobe Mart uses the groups of goods bought, the shop and the time to decide on closing hours and on the route of its shop on wheels. Names of goods and membership numbers are not passed on. The data are not used for advertising.',
  },
  problem: {
    ja: '川辺地区では最後の食料品店が閉まり、移動販売車の時間に合わない方がいます。',
    en: 'The last grocery of the riverside district has closed, and the shop on wheels comes at times that do not suit everybody.',
  },
  beneficiary: { ja: '近くに食料品店がない地区の住民', en: 'Residents of districts without a grocery nearby' },
  target: {
    ja: '移動販売車を使える世帯を、120世帯から300世帯に増やします。',
    en: 'Raise the number of households served by the shop on wheels from 120 to 300.',
  },
};

function termsFrom(today: string): ProgramTerms {
  return {
    items: [
      {
        purpose: 'city.service-improvement',
        category: 'purchase.history',
        fields: ['groups', 'store', 'time'],
      },
    ],
    periodDays: 365,
    retentionDays: 180,
    frequency: { count: 1, per: 'day' },
    mode: 'store',
    region: 'JP',
    onwardSharing: false,
    legalBasis: 'consent',
    relation: 'third_party_provision',
    publicInterest: {
      ja: '買い物に困る地区をなくすという、市の計画の目標に役立ちます。',
      en: 'It serves the goal of the city plan that no district is without shopping.',
    },
    benefitToResident: {
      ja: '家の近くで、都合のよい時間に食料品を買えます。',
      en: 'You can buy groceries close to home at a time that suits you.',
    },
    benefitToTown: {
      ja: '買い物に困る地区が減ります。',
      en: 'Fewer districts are left without shopping.',
    },
    safetyMeasures: {
      ja: '店舗計画課の2名だけが扱い、週ごとの合計にまとめたあと、元のデータを180日で消去します。',
      en: 'Only two members of the store planning section handle the data. They are added up by week, and the originals are erased after 180 days.',
    },
    processors: [],
    impactAssessment: {
      ja: '買い物の時刻から留守の時間が推測されるおそれがあります。合計は10人以上の単位で作ります。',
      en: 'Times of shopping may tell when nobody is at home. Totals are made for groups of at least ten people.',
    },
    minimumAge: 18,
    ...running(today, 365),
  };
}

export function returningCustomerSurvey(today: string): DemoProgram {
  return {
    name: 'returning-customer-survey',
    status: 'suspended',
    application: {
      recipient: recipientOf('isobe-mart'),
      ...texts,
      targetYear: yearAfter(today, 2),
      terms: termsFrom(today),
    },
    decision: {
      outcome: 'approved',
      memberId: 'board-ogata',
      reason: {
        ja: '品物の名前を受け取らず、買い物に困る地区の役に立つため、承認します。',
        en: 'Names of goods are not received, and districts without shopping are helped. Approved.',
      },
    },
    suspension: {
      reason: {
        ja: '届け出のない会社に集計を任せていたことがわかったため、提供を止めました。届け出と説明を受けてから、再開するかを決めます。',
        en: 'It turned out that a company not named in the application was doing the totals, so provision was stopped. Whether it resumes is decided once the company is named and the matter explained.',
      },
    },
  };
}
