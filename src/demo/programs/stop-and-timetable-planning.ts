/** Minatono Bus, active: trips for deciding on stops and timetables. */
import type { ProgramTerms } from '../../policy/program-terms.js';
import { recipientOf, running, yearAfter, type DemoProgram } from '../demo-program.js';

const texts = {
  title: { ja: 'バス停と時刻表の見直し', en: 'Stop and timetable planning' },
  explanation: {
    ja: 'みなと野バスの計画課が、ICカードで乗り降りした停留所と時刻を使い、混む便を増やし、乗り継ぎの待ち時間を短くします。カードの番号は渡りません。',
    en: 'The planning section of Minatono Bus uses the stops and times of IC card rides to add buses where they are crowded and to shorten waiting at transfers. Card numbers are not passed on.',
  },
  problem: {
    ja: '乗り継ぎの待ち時間が平均18分あり、丘の上地区では通院をあきらめる方がいます。',
    en: 'Waiting at transfers takes 18 minutes on average, and some residents of the hill district give up going to the doctor.',
  },
  beneficiary: {
    ja: 'バスで通勤、通学、通院をする住民',
    en: 'Residents who go to work, to school or to the doctor by bus',
  },
  target: {
    ja: '乗り継ぎの待ち時間を、平均18分から10分に縮めます。',
    en: 'Shorten the average wait at transfers from 18 to 10 minutes.',
  },
};

function termsFrom(today: string): ProgramTerms {
  return {
    items: [{ purpose: 'transport.planning', category: 'mobility.trip', fields: ['stops', 'times', 'route', 'fare'] }],
    periodDays: 365,
    retentionDays: 365,
    frequency: { count: 600, per: 'month' },
    mode: 'store',
    region: 'JP',
    onwardSharing: false,
    legalBasis: 'consent',
    relation: 'third_party_provision',
    publicInterest: {
      ja: '市の地域公共交通計画に沿って、車を運転しない方の移動の手段を守ります。',
      en: 'In line with the transport plan of the city, people who do not drive keep a way to get about.',
    },
    benefitToResident: {
      ja: 'ふだん使う停留所の便が増え、待つ時間が短くなります。',
      en: 'There are more buses at the stops you use, and less waiting.',
    },
    benefitToTown: {
      ja: '車に頼らずに暮らせる地区が広がり、駅前の渋滞が減ります。',
      en: 'More districts can be lived in without a car, and there is less congestion at the station.',
    },
    safetyMeasures: {
      ja: '計画課の3名だけが、社内の専用端末で扱います。外部の記憶装置にはつなげません。一年で消去し、消去の証明を提出します。',
      en: 'Only three members of the planning section handle the data, on dedicated terminals without external storage. The data are erased after a year, and the erasure is attested.',
    },
    processors: ['株式会社しおかぜ交通計画'],
    impactAssessment: {
      ja: '同じ仮IDの乗車を並べると、自宅や勤め先が推測されるおそれがあります。受け取った日のうちに停留所ごとの人数に集計し、仮IDごとの表は30日で消去します。',
      en: 'Rides listed under one pairwise id may tell where a person lives or works. They are added up by stop on the day of receipt, and the table by pairwise id is erased after 30 days.',
    },
    minimumAge: 16,
    ...running(today, 730),
  };
}

export function stopAndTimetablePlanning(today: string): DemoProgram {
  return {
    name: 'stop-and-timetable-planning',
    status: 'active',
    application: {
      recipient: recipientOf('minatono-bus'),
      ...texts,
      targetYear: yearAfter(today, 2),
      terms: termsFrom(today),
    },
    decision: {
      outcome: 'approved',
      memberId: 'board-ogata',
      reason: {
        ja: '便を増やすという住民の利益がわかりやすく、カードの番号を受け取りません。集計と消去の期限が守られるかを一年後に確かめることとして、承認します。',
        en: 'More buses are a benefit that residents understand, and card numbers are not received. After a year the board checks that the limits for adding up and erasing were kept. Approved.',
      },
    },
    suspension: null,
  };
}
