/** What `checkLog` reads out of the entries: one history per line, and what must be found in it. */
import { checkLog, type Report } from '../../src/transparency-log/check-log.js';
import type { FindingCode } from '../../src/transparency-log/finding.js';
import {
  aConsent,
  aProvision,
  aVoid,
  clinic,
  minute,
  opening,
  policy,
  programStatus,
  publish,
  readerOf,
  trust,
} from './a-log.js';
import { formatEntry } from './entry-writer.js';

// After every date in these histories but one.
const now = new Date('2026-12-02T00:00:00Z');
const check = (lines: readonly string[]): Promise<Report> => checkLog(readerOf(publish(lines)), trust, { now });
const found = (report: Report) => report.findings.map(({ code, place }) => `${code} at ${place}`);

const digest = policy;
const provision = (n: number, at: string, change: object = {}) => formatEntry({ ...aProvision(n, at), ...change });
const consent = (n: number, state: Parameters<typeof aConsent>[1], at: string, change: object = {}) =>
  formatEntry({ ...aConsent(n, state, at), ...change });

function orgStatus(org: string, status: 'registered' | 'suspended' | 'resumed' | 'removed', at: string): string {
  return formatEntry({ v: 1, t: 'org', at, org, kind: 'recipient', status });
}

function deposit(source: string, at: string): string {
  const root = Buffer.alloc(32).toString('base64');
  return formatEntry({ v: 1, t: 'deposit', at, source, category: 'health.checkup', count: 1, root });
}

function restore(from: number, to: number, at: string): string {
  return formatEntry({ v: 1, t: 'restore', at, from, to });
}

/** What is appended to the opening (entries 0 to 4), and what must be found. `[]`: nothing. */
const medicationCheck = formatEntry({
  v: 1,
  t: 'program',
  at: minute(1),
  ...clinic,
  program: 'medication-check',
  status: 'active',
  terms: digest,
  policy,
});

const histories: [name: string, lines: string[], findings: `${FindingCode} at ${string}`[]][] = [
  [
    'a provision after a restore, under a consent given in what was lost',
    [consent(2, 'active', minute(1)), restore(5, 6, minute(2)), provision(2, minute(3))],
    ['provision-after-withdrawal at entry 7'],
  ],
  [
    'a provision after a restore, under a consent given before',
    [consent(2, 'active', minute(1)), restore(5, 6, minute(2)), provision(1, minute(3))],
    [],
  ],
  [
    'a consent given anew after a restore',
    [
      consent(2, 'active', minute(1)),
      restore(5, 6, minute(2)),
      consent(2, 'active', minute(3)),
      provision(2, minute(3)),
    ],
    [],
  ],
  [
    'an organisation registered again after a restore, and one that had stood before',
    [
      orgStatus('newcomer', 'registered', minute(1)),
      restore(5, 6, minute(2)),
      orgStatus('newcomer', 'registered', minute(3)),
      orgStatus(clinic.recipient, 'registered', minute(3)),
    ],
    ['unknown-organisation at entry 8'],
  ],
  ['a restore of entries that come after it', [restore(5, 7, minute(1))], ['restore-misplaced at entry 5']],
  [
    'a provision after the withdrawal',
    [consent(1, 'withdrawn', minute(1)), provision(1, minute(2))],
    ['provision-after-withdrawal at entry 6'],
  ],
  [
    'a provision in the minute of the withdrawal, but after it',
    [consent(1, 'withdrawn', minute(1)), provision(1, minute(1))],
    ['provision-after-withdrawal at entry 6'],
  ],
  ['a provision before the withdrawal', [provision(1, minute(1)), consent(1, 'withdrawn', minute(1))], []],
  [
    'a provision of somebody else after the withdrawal',
    [consent(1, 'withdrawn', minute(1)), provision(2, minute(2))],
    [],
  ],
  [
    'a provision after expiry',
    [consent(1, 'expired', minute(1)), provision(1, minute(2))],
    ['provision-after-withdrawal at entry 6'],
  ],
  [
    'a provision during a pause',
    [consent(1, 'paused', minute(1)), provision(1, minute(2))],
    ['provision-after-withdrawal at entry 6'],
  ],
  [
    'a provision after a pause',
    [consent(1, 'paused', minute(1)), consent(1, 'active', minute(2)), provision(1, minute(3))],
    [],
  ],
  [
    'a provision under a superseded consent',
    [consent(1, 'superseded', minute(1)), provision(1, minute(2))],
    ['provision-after-withdrawal at entry 6'],
  ],
  [
    'a provision under another program of the same recipient after a withdrawal',
    [medicationCheck, consent(1, 'withdrawn', minute(1)), provision(1, minute(2), { program: 'medication-check' })],
    [],
  ],
  [
    'provisions under two programs of one recipient, after the withdrawal from one and then from both',
    [
      medicationCheck,
      consent(1, 'active', minute(1)),
      consent(1, 'active', minute(1), { program: 'medication-check' }),
      consent(1, 'withdrawn', minute(2)),
      provision(1, minute(3), { program: 'medication-check' }),
      provision(1, minute(3)),
      consent(1, 'withdrawn', minute(4), { program: 'medication-check' }),
      provision(1, minute(5), { program: 'medication-check' }),
      provision(1, minute(5)),
    ],
    [
      'provision-after-withdrawal at entry 10',
      'provision-after-withdrawal at entry 12',
      'provision-after-withdrawal at entry 13',
    ],
  ],
  [
    'a provision under a version that was not consented to',
    [programStatus('active', minute(1), 2), consent(1, 'active', minute(1), { version: 2 }), provision(1, minute(2))],
    ['provision-after-withdrawal at entry 7'],
  ],
  [
    'a provision under a suspended program',
    [programStatus('suspended', minute(1)), provision(1, minute(2))],
    ['program-not-active at entry 6'],
  ],
  [
    'a provision under a program that was never heard of',
    [provision(1, minute(1), { program: 'p-unheard' })],
    ['program-not-active at entry 5'],
  ],
  [
    'a provision under a version in review',
    [programStatus('in_review', minute(1), 2), provision(1, minute(2), { version: 2 })],
    ['program-not-active at entry 6'],
  ],
  [
    'a provision under the program of another recipient',
    [orgStatus('isobe-mart', 'registered', minute(1)), provision(1, minute(1), { recipient: 'isobe-mart' })],
    ['program-not-active at entry 6'],
  ],
  [
    'a list given under a retired program',
    [
      programStatus('retired', minute(1)),
      formatEntry({ v: 1, t: 'list', at: minute(1), ...clinic, count: 3, policy, salt: policy }),
    ],
    ['program-not-active at entry 6'],
  ],
  [
    'a provision to a suspended recipient',
    [orgStatus('hamakaze-clinic', 'suspended', minute(1)), provision(1, minute(2))],
    ['organisation-not-active at entry 6'],
  ],
  [
    'a provision to a resumed recipient',
    [
      orgStatus('hamakaze-clinic', 'suspended', minute(1)),
      orgStatus('hamakaze-clinic', 'resumed', minute(2)),
      provision(1, minute(3)),
    ],
    [],
  ],
  [
    'a deposit of a source that was never registered',
    [deposit('minatono-pharmacy', minute(1))],
    ['unknown-organisation at entry 5'],
  ],
  [
    'a deposit of a removed source',
    [orgStatus('minatono-health-center', 'removed', minute(1)), deposit('minatono-health-center', minute(2))],
    ['organisation-not-active at entry 6'],
  ],
  [
    'a suspension of an organisation nobody knows',
    [orgStatus('nobody', 'suspended', minute(1))],
    ['unknown-organisation at entry 5'],
  ],
  [
    'an organisation registered twice',
    [orgStatus('hamakaze-clinic', 'registered', minute(1))],
    ['unknown-organisation at entry 5'],
  ],
  [
    'consent asked for before the approval',
    [programStatus('in_review', minute(1), 2), consent(1, 'active', minute(2), { version: 2 })],
    ['program-not-approved at entry 6'],
  ],
  [
    'a refusal by a resident who could not have been asked',
    [consent(1, 'refused', minute(1), { recipient: 'self', program: 'p-unheard' })],
    ['program-not-approved at entry 5'],
  ],
  ['a resident who refuses', [consent(1, 'refused', minute(1), { recipient: 'self' })], []],
  ['a void of a provision', [provision(1, minute(1)), formatEntry(aVoid(5, 1, minute(2)))], []],
  ['a void of nothing', [formatEntry(aVoid(4, 1, minute(1)))], ['void-without-provision at entry 5']],
  [
    'a void of what comes later',
    [formatEntry(aVoid(6, 1, minute(1))), provision(1, minute(1))],
    ['void-without-provision at entry 5'],
  ],
  [
    'a void of an index beyond all logs',
    [formatEntry(aVoid(Number.MAX_SAFE_INTEGER, 1, minute(1)))],
    ['void-without-provision at entry 5'],
  ],
  [
    'two voids of one provision',
    [provision(1, minute(1)), formatEntry(aVoid(5, 1, minute(2))), formatEntry(aVoid(5, 1, minute(2)))],
    ['void-twice at entry 7'],
  ],
  [
    'a void under the tag of somebody else',
    [provision(1, minute(1)), formatEntry(aVoid(5, 2, minute(2)))],
    ['void-differs at entry 6'],
  ],
  [
    'a void in the next month, under the next month’s tag',
    [provision(1, minute(1)), formatEntry(aVoid(5, 1, '2026-12-01T00:00Z'))],
    [],
  ],
  [
    'a void that names another recipient',
    [provision(1, minute(1)), formatEntry({ ...aVoid(5, 1, minute(2)), recipient: 'self' })],
    ['void-differs at entry 6'],
  ],
  ['an entry dated an hour back', [provision(1, minute(90)), provision(2, minute(30))], ['time-goes-back at entry 6']],
  ['a clock that went back two minutes', [provision(1, minute(90)), provision(2, minute(88))], []],
  [
    'a clock that went back three minutes',
    [provision(1, minute(90)), provision(2, minute(87))],
    ['time-goes-back at entry 6'],
  ],
  [
    'an entry of the future, between those of today',
    [provision(1, '2026-12-22T00:00Z'), provision(2, minute(5))],
    ['time-in-future at entry 5'],
  ],
  [
    'a policy that was never announced',
    [provision(1, minute(1), { policy: 'f'.repeat(64) })],
    ['unknown-policy at entry 5'],
  ],
  [
    'a policy that was announced',
    [
      formatEntry({ v: 1, t: 'policy', at: minute(1), policy: 'f'.repeat(64) }),
      provision(1, minute(1), { policy: 'f'.repeat(64) }),
    ],
    [],
  ],
  ['a second start', [opening()[0]!], ['start-misplaced at entry 5']],
  ['an entry of no known kind', ['{"v":1,"t":"gift","at":"2026-11-01T00:01Z"}'], ['malformed-entry at entry 5']],
  ['an entry with a space', [provision(1, minute(1)).replace(':1,', ': 1,')], ['malformed-entry at entry 5']],
];

describe('what the entries say is found out by reading them', () => {
  test.each(histories)('%s', async (_, lines, findings) => {
    expect(found(await check([...opening(), ...lines]))).toEqual(findings);
  });

  test('a log that begins with anything but its start', async () => {
    const report = await check(opening().slice(1));
    expect(found(report)).toContain('start-misplaced at entry 0');
  });

  test('a log whose start names another log', async () => {
    const lines = opening().with(0, opening()[0]!.replace('minatono', 'hamano'));
    expect(found(await check(lines))).toEqual(['start-misplaced at entry 0']);
  });

  test('a void of long ago is held against its provision as one of yesterday is', async () => {
    const provisions = Array.from({ length: 3000 }, (_, n) => provision(n, minute(1)));
    const voids = [0, 1, 1020, 2999].map((n) => formatEntry(aVoid(5 + n, n, minute(2))));
    const isobe = orgStatus('isobe-mart', 'registered', minute(2));
    expect(found(await check([...opening(), ...provisions, ...voids]))).toEqual([]);
    const wrong = [
      isobe,
      formatEntry(aVoid(5, 1, minute(2))),
      formatEntry({ ...aVoid(7, 2, minute(2)), recipient: 'isobe-mart' }),
    ];
    expect(found(await check([...opening(), ...provisions, ...wrong]))).toEqual([
      'void-differs at entry 3006',
      'void-differs at entry 3007',
    ]);
  });

  test('a thousand faults are counted, and the first hundred named', async () => {
    const lines = [
      ...opening(),
      ...Array.from({ length: 1000 }, (_, n) => provision(n, minute(1), { program: 'p-x' })),
    ];
    const report = await check(lines);
    expect(report.findingsTotal).toBe(1000);
    expect(report.findings).toHaveLength(100);
  });
});
