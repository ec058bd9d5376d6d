/**
 * An operator who hides that one log follows another, or that a log is closed: the list of a resident, a verifier and a mirror each find it from the two logs
 * that they were shown.
 */
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { secretKey } from '../../src/kernel/bytes.js';
import { checkAcross } from '../../src/transparency-log/completeness/across-logs.js';
import type { EntryOf } from '../../src/transparency-log/entry.js';
import { keyFileOf } from '../../src/transparency-log/completeness/key-file.js';
import { FollowedLogs, type LogsOutcome } from '../../src/transparency-log/mirror/follow-logs.js';
import { encodeVerifierKey } from '../../src/transparency-log/note-key.js';
import { runVerify } from '../../src/transparency-log/verify-command.js';
import { clinic, minute, origin, publish, readerOf, trust, vkey, writeLog } from '../transparency-log/a-log.js';
import { formatEntry } from '../transparency-log/entry-writer.js';
import { aTemporaryDirectory } from '../setup/leftovers.js';
import { closed, honest, nextKey, nextOrigin, opened, provision, recipients, verifyNext, write } from './two-years.js';

const old = closed(honest);
const fewer = recipients.filter((code) => code !== clinic.recipient);
let directory: string;
beforeEach(async () => {
  directory = await aTemporaryDirectory();
});

/** The opening of a log that says that it is the city's first. */
function unquoted(named = recipients): string[] {
  const [start, ...rest] = opened(old, {}, named);
  return [start!.replaceAll(/,"(previous|size|root)":("[^"]*"|\d+)/g, ''), ...rest];
}

/** `azukari verify subject` of whole logs, with somebody's key. */
async function searchBoth(): Promise<{ exit: number; text: string }> {
  const keyFile = join(directory, 'key.json');
  await writeFile(keyFile, JSON.stringify(keyFileOf(secretKey(randomBytes(32)), origin)));
  let text = '';
  const keys = ['--vkey', encodeVerifierKey(nextKey), '--vkey', vkey];
  const exit = await runVerify(['subject', directory, '--key-file', keyFile, ...keys], {
    stdout: (part) => (text += part),
  });
  return { exit, text };
}

test('a list over two honest logs is well', async () => {
  await write(directory, old, opened(old));
  const { exit, text } = await searchBoth();
  expect(text).not.toContain('FOUND');
  expect(exit).toBe(0);
});

test.each<[string, () => [string[], string[]], string[]]>([
  [
    'the second log quotes nothing, and leaves out a recipient',
    () => [old, unquoted(fewer)],
    [
      `FOUND previous-differs at entry 0 of ${nextOrigin}`,
      `${origin} ends by naming it as the log that follows, and it quotes none`,
      `FOUND organisation-missing at entry 0 of ${nextOrigin}`,
    ],
  ],
  [
    'neither is shown to have anything to do with the other',
    () => [honest, unquoted()],
    ['FOUND previous-differs', 'it quotes no log before it, and so does'],
  ],
  [
    'the first is quoted, and was never closed',
    () => [honest, opened(honest)],
    [`FOUND previous-differs at entry 0 of ${nextOrigin}`, 'lacks the one that closes that log'],
  ],
])('a list over two logs: %s', async (_what, show, found) => {
  await write(directory, ...show());
  const { exit, text } = await searchBoth();
  for (const one of found) expect(text).toContain(one);
  expect(exit).toBe(1);
});

test('a list over two histories of one log of the same size is found', () => {
  const start = JSON.parse(honest[0]!) as EntryOf<'start'>;
  const log = { origin, size: 9, root: 'A', start, close: null, organisations: new Map<string, number>() };
  expect(checkAcross([log, log]).findings).toEqual([]);
  expect(checkAcross([log, { ...log, root: 'B' }]).findings).toMatchObject([
    { code: 'forked', place: `the first 9 entries of ${origin}` },
  ]);
});

describe('a log that says that it is the first', () => {
  const alone = ['--vkey', encodeVerifierKey(nextKey)];
  const both = [...alone, '--vkey', vkey];

  test.each<[string, string[], string[], string]>([
    ['a log beside it names it', old, alone, `${origin} ends by naming it as the log that follows`],
    ['a log whose key is pinned names it', old, both, `${origin} ends by naming it as the log that follows`],
    ['a log beside it says the same', honest, alone, `neither does ${origin}: a city has one first log`],
  ])('%s', async (_what, before, keys, said) => {
    await write(directory, before, unquoted(fewer));
    const { exit, text } = await verifyNext(join(directory, '2027'), ...keys);
    expect(text).toContain(`FOUND previous-differs at entry 0: `);
    expect(text).toContain(said);
    expect(exit).toBe(1);
  });

  test('it is brought with the one before', async () => {
    await writeLog(publish(unquoted(), nextKey), directory);
    const { exit, text } = await verifyNext(directory, ...alone, '--previous', join(directory, 'elsewhere'));
    expect(text).toContain('FOUND previous-differs at entry 0: ');
    expect(exit).toBe(1);
  });

  test('nothing else is at hand: the verifier says that it did not check it', async () => {
    await writeLog(publish(unquoted(), nextKey), directory);
    const { exit, text } = await verifyNext(directory, ...alone);
    expect(text).toContain('  - whether it is the city’s first log: it quotes none before it');
    const pinned = await verifyNext(directory, ...both);
    expect(pinned.text).toContain(`  - whether it is the city’s first log, although keys of ${origin} are pinned`);
    expect([exit, pinned.exit]).toEqual([0, 0]);
  });

  test('it is, and the one that follows stands beside it', async () => {
    await write(directory, old, opened(old));
    const { exit, text } = await verifyNext(directory, '--vkey', vkey, '--vkey', encodeVerifierKey(nextKey));
    expect(text).toContain(`log      ${origin}\n`);
    expect(text).not.toContain('FOUND');
    expect(exit).toBe(0);
  });
});

test('what a restore lost is not said to be stated again', async () => {
  const next = opened(old, {}, fewer);
  const restore = formatEntry({ v: 1, t: 'restore', at: minute(100), from: 0, to: 2 } as never);
  await write(directory, old, [...next.slice(0, 2), restore, ...next.slice(2)]);
  const { text } = await verifyNext(directory);
  expect(text).toContain(`lost     recipient ${clinic.recipient}`);
  expect(text).toContain('what stood there is stated again but for what was lost');
});

describe('a mirror that goes from log to log', () => {
  let shown: { old: string[]; next: string[] };
  beforeEach(() => {
    shown = { old, next: [...opened(old), provision(7)] };
  });

  const find = (of: string) =>
    Promise.resolve(readerOf(of === nextOrigin ? publish(shown.next, nextKey) : publish(shown.old)));

  async function round(logs = new FollowedLogs(directory, trust, find)): Promise<LogsOutcome[]> {
    const outcomes: LogsOutcome[] = [];
    for await (const outcome of logs.update(() => undefined)) outcomes.push(outcome);
    return outcomes;
  }

  test('copies both, and asks again for what is new', async () => {
    expect(await round()).toMatchObject([
      { ok: true, origin },
      { ok: true, origin: nextOrigin },
    ]);
    shown.next = [...shown.next, provision(8)];
    expect(await round()).toMatchObject([
      { ok: true, taken: 0 },
      { ok: true, taken: 1 },
    ]);
  });

  test('finds that a closed log goes on, keeps both checkpoints, and finds it again each time', async () => {
    const logs = new FollowedLogs(directory, trust, find);
    await round(logs);
    shown.old = [...old, provision(3)];
    const found = [{ ok: false, origin, finding: { code: 'entry-after-close', place: `entry ${old.length}` } }];
    const [outcome] = await round(logs);
    expect([outcome]).toMatchObject(found);
    expect(outcome).toHaveProperty('evidence.length', 2);
    expect(await round()).toMatchObject(found);
  });

  test.each([256, 257, 300])('finds it in a log of %i entries that is seen for the first time', async (size) => {
    const long = closed([...honest, ...Array.from({ length: size - 42 }, () => honest.at(-1)!)]);
    shown.old = [...long, provision(3)];
    expect(await round()).toMatchObject([
      { ok: false, finding: { code: 'entry-after-close', place: `entry ${size}` } },
    ]);
  });

  test.each([256, 257])('finds it after a copy of %i entries', async (size) => {
    shown.old = closed([...honest, ...Array.from({ length: size - 42 }, () => honest.at(-1)!)]);
    shown.next = opened(shown.old);
    expect(await round()).toMatchObject([{ ok: true, size }, { ok: true }]);
    shown.old = [...shown.old, provision(3)];
    expect(await round()).toMatchObject([
      { ok: false, finding: { code: 'entry-after-close', place: `entry ${size}` } },
    ]);
  });

  test.each<[string, () => string[]]>([
    ['quotes another root', () => opened(old, { root: Buffer.alloc(32, 7).toString('base64') })],
    ['quotes fewer entries', () => opened(closed(honest.slice(0, 30)))],
    ['quotes nothing', () => unquoted()],
  ])('finds a next log that %s', async (_what, next) => {
    shown.next = next();
    const found = { ok: false, finding: { code: 'previous-differs', place: `entry 0 of ${nextOrigin}` } };
    expect(await round()).toMatchObject([{ ok: true, origin }, found]);
    expect(await round()).toMatchObject([{ ok: true, origin }, found]);
  });
});
