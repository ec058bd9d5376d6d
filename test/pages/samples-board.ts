/** What the board sees: programs in every state, findings, and a short log. */
import type { BoardLogPageProps, LogEntry } from '../../src/pages/board-log/view.js';
import type { BoardProgramsPageProps } from '../../src/pages/board-programs/view.js';
import type { ReviewPageProps } from '../../src/pages/board-review/view.js';
import { utf8 } from '../../src/kernel/bytes.js';
import type { Bilingual } from '../../src/pages/language.js';
import { parseEntry } from '../../src/transparency-log/entry.js';
import { categories, programs, purposes, recipients, sources } from './samples.js';
import { entryExamples } from '../transparency-log/entry-examples.js';
import { frontSample, logState } from './samples-front.js';
import { programDetail, programSample } from './samples-resident.js';

export const boardProgramsSample: Omit<BoardProgramsPageProps, 'frame'> = {
  programs: frontSample.register.map((row, place) => ({
    id: row.id,
    title: row.title,
    recipient: { code: 'sample', name: row.recipient },
    categories: row.categories,
    status: place === 7 ? 'reexamined' : row.status,
    submittedAt: new Date('2026-11-18T04:10:00Z'),
    reviewOn: '2027-04-01',
    findings: place === 7 ? 1 : 0,
  })),
};

export const reviewSample: Omit<ReviewPageProps, 'frame'> = {
  program: {
    ...programDetail,
    ...programs.discount,
    status: 'in_review',
    version: 1,
    recipient: recipients.insurance,
    terms: { ...programDetail.terms, items: [{ purpose: purposes.insurance, category: categories.steps, fields: [] }] },
  },
  findings: [
    {
      code: 'vague-word',
      path: 'explanation.ja',
      message: {
        ja: '「おもに」では範囲がわかりません。具体的に書いてください。',
        en: '“mainly” leaves open what is meant. Say it in full.',
      },
    },
  ],
  rules: [
    {
      rule: 'consented-use',
      isPermitting: true,
      sentence: {
        ja: '本人が同意した範囲の利用は認められます。',
        en: 'A use the resident has consented to is permitted.',
      },
    },
    {
      rule: 'insurance-never-prices-health',
      isPermitting: false,
      sentence: {
        ja: '健康の情報で保険料を決めることは禁じられます。',
        en: 'Health information may never set the price of insurance.',
      },
    },
  ],
  isRecused: false,
  decision: null,
  failure: null,
  draft: { outcome: '', reasonsJa: '', reasonsEn: '' },
};

export const activeReviewSample: Omit<ReviewPageProps, 'frame'> = {
  ...reviewSample,
  program: programDetail,
  decision: programSample.decision,
  failure: 'reasons-missing',
};

const policy = 'c0ffee00112233445566778899aabbccddeeff00112233445566778899aabbcc';
const tag = '7d5a4b0c9e8f7061524334251607f8e9dacbbcad9e8f70615243342516070899';

/** One entry of every kind, oldest first, as the database writes them. */
export const lines: readonly string[] = [
  { t: 'start', at: '2026-08-01T00:00Z', origin: logState.origin, municipality: '990019', operator: 'city', policy },
  { t: 'policy', at: '2026-08-01T00:00Z', policy },
  { t: 'org', at: '2026-08-01T00:01Z', org: 'hamakaze-clinic', kind: 'recipient', status: 'registered' },
  { t: 'org', at: '2026-08-01T00:01Z', org: 'minatono-steps', kind: 'source', status: 'registered' },
  {
    t: 'program',
    at: '2026-09-18T06:30Z',
    recipient: 'hamakaze-clinic',
    program: programs.followUp.id,
    version: 2,
    status: 'approved',
    terms: policy,
    policy,
  },
  {
    t: 'deposit',
    at: '2026-11-20T01:00Z',
    source: 'minatono-steps',
    category: 'activity.steps',
    count: 1043,
    root: logState.checkpoint?.root,
  },
  {
    t: 'consent',
    at: '2026-11-20T04:58Z',
    recipient: 'hamakaze-clinic',
    program: programs.followUp.id,
    version: 2,
    state: 'active',
    policy,
    tag,
    commitment: tag,
  },
  {
    t: 'list',
    at: '2026-11-20T05:00Z',
    recipient: 'hamakaze-clinic',
    program: programs.followUp.id,
    version: 2,
    count: 812,
    policy,
    salt: tag,
  },
  {
    t: 'provision',
    at: '2026-11-20T05:01Z',
    recipient: 'hamakaze-clinic',
    program: programs.followUp.id,
    version: 2,
    purpose: 'care.prevention',
    categories: ['activity.steps', 'health.checkup'],
    policy,
    tag,
    commitment: tag,
  },
  {
    t: 'refusal',
    at: '2026-11-20T05:03Z',
    recipient: 'isobe-mart',
    program: programs.survey.id,
    version: 1,
    purpose: 'city.service-improvement',
    categories: ['purchase.history'],
    reason: 'program-not-active',
    policy,
  },
  { t: 'void', at: '2026-11-20T05:04Z', of: 8, reason: 'not-redeemed', recipient: 'hamakaze-clinic', tag },
  {
    t: 'consent',
    at: '2026-11-20T05:10Z',
    recipient: 'hamakaze-clinic',
    program: programs.followUp.id,
    version: 2,
    state: 'withdrawn',
    policy,
    tag,
    commitment: tag,
  },
  {
    t: 'refusal',
    at: '2026-11-20T05:11Z',
    recipient: 'hamakaze-clinic',
    program: programs.followUp.id,
    version: 2,
    purpose: 'care.prevention',
    categories: ['health.checkup'],
    reason: 'consent-withdrawn',
    policy,
    tag,
  },
  { t: 'access', at: '2026-11-20T05:10Z', recipient: 'self', tag, commitment: tag },
  { t: 'export', at: '2026-11-20T05:11Z', recipient: 'self', tag, commitment: tag },
  {
    ...{ t: 'staff', at: '2026-11-20T05:12Z', recipient: 'op:resident-desk', categories: ['activity.steps'] },
    ...{ reason: 'inquiry', policy: tag, tag, commitment: tag },
  },
  { t: 'erasure', at: '2026-11-20T05:12Z', recipient: 'self', tag, commitment: tag },
  { t: 'restore', at: '2026-11-21T02:40Z', from: 2100, to: 2104 },
  { t: 'witnesses', at: '2026-11-21T09:00Z', witnesses: policy, quorum: 2, limit: 1440 },
  { t: 'index', at: '2026-11-20T18:00Z', from: 0, to: 48213, n: 9310, root: logState.checkpoint?.root },
  { t: 'rollup', at: '2026-11-20T18:00Z', from: 0, to: 31877, n: 7120, root: logState.checkpoint?.root },
  { t: 'key', at: '2026-11-21T02:00Z', key: entryExamples.key.key, status: 'introduced' },
  { t: 'key', at: '2026-11-21T02:00Z', key: entryExamples.key.key, status: 'retired' },
  entryExamples.close,
].map((fields) => JSON.stringify({ v: 1, ...fields }));

const entries: readonly LogEntry[] = lines
  .map((raw, index) => ({
    index: 48200 + index,
    place: { log: null, index: 48200 + index },
    entry: parseEntry(utf8(raw)),
  }))
  .toReversed();

const names: Readonly<Record<string, Bilingual>> = Object.fromEntries(
  [recipients, sources, categories, purposes]
    .flatMap((things) => Object.values(things).map(({ code, name }) => [code, name] as const))
    .concat(Object.values(programs).map(({ id, title }) => [id, title])),
);

export const boardLogSample: Omit<BoardLogPageProps, 'frame' | 'addresses'> = {
  log: logState,
  entries,
  names,
  chart: {
    from: new Date('2026-10-23T15:00:00Z'),
    days: 28,
    counts: Array.from({ length: 28 }, (_, day) => ({
      day,
      provided: day % 7 < 2 ? 210 + day * 3 : 1080 + ((day * 137) % 400),
      refused: (day * 5) % 9 === 0 ? 61 : (day * 3) % 7,
    })),
  },
  serverWord: null,
  verifyCommand: `npm run azukari -- verify log http://127.0.0.1:8480/log --vkey "${logState.verifierKey}" --token-file mirror-token`,
  olderHref: '/board/log?before=48200',
  newerHref: null,
};
