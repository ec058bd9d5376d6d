/** A resident with a few weeks of history: several recipients, some refusals, a withdrawn and a refused consent. */
import type { ConsentNoticePageProps } from '../../src/pages/consent-notice/view.js';
import type { Consent, OpenProgram } from '../../src/pages/my-consents/own-consent.js';
import type { ConsentsPageProps } from '../../src/pages/my-consents/view.js';
import type { ErasedPageProps, ErasurePageProps } from '../../src/pages/my-erasure/view.js';
import type { ShownData } from '../../src/pages/my-records/data-view.js';
import type { RecordsPageProps } from '../../src/pages/my-records/view.js';
import type { Use, UsesPageProps } from '../../src/pages/my-uses/view.js';
import type { ProgramDetail, ProgramPageProps } from '../../src/pages/program/view.js';
import { categories, now, programs, purposes, recipients, sources, staff, terms, units } from './samples.js';

const hourMs = 60 * 60 * 1000;

function use(index: number, hoursAgo: number, rest: Partial<Use> & Pick<Use, 'recipient'>): Use {
  return {
    at: new Date(now.getTime() - hoursAgo * hourMs),
    ...{ index, place: { log: null, index } },
    outcome: 'provided',
    program: programs.followUp,
    purpose: purposes.prevention,
    categories: [categories.checkup, categories.steps],
    basis: 'consent',
    reason: null,
    staff: null,
    voidedBy: null,
    hasReceipt: true,
    isReadable: true,
    ...rest,
  };
}

const research = {
  recipient: recipients.university,
  program: programs.walking,
  purpose: purposes.research,
  categories: [categories.steps, categories.vitals],
};
const planning = {
  recipient: recipients.bus,
  program: programs.stops,
  purpose: purposes.planning,
  categories: [categories.trips],
};
const refused = { outcome: 'refused', hasReceipt: false } as const;

export const uses: readonly Use[] = [
  use(48201, 3, { recipient: recipients.clinic }),
  use(48144, 5, {
    recipient: recipients.mart,
    program: programs.survey,
    purpose: purposes.service,
    categories: [categories.purchases],
    reason: 'program-not-active',
    ...refused,
  }),
  use(48100, 20, {
    recipient: units.desk,
    outcome: 'staff',
    program: null,
    purpose: {
      code: 'inquiry',
      name: { ja: '本人からの問い合わせに答えるため', en: 'To answer a question of the resident' },
    },
    categories: [categories.steps],
    staff: {
      who: staff.kuroda,
      didAsk: true,
      approvedBy: staff.nagai,
      explanation: '歩数が0になる日があるとのお問い合わせを受けて確かめました。',
    },
  }),
  use(48090, 21, {
    recipient: units.desk,
    program: null,
    purpose: null,
    categories: [categories.checkup],
    reason: 'staff-access-refused',
    staff: {
      who: staff.nagai,
      didAsk: true,
      approvedBy: null,
      explanation: '健診の結果も見てほしいと言われたように思います。',
    },
    ...refused,
  }),
  use(48010, 26, { recipient: null, outcome: 'access', program: null, purpose: null, categories: [categories.steps] }),
  use(48004, 26, { recipient: null, outcome: 'export', program: null, purpose: null }),
  use(47990, 27, research),
  use(47801, 30, { ...planning, reason: 'consent-withdrawn', ...refused }),
  use(47755, 52, { ...planning }),
  use(46120, 75, { recipient: recipients.clinic }),
  use(45001, 98, research),
  use(45000, 99, research),
  use(44212, 147, { ...planning }),
  use(43177, 170, {
    recipient: recipients.clinic,
    outcome: 'void',
    voidedBy: { log: null, index: 43181 },
    hasReceipt: false,
  }),
  use(41020, 216, {
    recipient: recipients.welfare,
    program: null,
    purpose: purposes.outreach,
    categories: [categories.contact],
    basis: 'emergency',
  }),
  use(40900, 243, { ...research, hasReceipt: false, isReadable: false }),
  use(39000, 291, { recipient: recipients.clinic }),
  ...[340, 341, 342, 343, 388, 412, 460, 462, 508, 532, 556].map((hours, place) =>
    use(38000 - place * 137, hours, research),
  ),
  use(30011, 610, { recipient: recipients.clinic }),
];

export const usesSample: Omit<UsesPageProps, 'frame'> = {
  uses,
  recipients: [recipients.clinic, recipients.university],
  until: new Date('2026-11-20T15:00:00Z'),
  weeks: 4,
  completeUpTo: null,
  unlisted: [],
  foreign: [],
  isProved: true,
  closedLogs: ['2025'],
  checkpointAt: new Date('2026-11-20T05:12:37Z'),
  olderHref: '/my/uses?until=2026-10-24',
  newerHref: null,
};

export const emptyUsesSample: Omit<UsesPageProps, 'frame'> = {
  ...usesSample,
  uses: [],
  recipients: [],
  completeUpTo: new Date('2026-11-20T05:00:00Z'),
  olderHref: null,
};

const followUpItems = [{ purpose: purposes.prevention, categories: [categories.checkup, categories.steps] }];

export const activeConsent: Consent = {
  id: '4f0e1c52-7a5b-4b6e-9c3f-1d2a3b4c5d6e',
  state: 'active',
  recipient: recipients.clinic,
  program: { ...programs.followUp, isSuspended: false },
  items: followUpItems,
  answeredAt: new Date('2026-10-12T01:20:00Z'),
  until: new Date('2027-09-30T15:00:00Z'),
  endedAt: null,
  lastUse: new Date('2026-11-20T02:12:00Z'),
};

const pausedConsent: Consent = {
  ...activeConsent,
  id: '9b1d8c1a-52b3-4b0f-8a77-0c5f0e6d7a21',
  state: 'paused',
  recipient: recipients.university,
  program: { ...programs.walking, isSuspended: true },
  items: [{ purpose: purposes.research, categories: [categories.steps, categories.vitals] }],
  lastUse: 'never',
};

export const withdrawnConsent: Consent = {
  ...activeConsent,
  id: '0c7a55d2-3d0e-4d1c-b2a9-6a1b7e8f9021',
  state: 'withdrawn',
  recipient: recipients.bus,
  program: { ...programs.stops, isSuspended: false },
  items: [{ purpose: purposes.planning, categories: [categories.trips] }],
  endedAt: new Date('2026-11-19T01:02:09Z'),
};

const refusedConsent: Consent = {
  ...activeConsent,
  id: 'a3c1f3de-90aa-4d15-9d5c-5be1f0a7c3b4',
  state: 'refused',
  recipient: recipients.mart,
  program: { ...programs.survey, isSuspended: false },
  items: [{ purpose: purposes.service, categories: [categories.purchases] }],
  until: null,
  lastUse: 'never',
};

const open: readonly OpenProgram[] = [
  {
    ...programs.outreach,
    recipient: recipients.welfare,
    explanation: {
      ja: 'ひとりで暮らす方に、福祉課の職員が月に一度お電話します。',
      en: 'A city officer calls residents who live alone once a month.',
    },
    items: [{ purpose: purposes.outreach, categories: [categories.contact, categories.household] }],
  },
  {
    ...programs.medication,
    recipient: recipients.clinic,
    explanation: {
      ja: '処方の記録をつき合わせ、飲み合わせの心配をお知らせします。',
      en: 'Prescriptions are compared, and you are told of combinations to worry about.',
    },
    items: [{ purpose: purposes.treatment, categories: [categories.prescription] }],
  },
];

export const consentsSample: Omit<ConsentsPageProps, 'frame'> = {
  consents: [activeConsent, pausedConsent, withdrawnConsent, refusedConsent],
  open,
};

export const programDetail: ProgramDetail = {
  ...programs.followUp,
  version: 2,
  status: 'active',
  explanation: {
    ja: '市の健診で気になる結果が出た方に、看護師が電話をかけ、早めの受診をお手伝いします。歩数も合わせて見て、無理のない運動をおすすめします。',
    en: 'A nurse calls residents whose city checkup shows something to watch and helps them see a doctor early. Step counts help to suggest gentle exercise.',
  },
  problem: {
    ja: '健診で「要受診」とされた方の3割が、1年たっても受診していません。',
    en: 'Three in ten residents told to see a doctor have not done so a year later.',
  },
  beneficiary: { ja: '市の健診を受けた18歳以上の住民', en: 'Residents aged 18 and over who had a city checkup' },
  target: { ja: '受診していない方を3割から1割に減らす', en: 'From three in ten down to one in ten' },
  targetYear: 2028,
  recipient: recipients.clinic,
  terms,
  termsDigest: '5f3a9b1c0d4e7a2233445566778899aabbccddeeff00112233445566778899aa',
  policyDigest: 'c0ffee00112233445566778899aabbccddeeff00112233445566778899aabbcc',
};

export const noticeSample: Omit<ConsentNoticePageProps, 'frame' | 'failure'> = {
  program: { id: programDetail.id, title: programDetail.title, recipient: recipients.clinic.name },
  items: terms.items,
  notice: {
    name: 'consent/1',
    title: 'はまかぜクリニックへの情報の提供について',
    paragraphs: [
      'はまかぜクリニックが、「健診後の見守り」のために、あなたの情報を受け取りたいと申し出ています。同意するかどうかは、あなたが自由に決められます。',
      '利用目的：病気の予防',
      '提供する情報：健康診査の結果、歩数。項目は次のとおりです。受診日、血圧、ヘモグロビンA1c、一日の歩数',
      '同意の期間は365日間、提供の頻度は1週間に2回まで、渡し方は提供先で保存です。はまかぜクリニックでの保存は90日間までです。',
      '同意すると、あなたが同意していることが、はまかぜクリニックだけに通じる仮IDではまかぜクリニックに伝わります。',
      '同意はいつでも撤回できます。撤回すると、その後の提供はすぐに止まります。',
    ],
    digest: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  },
};

export const programSample: Omit<ProgramPageProps, 'frame'> = {
  program: programDetail,
  decision: {
    outcome: 'approved',
    reasons: {
      ja: '目的がはっきりしており、渡すデータは目的に必要な範囲に限られています。\n電話の時間を本人が選べるよう改められたため、承認します。',
      en: 'The purpose is clear and the data is limited to what it needs.\nThe calls are now made at times the resident chooses, so we approve.',
    },
    conditions: [
      {
        ja: '6か月ごとに、受診につながった人数を報告すること。',
        en: 'Report every six months how many visits resulted.',
      },
    ],
    at: new Date('2026-09-18T06:30:00Z'),
    record: 'a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f90',
  },
  history: [
    { event: 'submitted', version: 1, at: new Date('2026-08-03T01:00:00Z'), reason: null },
    { event: 'returned', version: 1, at: new Date('2026-08-21T07:40:00Z'), reason: null },
    { event: 'submitted', version: 2, at: new Date('2026-09-02T00:15:00Z'), reason: null },
    { event: 'in_review', version: 2, at: new Date('2026-09-04T02:00:00Z'), reason: null },
    { event: 'approved', version: 2, at: new Date('2026-09-18T06:30:00Z'), reason: null },
    { event: 'active', version: 2, at: new Date('2026-09-30T15:00:00Z'), reason: null },
    {
      event: 'suspended',
      version: 2,
      at: new Date('2026-10-20T04:10:00Z'),
      reason: {
        ja: '申請にない会社が電話を代行していたため、停止します。\n説明を求めています。',
        en: 'A company not named in the application made the calls, so the program is suspended.\nAn explanation is asked for.',
      },
    },
    {
      event: 'resumed',
      version: 2,
      at: new Date('2026-10-27T02:00:00Z'),
      reason: {
        ja: '代行をやめたことを確かめたため、再開します。',
        en: 'The company no longer makes calls, so the program is resumed.',
      },
    },
  ],
  ownConsent: null,
};

export const erasureSample: Omit<ErasurePageProps, 'frame' | 'isUnconfirmed'> = {
  ...{ records: 1208, consentsInForce: 3 },
  recipients: [recipients.clinic, recipients.university, recipients.bus],
};

export const erasedSample: Omit<ErasedPageProps, 'frame'> = {
  ...{ erasedAt: now, logIndex: 48_202 },
  isProved: true,
  receipt: JSON.stringify(
    {
      entry: `{"v":1,"t":"erasure","at":"2026-11-21T02:37Z","recipient":"self","tag":"${'5'.repeat(64)}","commitment":"${'6'.repeat(64)}"}`,
      nonce: 'A'.repeat(43),
      detail: '{"at":"2026-11-21T02:37:00.000Z","erased":true}',
      proof: 'c2sp.org/tlog-proof@v1\nindex 48202\n…',
    },
    null,
    2,
  ),
};

export const dataSample: ShownData = {
  at: new Date('2026-11-20T05:10:12Z'),
  place: { log: null, index: 47_801 },
  count: 2,
  records: [
    {
      ...{
        category: categories.steps,
        source: sources.steps,
        day: new Date('2026-11-18T15:00:00Z'),
        isReplaced: false,
      },
      fields: [
        { name: { ja: '歩数', en: 'Number of steps' }, values: ['7654 steps'] },
        {
          name: { ja: '数えた時間帯', en: 'Time of counting' },
          values: ['2026-11-19T00:00:00+09:00', '2026-11-19T23:59:59+09:00'],
        },
      ],
      json: JSON.stringify({ body: { step_count: { value: 7654, unit: 'steps' } } }, null, 2),
    },
    {
      ...{ category: categories.steps, source: sources.steps, day: new Date('2026-11-17T15:00:00Z'), isReplaced: true },
      ...{ fields: [], json: null },
    },
  ],
};

export const recordsSample: Omit<RecordsPageProps, 'frame'> = {
  held: [
    {
      ...{ category: categories.steps, source: sources.steps, records: 1204, superseded: 3 },
      firstDay: new Date('2026-07-31T15:00:00Z'),
      lastDay: new Date('2026-11-18T15:00:00Z'),
      lastDepositedAt: new Date('2026-11-19T20:00:00Z'),
    },
    {
      ...{ category: categories.checkup, source: sources.healthCenter, records: 1, superseded: 0 },
      firstDay: new Date('2026-06-09T15:00:00Z'),
      lastDay: new Date('2026-06-09T15:00:00Z'),
      lastDepositedAt: new Date('2026-06-21T01:30:00Z'),
    },
  ],
  takenOut: [
    {
      kind: {
        code: 'insured-person-number',
        name: { ja: '被保険者等の記号・番号・枝番', en: 'Symbol, number and branch number of an insured person' },
      },
      ground: { ja: '健康保険法 第194条の2', en: 'Health Insurance Act, Article 194-2' },
      ...{ category: categories.checkup, source: sources.healthCenter, occurrences: 5 },
      lastAt: new Date('2026-06-21T01:30:00Z'),
    },
    {
      kind: {
        code: 'unreadable-attachment',
        name: { ja: '中身を確かめられない添付ファイル', en: 'An attachment that could not be examined' },
      },
      ground: null,
      ...{ category: categories.checkup, source: sources.healthCenter, occurrences: 1 },
      lastAt: new Date('2026-06-21T01:30:00Z'),
    },
  ],
};
