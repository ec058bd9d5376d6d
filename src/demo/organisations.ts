/** The invented organisations of みなと野市: five sources, six recipients, the members of the データ倫理審査会, and the operator's own staff. */
import type { Bilingual } from '../policy/catalogue.js';
import type { RecipientKind } from '../policy/program-terms.js';

export interface DemoSource {
  readonly id: string;
  readonly name: Bilingual;
  /** What it hands over, by category code. */
  readonly categories: readonly string[];
}

export interface DemoRecipient {
  readonly id: string;
  readonly name: Bilingual;
  readonly kind: RecipientKind;
  /** ISO 3166-1 alpha-2 code of its seat. */
  readonly country: string;
}

export interface DemoBoardMember {
  readonly id: string;
  readonly name: Bilingual;
  readonly calling: Bilingual;
  readonly isChair: boolean;
}

export const demoSources: readonly DemoSource[] = [
  {
    id: 'minatono-health-center',
    name: { ja: 'みなと野市保健センター', en: 'Minatono Health Center' },
    categories: ['health.checkup'],
  },
  {
    id: 'minatono-pharmacy',
    name: { ja: 'みなと野薬局', en: 'Minatono Pharmacy' },
    categories: ['health.prescription', 'purchase.history'],
  },
  {
    id: 'minatono-steps',
    name: { ja: 'みなと野ウォーク（歩数アプリ）', en: 'Minatono Walk (step-count app)' },
    categories: ['activity.steps', 'health.vitals'],
  },
  {
    id: 'minatono-bus-ic',
    name: { ja: 'みなと野バス ICカードシステム', en: 'Minatono Bus IC card system' },
    categories: ['mobility.trip'],
  },
  {
    id: 'minatono-register',
    name: { ja: 'みなと野市 市民課（住民基本台帳）', en: 'Minatono City, resident register office' },
    categories: ['profile.contact', 'profile.household'],
  },
];

export const demoRecipients: readonly DemoRecipient[] = [
  {
    id: 'hamakaze-clinic',
    name: { ja: 'はまかぜ内科クリニック', en: 'Hamakaze Clinic' },
    kind: 'clinic',
    country: 'JP',
  },
  {
    id: 'minatono-university',
    name: { ja: 'みなと野大学', en: 'Minatono University' },
    kind: 'university',
    country: 'JP',
  },
  { id: 'minatono-bus', name: { ja: 'みなと野バス', en: 'Minatono Bus' }, kind: 'transport', country: 'JP' },
  { id: 'isobe-mart', name: { ja: 'いそべマート', en: 'Isobe Mart' }, kind: 'retailer', country: 'JP' },
  {
    id: 'shiosai-insurance',
    name: { ja: 'しおさい保険', en: 'Shiosai Insurance' },
    kind: 'insurer',
    country: 'JP',
  },
  {
    id: 'minatono-welfare',
    name: { ja: 'みなと野市 福祉課', en: 'Minatono City, Welfare Department' },
    kind: 'city',
    country: 'JP',
  },
];

export interface DemoStaff {
  readonly id: string;
  readonly unit: string;
  readonly name: Bilingual;
}

/** The operator's units whose staff may ask to see a resident's data. */
export const demoUnits: readonly { readonly id: string; readonly name: Bilingual }[] = [
  { id: 'op:resident-desk', name: { ja: 'みなと野市 データ相談窓口', en: 'Minatono City, data help desk' } },
  { id: 'op:data-office', name: { ja: 'みなと野市 データ管理室', en: 'Minatono City, data office' } },
];

export const demoStaff: readonly DemoStaff[] = [
  { id: 'staff-kuroda', unit: 'op:resident-desk', name: { ja: '黒田 千夏', en: 'Chinatsu Kuroda' } },
  { id: 'staff-nagai', unit: 'op:resident-desk', name: { ja: '永井 拓海', en: 'Takumi Nagai' } },
  { id: 'staff-hosokawa', unit: 'op:data-office', name: { ja: '細川 久美', en: 'Kumi Hosokawa' } },
];

export const demoBoard: readonly DemoBoardMember[] = [
  {
    id: 'board-kishimoto',
    name: { ja: '岸本 律子', en: 'Ritsuko Kishimoto' },
    calling: { ja: '弁護士', en: 'Lawyer' },
    isChair: true,
  },
  {
    id: 'board-udagawa',
    name: { ja: '宇田川 修平', en: 'Shuhei Udagawa' },
    calling: { ja: '医師', en: 'Physician' },
    isChair: false,
  },
  {
    id: 'board-ogata',
    name: { ja: '緒方 みのり', en: 'Minori Ogata' },
    calling: { ja: '公募の市民', en: 'Citizen, chosen from applicants' },
    isChair: false,
  },
  {
    id: 'board-tachibana',
    name: { ja: '橘 恭平', en: 'Kyohei Tachibana' },
    calling: { ja: '情報セキュリティの研究者', en: 'Researcher in information security' },
    isChair: false,
  },
  {
    id: 'board-hirose',
    name: { ja: '広瀬 澄江', en: 'Sumie Hirose' },
    calling: { ja: '民生委員', en: 'Welfare commissioner' },
    isChair: false,
  },
];
