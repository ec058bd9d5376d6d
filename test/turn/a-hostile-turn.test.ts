/**
 * A hostile operator at the turn of the year, who has every key and signs what he likes: whoever verifies the new log with the old one at hand finds
 * what is wrong, by its place. What two logs alone cannot show, a checkpoint kept from before and a mirror do.
 */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { signCheckpoint } from '../../src/transparency-log/checkpoint.js';
import { encodeVerifierKey } from '../../src/transparency-log/note-key.js';
import { checkpointOf, clinic, minute, origin, publish, vkey, writeLog } from '../transparency-log/a-log.js';
import { formatEntry } from '../transparency-log/entry-writer.js';
import { aTemporaryDirectory } from '../setup/leftovers.js';
import {
  closed,
  honest,
  keyOf,
  nextKey,
  nextOrigin,
  opened,
  provision,
  recipients,
  verifyNext,
  withdrawal,
  write,
} from './two-years.js';

const old = closed(honest);
let directory: string;
beforeEach(async () => {
  directory = await aTemporaryDirectory();
});

test('two honest logs: the new one follows from the old one', async () => {
  await write(directory, old, [...opened(old), provision(7)]);
  const { exit, text } = await verifyNext(directory);
  expect(text).toContain(`ok: it follows from ${origin}`);
  expect(text).not.toContain('FOUND');
  expect(exit).toBe(0);
});

/** What the operator publishes: the old log as it is shown afterwards, and the new one. */
const table: [act: string, show: () => [old: string[], next: string[]], found: string][] = [
  [
    'drops the tail of the old log after its last checkpoint was quoted',
    () => [honest.slice(0, 30), opened(old)],
    'FOUND previous-differs at entry 0: entry 0 quotes 42 entries of minatono.azukari.example/log/2026, and that log shows 30',
  ],
  [
    'quotes a wrong root',
    () => [old, opened(old, { root: Buffer.alloc(32, 7).toString('base64') })],
    'FOUND root-differs at entries 0 to 41 of minatono.azukari.example/log/2026',
  ],
  [
    'quotes fewer entries than the old log has',
    () => [old, opened(closed(honest.slice(0, 30)))],
    'FOUND previous-differs at entry 0: entry 0 quotes 32 entries of minatono.azukari.example/log/2026, and that log shows 42',
  ],
  [
    'names another log as the one that follows',
    () => [
      closed(honest, { next: 'minatono.azukari.example/log/2027b' }),
      opened(closed(honest, { next: 'minatono.azukari.example/log/2027b' })),
    ],
    'FOUND previous-differs at entry 41 of minatono.azukari.example/log/2026: entry 41 of minatono.azukari.example/log/2026 names minatono.azukari.example/log/2027b',
  ],
  [
    'begins the new log with another key than the old one names',
    () => {
      const other = closed(honest, { key: encodeVerifierKey(keyOf(nextOrigin)) });
      return [other, opened(other)];
    },
    'names another first key of this log than its entries introduce',
  ],
  [
    'never closes the old log',
    () => [honest, opened(honest)],
    'FOUND previous-differs at entry 39 of minatono.azukari.example/log/2026: entry 39 of minatono.azukari.example/log/2026 does not close that log',
  ],
  [
    'goes on in the old log after it was closed',
    () => [[...old, provision(3)], opened([...old, provision(3)])],
    'FOUND entry-after-close at entry 42 of minatono.azukari.example/log/2026',
  ],
  [
    'leaves the last accesses of the old log out of its indexes',
    () => {
      const end = [...closed(honest).slice(0, 41), provision(3), closed(honest).at(-1)!];
      return [end, opened(end)];
    },
    'FOUND index-gap at entry 42 of minatono.azukari.example/log/2026',
  ],
  [
    'states fewer recipients again',
    () => [
      old,
      opened(
        old,
        {},
        recipients.filter((code) => code !== clinic.recipient),
      ),
    ],
    `FOUND not-stated-again at the opening entries: at the end of the log before stood: recipient ${clinic.recipient} (registered)`,
  ],
  [
    'states a recipient again as active that was suspended',
    () => {
      const suspended = formatEntry({
        v: 1,
        t: 'org',
        at: minute(90),
        org: clinic.recipient,
        kind: 'recipient',
        status: 'suspended',
      });
      const end = closed([...honest, suspended]);
      return [end, opened(end)];
    },
    `FOUND not-stated-again at the opening entries: at the end of the log before stood: recipient ${clinic.recipient} (suspended)`,
  ],
  [
    'provides on the first day of the new log under a consent that was withdrawn on the last of the old one',
    () => {
      const end = closed([...honest, withdrawal(7)]);
      return [end, [...opened(end), provision(7)]];
    },
    'FOUND provision-after-withdrawal at entry 7',
  ],
  [
    'begins the new log under the origin of the old one',
    () => [old, opened(old, { previous: nextOrigin })],
    'FOUND previous-differs at entry 0',
  ],
];

test.each(table)('an operator who %s is found out', async (_act, show, found) => {
  await write(directory, ...show());
  const { exit, text } = await verifyNext(directory);
  expect(text).toContain(found);
  expect(exit).toBe(1);
});

test('an operator who drops entries of the old log is found out by who verifies the new one', async () => {
  await write(directory, old, opened(old));
  await rm(join(directory, '2026', 'tile', 'entries'), { recursive: true });
  const { exit, text } = await verifyNext(directory);
  expect(text).toContain(`FOUND entries-missing at entries 0 to 41 of ${origin}: `);
  expect(text).toContain('there is no tile/entries/000.p/42');
  expect(exit).toBe(1);
});

test('without the old log, and without its key, a verifier says what it did not check', async () => {
  await writeLog(publish(opened(old), nextKey), directory);
  const alone = await verifyNext(directory);
  expect(alone.text).toContain(`  - that it follows from ${origin}: bring that log`);
  expect(alone.exit).toBe(0);
  const beside = await aTemporaryDirectory();
  await writeLog(publish(old), beside);
  const unpinned = await verifyNext(directory, '--vkey', encodeVerifierKey(nextKey), '--previous', beside);
  expect(unpinned.text).toContain(`  - that the last checkpoint of ${origin} is signed with its key`);
  expect(unpinned.exit).toBe(0);
});

test('an old log that was rewritten together with the quote is found by who kept a checkpoint of it', async () => {
  const rewritten = closed(honest.toSpliced(20, 1));
  await write(directory, rewritten, opened(rewritten));
  expect((await verifyNext(directory)).exit).toBe(0);
  const kept = join(directory, 'kept');
  await writeFile(kept, checkpointOf(honest.slice(0, 30)));
  const { exit, text } = await verifyNext(directory, '--vkey', vkey, '--earlier', kept);
  expect(text).toContain('FOUND forked at entries 0 to 29');
  expect(exit).toBe(1);
});

test('two logs that both follow the old one: the one that it does not name is found, and so is one origin used for two', async () => {
  const other = [...opened(old), provision(1)];
  await write(directory, old, other);
  const kept = join(directory, 'kept');
  const shown = [...opened(old), provision(2)];
  const { size } = { size: shown.length };
  await writeFile(kept, publish(shown, nextKey).get('checkpoint')!);
  const { exit, text } = await verifyNext(directory, '--earlier', kept);
  expect(text).toContain(`FOUND forked at entries 0 to ${size - 1}`);
  expect(exit).toBe(1);
});

test('a last checkpoint of the old log that its key never signed is found by who pins that key', async () => {
  await write(directory, old, opened(old));
  const stranger = keyOf(origin);
  const [, size, root] = checkpointOf(old).split('\n');
  const forged = signCheckpoint({ origin, size: Number(size), root: Buffer.from(root!, 'base64') }, stranger);
  await writeFile(join(directory, '2026', 'checkpoint'), forged);
  const { exit, text } = await verifyNext(directory);
  expect(text).toContain(`FOUND untrusted at the log before, ${origin}`);
  expect(exit).toBe(1);
});
