/** One example of each kind of entry, and of the optional fields: for the documentation and for the tests. Fictional. */
import type { Entry, EntryOf } from '../../src/transparency-log/entry.js';
import type { EntryKind } from '../../src/transparency-log/entry-catalogue.js';

const at = '2026-11-21T02:37Z';
const digest = (digit: string): string => digit.repeat(64);
const policy = digest('1');
const clinic = { recipient: 'hamakaze-clinic', program: 'checkup-follow-up', version: 1 };

export const entryExamples: { readonly [K in EntryKind]: EntryOf<K> } = {
  start: {
    v: 1,
    t: 'start',
    at,
    origin: 'minatono.azukari.example/log/2026',
    municipality: '990019',
    operator: 'city',
    policy,
  },
  key: {
    v: 1,
    t: 'key',
    at,
    key: 'minatono.azukari.example/log/2026+027539db+AVkUDfMvm+/UqeB1S/gZ50k03rAj96DDariSGN9zbAC/',
    status: 'introduced',
  },
  org: { v: 1, t: 'org', at, org: 'hamakaze-clinic', kind: 'recipient', status: 'registered' },
  policy: { v: 1, t: 'policy', at, policy: digest('2') },
  witnesses: { v: 1, t: 'witnesses', at, witnesses: digest('8'), quorum: 2, limit: 1440 },
  program: { v: 1, t: 'program', at, ...clinic, status: 'active', terms: digest('3'), policy, decision: digest('4') },
  consent: { v: 1, t: 'consent', at, ...clinic, state: 'active', policy, tag: digest('5'), commitment: digest('6') },
  provision: {
    v: 1,
    t: 'provision',
    at,
    ...clinic,
    purpose: 'care.prevention',
    categories: ['activity.steps', 'health.checkup'],
    policy,
    tag: digest('5'),
    commitment: digest('7'),
  },
  refusal: {
    v: 1,
    t: 'refusal',
    at,
    ...clinic,
    purpose: 'care.prevention',
    categories: ['health.checkup'],
    reason: 'consent-withdrawn',
    policy,
    tag: digest('5'),
  },
  void: { v: 1, t: 'void', at, of: 4711, reason: 'not-redeemed', recipient: 'hamakaze-clinic', tag: digest('5') },
  list: { v: 1, t: 'list', at, ...clinic, count: 1203, policy, salt: digest('8') },
  deposit: {
    v: 1,
    t: 'deposit',
    at,
    source: 'minatono-health-center',
    category: 'health.checkup',
    count: 87,
    root: '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=',
  },
  access: { v: 1, t: 'access', at, recipient: 'self', tag: digest('5'), commitment: digest('6') },
  staff: {
    ...{ v: 1, t: 'staff', at, recipient: 'op:help-desk', categories: ['activity.steps', 'health.checkup'] },
    ...{ reason: 'inquiry', policy: digest('1'), tag: digest('5'), commitment: digest('6') },
  },
  export: { v: 1, t: 'export', at, recipient: 'self', tag: digest('5'), commitment: digest('6') },
  erasure: { v: 1, t: 'erasure', at, recipient: 'self', tag: digest('5'), commitment: digest('6') },
  restore: { v: 1, t: 'restore', at, from: 4700, to: 4712 },
  index: { v: 1, t: 'index', at, from: 0, to: 4711, n: 310, root: '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=' },
  rollup: { v: 1, t: 'rollup', at, from: 0, to: 90210, n: 4002, root: '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=' },
  close: {
    v: 1,
    t: 'close',
    at,
    next: 'minatono.azukari.example/log/2027',
    key: 'minatono.azukari.example/log/2027+ff5b4eef+AVkUDfMvm+/UqeB1S/gZ50k03rAj96DDariSGN9zbAC/',
  },
};

/** The examples, and some with what is optional left out. */
export const manyEntries: readonly Entry[] = [
  ...Object.values(entryExamples),
  withoutField(entryExamples.program, 'decision'),
  withoutField(withoutField(entryExamples.refusal, 'program'), 'version'),
  withoutField(withoutField(entryExamples.refusal, 'purpose'), 'categories'),
  { ...withoutField(entryExamples.refusal, 'tag'), salt: digest('8') },
  { ...entryExamples.org, org: 'op:records-section', kind: 'unit' },
  { ...entryExamples.void, of: Number.MAX_SAFE_INTEGER },
  { ...entryExamples.provision, at: '2028-02-29T23:59Z' },
];

function withoutField<E extends Entry>(entry: E, field: keyof E): E {
  const rest = { ...entry };
  delete rest[field];
  return rest;
}
