/** The turn of the year with witnesses, under load: a withdrawal is not held up, nothing leaves uncovered, and the old log's end is cosigned and kept. */
import { createServer } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { openCheckpoint } from '../../src/transparency-log/checkpoint.js';
import { parseVerifierKey } from '../../src/transparency-log/note-key.js';
import { trustByPolicy } from '../../src/transparency-log/witness/policy-trust.js';
import { parseWitnessPolicy } from '../../src/transparency-log/witness/witness-policy.js';
import { readFile, writeFile } from 'node:fs/promises';
import { must, Town } from '../setup/a-town.js';
import { aTemporaryDirectory } from '../setup/leftovers.js';
import { aNewWitness } from '../witness/a-witness.js';
import { WitnessedTown } from '../witness/a-witnessed-town.js';
import { both } from '../setup/check-log.js';
import { checkOf, closeLogsSoundly, type Keys, nextYear, thisYear, turn, verify } from './a-turning-town.js';

let witnessed: WitnessedTown;
beforeAll(async () => {
  witnessed = await WitnessedTown.open();
}, 60_000);
let vkeyOfNext: string;
afterAll(() =>
  both(
    () => closeLogsSoundly(witnessed.town, { [thisYear]: witnessed.town.demo.log.vkey, [nextYear]: vkeyOfNext }),
    () => witnessed.kill(0, 1, 2),
  ),
);

test('while recipients read and residents withdraw, the year turns: every answer is covered, and both logs are cosigned', async () => {
  const { town } = witnessed;
  const program = await town.program();
  const people = [0, 1, 2, 3, 4, 5].map((number) => town.resident(number));
  const consents = await Promise.all(people.map((resident) => town.give(resident, program)));
  const reader = await town.reader(program);
  const outcomes: (number | string)[] = [];
  let isOver = false;
  const reading = consents.slice(0, 3).map(async ({ pairwiseId }) => {
    while (!isOver) outcomes.push(await reader.outcome(pairwiseId, {}, town.base));
  });
  const withdrawing = (async () => {
    for (const [number, { consentId }] of [...consents.entries()].slice(3)) {
      must(await town.withdraw(people[number]!, consentId));
      await pause(20);
    }
  })();
  const { vkey } = await turn(town, nextYear, async (key) => {
    // Witnesses learn of the new log before it begins.
    witnessed.logKeys.push(key);
    await witnessed.kill(0, 1, 2);
    await witnessed.start(0, 1, 2);
  });
  vkeyOfNext = vkey;
  await withdrawing;
  const before = outcomes.length;
  while (outcomes.slice(before).filter((outcome) => outcome === 200).length < 5) await pause(20);
  isOver = true;
  await Promise.all(reading);
  // What was under way is told to ask again; nobody hears anything else.
  expect(outcomes.filter((outcome) => ![200, 'log-unavailable', 'log-unwitnessed'].includes(outcome))).toEqual([]);

  await witnessed.untilWitnessed();
  const policy = parseWitnessPolicy(await readFile(witnessed.policyFile));
  const open = async (name: string, key: string, origin: string) => {
    const trust = trustByPolicy(policy, { vkeys: [key], origin });
    return openCheckpoint(await (await fetch(`${town.base}/log/${name}/checkpoint`)).text(), trust);
  };
  const old = await until(() => open('2026', town.demo.log.vkey, thisYear));
  expect(old.cosignatures.length).toBeGreaterThanOrEqual(2);
  expect((await open('2027', vkey, nextYear)).cosignatures.length).toBeGreaterThanOrEqual(2);
  expect((await checkOf(town, thisYear, town.demo.log.vkey)).findings).toEqual([]);
  expect((await checkOf(town, nextYear, vkey)).findings).toEqual([]);
  // Whoever cosigned an earlier checkpoint of the old log only came late; that is no other policy.
  const { rows } = await town.admin
    .query(`SELECT azukari.store_witnessed(w.digest, 0, g.size - 1, sha256(''), g.final_note) AS outcome
    FROM azukari.witness_policy w, azukari.city_log g WHERE g.base = 0`);
  expect(rows).toEqual([{ outcome: 'overtaken' }]);
  const keys = ['--vkey', vkey, '--vkey', town.demo.log.vkey];
  expect(await verify(town, 'log', `${town.base}/log`, ...keys)).toMatchObject({ exit: 0 });
  expect(parseVerifierKey(vkey).name).toBe(nextYear);
}, 120_000);

const otherLetter = (letter: string) => (letter === 'A' ? 'B' : 'A');

test('the log’s own lines under the last checkpoint of a closed log stay as they are, both of them during a rotation', async () => {
  const { admin } = witnessed.town;
  const read = 'SELECT size, final_note AS note, final_policy AS policy FROM azukari.city_log WHERE base = 0';
  const { size, note, policy } = (await admin.query<{ size: number; note: string; policy: string }>(read)).rows[0]!;
  const [text = '', lines = ''] = note.split('\n\n');
  // As if a second key of the log had signed too.
  const second = `— ${thisYear} c2Vjb25k\n`;
  const both = `${text}\n\n${lines.replace('\n', `\n${second}`)}`;
  const store = (changed: string) =>
    admin.query("SELECT azukari.store_witnessed($1, 0, $2, sha256(''), $3) AS outcome", [policy, size, changed]);
  await admin.query('UPDATE azukari.city_log SET final_note = $1 WHERE base = 0', [both]);
  try {
    for (const spoilt of [
      both.replace(second, `— ${thisYear} c3BvaWx0\n`),
      both.replace(second, ''),
      // The first letter of the root, and of the signature above.
      both.replace(/(?<=^.*\n.*\n)./, otherLetter),
      both.replace(/(?<=\n\n— \S+ )./, otherLetter),
    ])
      await expect(store(spoilt)).rejects.toMatchObject({ code: 'AZ001' });
    expect((await store(both)).rows).toEqual([{ outcome: 'stored' }]);
  } finally {
    await admin.query('UPDATE azukari.city_log SET final_note = $1 WHERE base = 0', [note]);
  }
});

test('a log that was closed before there was a witness policy is offered to no witness', async () => {
  const town = await Town.open();
  const asked: string[] = [];
  // Takes down what it is asked, and cosigns nothing.
  const witness = createServer((request, response) => {
    void text(request).then((body) => {
      asked.push(/^\S+\/log\/\d+$/m.exec(body)?.[0] ?? body);
      response.writeHead(404).end();
    });
  });
  let keys: Keys = {};
  try {
    keys = { [thisYear]: town.demo.log.vkey, [nextYear]: (await turn(town)).vkey };
    await new Promise<void>((resolve) => witness.listen(0, '127.0.0.1', resolve));
    const { port } = witness.address() as { port: number };
    const policyFile = join(await aTemporaryDirectory(), 'policy');
    const { vkey } = await aNewWitness('witness.example/late');
    await writeFile(policyFile, `witness w ${vkey} http://127.0.0.1:${port}\nquorum w\n`);
    await town.anotherNode({ runsSigner: true, witnesses: { policyFile, limitMinutes: 60 } });
    // The old log's turn would come first.
    for (let attempt = 0; !asked.includes(nextYear) && attempt < 400; attempt += 1) await pause(50);
    expect([...new Set(asked)]).toEqual([nextYear]);
  } finally {
    await both(
      () => closeLogsSoundly(town, keys),
      async () => witness.close(),
    );
  }
}, 60_000);

/** The witnesses of the old log's end may answer after the new one has begun. */
async function until<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt === 200) throw error;
      await pause(100);
    }
  }
}
