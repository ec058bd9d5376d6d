import type { FrontPageProps, LogState, RegisterRow } from '../../src/pages/front/view.js';
import type { ProgramStatus } from '../../src/pages/status-text.js';
import { entryExamples } from '../transparency-log/entry-examples.js';
import { categories, programs, purposes, recipients } from './samples.js';

type Row = [
  program: { id: string; title: RegisterRow['title'] },
  recipient: { name: RegisterRow['recipient'] },
  purposes: RegisterRow['purposes'],
  categories: RegisterRow['categories'],
  status: ProgramStatus,
];

const rows: readonly Row[] = [
  [programs.followUp, recipients.clinic, [purposes.prevention], [categories.checkup, categories.steps], 'active'],
  [programs.walking, recipients.university, [purposes.research], [categories.steps, categories.vitals], 'active'],
  [programs.stops, recipients.bus, [purposes.planning], [categories.trips], 'active'],
  [programs.outreach, recipients.welfare, [purposes.outreach], [categories.contact, categories.household], 'active'],
  [programs.discount, recipients.insurance, [purposes.insurance], [categories.steps], 'in_review'],
  [programs.coupons, recipients.mart, [purposes.offer], [categories.purchases, categories.contact], 'refused'],
  [programs.survey, recipients.mart, [purposes.service], [categories.purchases], 'suspended'],
  [programs.medication, recipients.clinic, [purposes.treatment], [categories.prescription], 'active'],
];

export const logState: LogState = {
  origin: 'minatono.azukari.example/log/2026',
  checkpoint: {
    size: 48213,
    at: new Date('2026-11-20T05:12:37Z'),
    root: 'qx3c8GJ0o7zOUPZr0oZ1gTnq5m2sXq3v9Yw0bD4kLhE=',
  },
  outgoingKey: null,
  signer: { seenAt: new Date('2026-11-20T05:12:37Z'), isSilent: false, frozen: null },
  ...{ otherKeys: [], closed: [] },
  verifierKey: 'minatono.azukari.example/log/2026+3f9a1c07+Ad4zq0mVb8m0QmVx0kq2cXl3s1Yx4nHk0pP2uJt5wZ6v',
};

/** When somebody has altered the database. */
export const frozenLogState: LogState = {
  ...logState,
  signer: {
    seenAt: new Date('2026-11-20T05:12:37Z'),
    isSilent: true,
    frozen: {
      at: new Date('2026-11-20T05:12:38Z'),
      reason: 'entry 41873 does not have the hash that is stored for it',
    },
  },
};

/** While its key is being changed. */
export const changingLogState: LogState = {
  ...logState,
  outgoingKey: entryExamples.key.key,
  otherKeys: [entryExamples.key.key],
  closed: [{ name: '2025', size: 912_004 }],
};

export const frontSample: Omit<FrontPageProps, 'frame'> = {
  register: rows.map(([program, recipient, uses, data, status]) => ({
    ...program,
    recipient: recipient.name,
    purposes: uses,
    categories: data,
    status,
    until: new Date('2027-09-30T15:00:00Z'),
  })),
  log: logState,
  counts: {
    counted: 48213,
    activeConsents: 2184,
    provisions: 31277,
    refusals: 142,
    withdrawals: 37,
    withoutConsent: 0,
    staff: 2,
  },
  commands: {
    keepCheckpoint: 'curl -o checkpoint.txt http://127.0.0.1:8480/log/checkpoint',
    checkConsistency: `npm run azukari -- verify consistency checkpoint.txt http://127.0.0.1:8480/log --vkey "${logState.verifierKey}"`,
    checkReceipt: `npm run azukari -- verify receipt receipt.json --vkey "${logState.verifierKey}"`,
  },
};

/** Nobody has signed for a while. */
export const silentLogState: LogState = {
  ...logState,
  signer: { seenAt: new Date('2026-11-20T05:03:11Z'), isSilent: true, frozen: null },
};
