/** Minatono University, active: steps and home measurements for research into walking and blood pressure. */
import type { ProgramTerms } from '../../policy/program-terms.js';
import { recipientOf, running, yearAfter, type DemoProgram } from '../demo-program.js';

const texts = {
  title: { ja: '歩くことと健康の研究', en: 'Walking and health' },
  explanation: {
    ja: 'みなと野大学の公衆衛生学研究室が、歩数と、家庭で測った血圧・脈拍・体重を使い、坂の多いまちで歩くことが血圧にどう関わるかを調べます。研究の結果は論文と市の広報で公表し、個人がわかる形では発表しません。',
    en: 'The public health laboratory of Minatono University uses steps and blood pressure, pulse and weight measured at home to find out how walking in a hilly town relates to blood pressure. Results are published in papers and in the city bulletin, never in a form in which a person can be recognised.',
  },
  problem: {
    ja: '市では高血圧の治療を受ける方が十年で二割増えましたが、地形や歩く習慣との関わりはわかっていません。',
    en: 'In ten years the number of residents treated for high blood pressure grew by a fifth, but how terrain and walking habits matter is not known.',
  },
  beneficiary: {
    ja: '血圧が気になる住民と、散歩道を整える市',
    en: 'Residents concerned about blood pressure, and the city that builds footpaths',
  },
  target: {
    ja: '500人のデータを集め、歩き方と血圧の関わりを論文2本で公表します。',
    en: 'Gather data of 500 people and publish two papers on walking and blood pressure.',
  },
};

function termsFrom(today: string): ProgramTerms {
  return {
    items: [
      { purpose: 'research.public-health', category: 'activity.steps', fields: ['steps', 'time'] },
      {
        purpose: 'research.public-health',
        category: 'health.vitals',
        fields: ['time', 'body', 'blood-pressure', 'heart-rate'],
      },
    ],
    periodDays: 730,
    retentionDays: 1826,
    frequency: { count: 600, per: 'month' },
    mode: 'store',
    region: 'JP',
    onwardSharing: false,
    legalBasis: 'consent',
    relation: 'third_party_provision',
    publicInterest: {
      ja: '地域の高血圧を減らす方法を明らかにし、誰でも読める論文で公表します。',
      en: 'The study shows how a town can reduce high blood pressure, in papers that anyone can read.',
    },
    benefitToResident: {
      ja: '参加した方は、研究の結果の説明会に招かれ、自分の歩数と血圧の変化を質問できます。',
      en: 'Participants are invited to a meeting about the results, where they can ask about changes in their own steps and blood pressure.',
    },
    benefitToTown: {
      ja: '歩きやすい道の整備を、根拠に基づいて決められます。',
      en: 'The city can decide on footpaths on the basis of evidence.',
    },
    safetyMeasures: {
      ja: '学外とつながらない計算機で分析し、研究者4名だけが入室できる部屋に置きます。大学の倫理委員会が年に一度点検します。',
      en: 'Analysis runs on a computer without outside connection, in a room that only four researchers may enter. The ethics committee of the university inspects it once a year.',
    },
    processors: [],
    impactAssessment: {
      ja: '時刻の入った歩数からは生活の様子が推測されるおそれがあります。分析の前に日ごとの合計にまとめ、10人に満たない集団の結果は公表しません。',
      en: 'Steps with times may tell how a person lives. Before analysis they are added up by day, and results about groups of fewer than ten people are not published.',
    },
    minimumAge: 18,
    ...running(today, 1095),
  };
}

export function walkingAndHealth(today: string): DemoProgram {
  return {
    name: 'walking-and-health',
    status: 'active',
    application: {
      recipient: recipientOf('minatono-university'),
      ...texts,
      targetYear: yearAfter(today, 3),
      terms: termsFrom(today),
    },
    decision: {
      outcome: 'approved',
      memberId: 'board-tachibana',
      reason: {
        ja: '公益が具体的に示され、分析の環境が外部から切り離されています。少人数の結果を公表しない約束も確かめたため、承認します。',
        en: 'The public interest is stated concretely, the analysis is cut off from outside, and results about small groups stay unpublished. Approved.',
      },
    },
    suspension: null,
  };
}
