/** A small fictional city for page tests: names, programs and a frame. Everything is fixed, so a picture changes only when a page does. */
import { chooseLanguage, type Named } from '../../src/pages/language.js';
import type { Frame, Viewer } from '../../src/pages/layout.js';
import type { Category, Terms } from '../../src/pages/terms.js';
import type { Assets } from '../../src/pages/assets.js';

export const now = new Date('2026-11-20T05:12:40Z');

function named(code: string, ja: string, en: string): Named {
  return { code, name: { ja, en } };
}

function category(code: string, ja: string, en: string, isSensitive = false): Category {
  return { ...named(code, ja, en), isSensitive };
}

export const recipients = {
  clinic: named('hamakaze-clinic', 'はまかぜクリニック', 'Hamakaze Clinic'),
  university: named('minatono-university', 'みなと野大学', 'Minatono University'),
  bus: named('minatono-bus', 'みなと野バス', 'Minatono Bus'),
  mart: named('isobe-mart', 'いそべマート', 'Isobe Mart'),
  insurance: named('shiosai-insurance', 'しおさい保険', 'Shiosai Insurance'),
  welfare: named('minatono-welfare', 'みなと野市 福祉課', 'Minatono City Welfare Department'),
};

export const units = {
  desk: named('op:resident-desk', 'みなと野市 データ相談窓口', 'Minatono City, data help desk'),
};

export const staff = {
  kuroda: named('staff-kuroda', '黒田 千夏', 'Chinatsu Kuroda'),
  nagai: named('staff-nagai', '永井 拓海', 'Takumi Nagai'),
};

export const sources = {
  register: named('minatono-register', 'みなと野市 住民登録窓口', 'Minatono City Resident Register'),
  healthCenter: named('minatono-health-center', 'みなと野健診センター', 'Minatono Health Center'),
  steps: named('minatono-steps', 'みなと野歩数アプリ', 'Minatono Steps'),
};

export const categories = {
  checkup: category('health.checkup', '健康診査の結果', 'Health checkup results', true),
  prescription: category('health.prescription', '処方の記録', 'Prescriptions', true),
  vitals: category('health.vitals', '血圧と体重', 'Blood pressure and weight'),
  steps: category('activity.steps', '歩数', 'Step counts'),
  trips: category('mobility.trip', 'バスの乗車記録', 'Bus trips'),
  purchases: category('purchase.history', '購入履歴', 'Purchase history'),
  contact: category('profile.contact', '氏名と連絡先', 'Name and contact'),
  household: category('profile.household', '世帯の構成', 'Household'),
};

export const purposes = {
  prevention: named('care.prevention', '病気の予防', 'Prevention of illness'),
  treatment: named('care.treatment', '診療', 'Medical treatment'),
  research: named('research.public-health', '公衆衛生の研究', 'Public health research'),
  planning: named('transport.planning', '交通計画', 'Transport planning'),
  outreach: named('welfare.outreach', '福祉の見守り', 'Welfare outreach'),
  insurance: named('insurance.incentive', '保険料の割引', 'Insurance incentive'),
  offer: named('retail.personalised-offer', '個人向けの広告', 'Personalised offers'),
  service: named('city.service-improvement', '市民サービスの改善', 'Improving city services'),
};

export const programs = {
  followUp: { id: 'p-7kqm2xw9rh', title: { ja: '健診後の見守り', en: 'Checkup follow-up' } },
  walking: { id: 'p-4hd8s2mnqa', title: { ja: '歩くことと健康の研究', en: 'Walking and health' } },
  stops: { id: 'p-b9wz3k7tme', title: { ja: '停留所と時刻表の計画', en: 'Stop and timetable planning' } },
  outreach: { id: 'p-x2f6v8jcpn', title: { ja: 'ひとり暮らしの方への声かけ', en: 'Living-alone outreach' } },
  discount: { id: 'p-m5r9y3dgth', title: { ja: '歩いて保険料割引', en: 'Walking discount' } },
  coupons: { id: 'p-q8n4c6wkzb', title: { ja: '健康に合わせたクーポン', en: 'Health-based coupons' } },
  survey: { id: 'p-t3j7e5sxva', title: { ja: '常連のお客さま調査', en: 'Returning-customer survey' } },
  medication: { id: 'p-h6p2u9bfrd', title: { ja: 'お薬の飲み合わせ確認', en: 'Medication check' } },
};

export const terms: Terms = {
  items: [
    {
      purpose: purposes.prevention,
      category: categories.checkup,
      fields: [
        named('date', '受診日', 'Date of the checkup'),
        named('bloodPressure', '血圧', 'Blood pressure'),
        named('hba1c', 'ヘモグロビンA1c', 'Haemoglobin A1c'),
      ],
    },
    { purpose: purposes.prevention, category: categories.steps, fields: [] },
  ],
  periodDays: 365,
  retentionDays: 90,
  frequency: { count: 2, per: 'week' },
  mode: 'store',
  region: 'JP',
  onwardSharing: false,
  legalBasis: 'consent',
  relation: 'third_party_provision',
  publicInterest: {
    ja: '健診後に受診しないまま重くなる病気を減らし、市の医療費を抑えます。',
    en: 'Fewer illnesses grow worse for want of a visit after a checkup, and the city spends less on care.',
  },
  benefitToResident: {
    ja: '健診の結果が気になる方に、看護師が電話で受診をお手伝いします。',
    en: 'A nurse calls residents whose results need attention and helps them see a doctor.',
  },
  benefitToTown: {
    ja: '歩く習慣と健診結果の関係がわかり、健康教室の内容を改められます。',
    en: 'The town learns how walking relates to results and can improve its health classes.',
  },
  safetyMeasures: {
    ja: '閲覧できるのは担当の看護師3名だけです。端末は院内の専用回線につなぎ、操作をすべて記録します。',
    en: 'Only three nurses in charge may look. Their terminals are on a dedicated line and every action is recorded.',
  },
  processors: ['株式会社うみかぜシステム'],
  impactAssessment: {
    ja: '結果を家族に知られるおそれがあるため、電話は本人が選んだ時間にだけかけます。',
    en: 'Family members might learn of a result, so calls are made only at times the resident chose.',
  },
  minimumAge: 18,
  startsOn: '2026-10-01',
  endsOn: '2027-09-30',
  reviewOn: '2027-04-01',
};

export const residentViewer: Viewer = { kind: 'resident', name: '港 はるか', csrf: 'csrf-token-of-the-session' };
export const boardViewer: Viewer = { kind: 'board', name: '潮見 一郎', csrf: 'csrf-token-of-the-session' };

export const staffViewer: Viewer = { kind: 'staff', name: '黒田 千夏', csrf: 'csrf-token-of-the-session' };

/** The frame for one request, as a controller makes it. */
export function frameFor(assets: Pick<Assets, 'stylesheets' | 'icon'>, path: string, viewer: Viewer | null): Frame {
  const asked = new URLSearchParams(path.split('?')[1] ?? '').get('lang');
  return {
    language: chooseLanguage(asked, undefined, undefined),
    path,
    city: { ja: 'みなと野市', en: 'Minatono City' },
    isDemo: true,
    viewer,
    stylesheets: assets.stylesheets,
    icon: assets.icon,
  };
}
