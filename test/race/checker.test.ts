/** The checker is tested before it is believed: it must find what is planted, and nothing in histories that some order explains. */
import fc from 'fast-check';
import { parseEntry } from '../../src/transparency-log/entry.js';
import { utf8 } from '../../src/kernel/bytes.js';
import {
  aConsent,
  aProvision,
  aVoid,
  clinic,
  minute,
  opening,
  pairwiseIdOfResident,
  programStatus,
} from '../transparency-log/a-log.js';
import { formatEntry } from '../transparency-log/entry-writer.js';
import { checkHistory, type Rule } from './checker.js';
import type { Change, Deposit, HistoryEvent, Look, Read } from './history.js';
import { checkEntries } from './log-checker.js';

type Times = readonly [from: number, to: number];

const timed = ([from, to]: Times, node = 'a') => ({ node, startedAt: BigInt(from), endedAt: BigInt(to) });
const change = (op: Change['op'], times: Times, outcome: Change['outcome'] = 'done'): Change => ({
  ...timed(times),
  op,
  outcome,
});
const data = (times: Times, markers: number[] = [], index = 100): Read => ({
  ...timed(times),
  op: 'read',
  outcome: 'data',
  index,
  markers,
});
const shut = (times: Times, gate: 'consent' | 'program' = 'consent'): Read => ({
  ...timed(times, 'b'),
  op: 'read',
  outcome: 'shut',
  gate,
});
const look = (times: Times, outcome: Look['outcome']): Look => ({
  ...timed(times),
  op: 'look',
  outcome,
  gates: ['consent'],
});
const deposit = (times: Times, marker: number, index: number | null = 0): Deposit => ({
  ...timed(times),
  op: 'deposit',
  marker,
  index,
});

const given = change('give', [0, 1]);

describe('honest histories', () => {
  test.each<[string, HistoryEvent[]]>([
    ['a read in flight while the withdrawal is answered', [given, data([9, 30]), change('withdraw', [10, 20])]],
    ['a read that began one moment before the answer', [given, change('withdraw', [10, 20]), data([20, 40])]],
    ['a read after a new consent', [given, change('withdraw', [10, 20]), change('give', [30, 40]), data([50, 60])]],
    [
      'a read that a new consent in flight may explain',
      [given, change('withdraw', [10, 20]), change('give', [30, 90]), data([25, 40])],
    ],
    [
      'a consent sent together with the withdrawal, answered after it',
      [change('give', [10, 30]), change('withdraw', [10, 20]), data([25, 35])],
    ],
    ['a withdrawal that was not done', [given, change('withdraw', [10, 20], 'not done'), data([30, 40])]],
    ['a withdrawal in doubt', [given, change('withdraw', [10, 20], 'in doubt'), data([30, 40])]],
    [
      'a consent in doubt explains a later read',
      [given, change('withdraw', [10, 20]), change('give', [30, 31], 'in doubt'), data([90, 95])],
    ],
    [
      'a suspension and its resumption',
      [given, change('suspend', [10, 20]), shut([21, 25], 'program'), change('resume', [30, 40]), data([41, 45])],
    ],
    [
      'two reads that overlap disagree while a withdrawal runs',
      [given, shut([12, 18]), data([11, 19]), change('withdraw', [10, 20])],
    ],
    ['data deposited before the read’s entry', [given, deposit([5, 8], 7, 50), data([10, 20], [7], 51)]],
    [
      'data deposited while withdrawn, read under the next consent',
      [
        given,
        change('withdraw', [10, 20]),
        deposit([21, 25], 7, 50),
        change('give', [30, 40]),
        data([50, 60], [7], 60),
      ],
    ],
    [
      'the consent is seen as withdrawn and then as given',
      [given, change('withdraw', [10, 20]), look([21, 22], 'shut'), change('give', [30, 40]), look([35, 45], 'open')],
    ],
  ])('%s', (_name, history) => expect(checkHistory(history)).toEqual([]));
});

describe('planted violations', () => {
  test.each<[string, Rule[], HistoryEvent[]]>([
    ['a read after the withdrawal', ['V1'], [given, change('withdraw', [10, 20]), data([21, 30])]],
    ['a read after the suspension', ['V1'], [given, change('suspend', [10, 20]), data([21, 30])]],
    [
      'a resumption does not open a withdrawn consent',
      ['V1'],
      [given, change('withdraw', [10, 20]), change('resume', [21, 22]), data([30, 40])],
    ],
    [
      'a new consent that began too late explains nothing',
      ['V1'],
      [given, change('withdraw', [10, 20]), data([21, 30]), change('give', [31, 40])],
    ],
    [
      'a consent that was over before the withdrawal began explains nothing',
      ['V1'],
      [change('give', [0, 5]), change('withdraw', [10, 20]), data([21, 30])],
    ],
    [
      'the second of two withdrawals',
      ['V1'],
      [given, change('withdraw', [10, 20]), change('give', [30, 40]), change('withdraw', [50, 60]), data([61, 70])],
    ],
    [
      'data deposited after the withdrawal, in a read already running',
      ['V2'],
      [given, data([15, 60], [7], 51), change('withdraw', [10, 20]), deposit([21, 25], 7, 50)],
    ],
    ['data deposited behind the read’s own entry', ['V2'], [given, deposit([5, 8], 7, 52), data([10, 20], [7], 51)]],
    ['data that nobody deposited', ['V2'], [given, data([10, 20], [7], 51)]],
    [
      'one node says withdrawn, then another gives data',
      ['V3'],
      [given, shut([12, 14]), data([15, 18]), change('withdraw', [10, 20])],
    ],
    [
      'one node says withdrawn, then another shows the consent as active',
      ['V3'],
      [given, shut([12, 14]), look([15, 18], 'open'), change('withdraw', [10, 20])],
    ],
    [
      'after the answer both are broken',
      ['V1', 'V3'],
      [given, change('withdraw', [10, 20]), shut([21, 22]), data([23, 30])],
    ],
  ])('%s', (_name, rules, history) => expect(checkHistory(history).map(({ rule }) => rule)).toEqual(rules));
});

describe('histories of a service that is linearizable', () => {
  /** Each operation takes effect at one instant inside its interval; the answers follow from the instants in order. */
  const operation = fc.record({
    op: fc.constantFrom('read', 'read', 'read', 'withdraw', 'give', 'suspend', 'resume', 'look', 'deposit'),
    before: fc.integer({ min: 1, max: 40 }),
    after: fc.integer({ min: 1, max: 40 }),
    isAnswered: fc.integer({ min: 0, max: 9 }).map((digit) => digit > 0),
  });
  type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never;

  function run(operations: readonly Operation[]): HistoryEvent[] {
    let [consent, program] = [false, true];
    const markers: number[] = [];
    return operations.map(({ op, before, after, isAnswered }, position): HistoryEvent => {
      const instant = position * 10 + 100;
      const times: Times = [instant - before, instant + after];
      const outcome = isAnswered ? 'done' : 'in doubt';
      switch (op) {
        case 'withdraw':
        case 'give':
          consent = op === 'give';
          return change(op, times, outcome);
        case 'suspend':
        case 'resume':
          program = op === 'resume';
          return change(op, times, outcome);
        case 'deposit':
          markers.push(position);
          return deposit(times, position, position);
        case 'look':
          return look(times, consent ? 'open' : 'shut');
        case 'read':
          if (!program) return shut(times, 'program');
          return consent ? data(times, [...markers], position) : shut(times, 'consent');
      }
    });
  }

  test('nothing is found, however the requests overlap', () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 60 }), (some) => void expect(checkHistory(run(some))).toEqual([])),
    );
  });

  test('one refusal turned into data is found once its gate was surely shut', () => {
    const sequential = operation.map((one) => ({ ...one, before: 2, after: 2, isAnswered: true }));
    const isSeen = (event: HistoryEvent) => event.op === 'read' && event.outcome === 'shut';
    fc.assert(
      fc.property(fc.array(sequential, { minLength: 5, maxLength: 60 }), fc.nat(), (some, chosen) => {
        const history = run([
          { ...some[0]!, op: 'give' },
          { ...some[0]!, op: 'withdraw' },
          { ...some[0]!, op: 'read' },
          ...some,
        ]);
        const refusals = history.filter(isSeen);
        const victim = refusals[chosen % refusals.length]!;
        const forged = history.map((event) =>
          event === victim ? { ...data([0, 0], [], 1000), ...spanOf(victim) } : event,
        );
        expect(checkHistory(forged).map(({ rule }) => rule)).toContain('V1');
      }),
    );
  });

  const spanOf = ({ startedAt, endedAt }: HistoryEvent) => ({ startedAt, endedAt });
});

describe('the log', () => {
  const at = minute(1);
  const active = formatEntry(aConsent(1, 'active', at));
  const withdrawn = formatEntry(aConsent(1, 'withdrawn', at));
  const provision = formatEntry(aProvision(1, at));
  const another = formatEntry(aProvision(2, at));
  const first = opening().length;
  const subject = { pairwiseId: pairwiseIdOfResident(1), recipient: clinic.recipient, program: clinic.program };
  const rulesOf = (lines: string[], delivered: number[] = []) =>
    checkEntries(
      [...opening(), ...lines].map((line) => parseEntry(utf8(line))),
      subject,
      delivered,
    ).map(({ rule }) => rule);

  test.each<[string, Rule[], string[], number[]]>([
    ['a provision between consent and withdrawal', [], [active, provision, withdrawn], [first + 1]],
    ['another resident’s provision', [], [active, withdrawn, another], []],
    ['a new consent', [], [active, withdrawn, active, provision], [first + 3]],
    ['a provision after the withdrawal', ['V4'], [active, withdrawn, provision], []],
    ['a provision while suspended', ['V4'], [active, programStatus('suspended', at), provision], []],
    [
      'a provision after the resumption',
      [],
      [active, programStatus('suspended', at), programStatus('active', at), provision],
      [],
    ],
    [
      'a voided provision whose data came',
      ['entry'],
      [active, provision, formatEntry(aVoid(first + 1, 1, at))],
      [first + 1],
    ],
    ['data without an entry', ['entry'], [active, provision], [first]],
    ['two responses with one entry', ['entry'], [active, provision], [first + 1, first + 1]],
  ])('%s', (_name, rules, lines, delivered) => expect(rulesOf(lines, delivered)).toEqual(rules));
});
