/** Which of several processes, each with a policy file of its own, says whose cosignatures the city waits for: the one that leads, and none with an old file. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Town } from '../setup/a-town.js';
import { closeSoundly } from '../setup/check-log.js';
import { aTemporaryDirectory } from '../setup/leftovers.js';
import { aNewWitness } from './a-witness.js';

let town: Town;
let directory: string;
let first: string;
let second: string;
let firstAgain: string;

/** Nobody runs the witnesses: what is in force does not depend on that. */
async function aPolicy(name: string): Promise<string> {
  const { vkey } = await aNewWitness(`witness.example/${name}`);
  return writePolicy(name, `witness w ${vkey} http://127.0.0.1:9\nquorum w\n`);
}

async function writePolicy(name: string, text: string): Promise<string> {
  await writeFile(join(directory, name), text);
  return join(directory, name);
}

beforeAll(async () => {
  directory = await aTemporaryDirectory();
  first = await aPolicy('first');
  second = await aPolicy('second');
  firstAgain = await writePolicy('again', `# again since today\n${await readFile(first, 'utf8')}`);
  town = await Town.open({ runsSigner: false });
});
afterAll(() => closeSoundly(town));

async function aNodeWith(policyFile: string) {
  return (await town.anotherNode({ runsSigner: true, witnesses: { policyFile, limitMinutes: 60 } })).service;
}

async function digestOf(file: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(file))
    .digest('hex');
}

async function inForce(): Promise<string | null> {
  const { rows } = await town.admin.query<{ digest: string }>('SELECT digest FROM azukari.witness_policy');
  return rows[0]?.digest ?? null;
}

async function isInForceSoon(digest: string): Promise<boolean> {
  for (let attempt = 0; (await inForce()) !== digest && attempt < 60; attempt += 1)
    await new Promise((resolve) => setTimeout(resolve, 50));
  return (await inForce()) === digest;
}

const policiesInTheLog = async () =>
  (await town.log()).filter(({ t }) => t === 'witnesses').map(({ witnesses }) => witnesses);

test('a process that stands by brings its policy into force when it comes to lead, and one with an old file never does', async () => {
  let leader = await aNodeWith(first);
  expect(await inForce()).toBe(await digestOf(first));
  const standby = await aNodeWith(second);
  expect(await inForce()).toBe(await digestOf(first));
  let old = await aNodeWith(first);
  await leader.stop();
  // Either of the two that stand by may come to lead. While it is the old one, nothing changes.
  for (let change = 0; change < 6 && !(await isInForceSoon(await digestOf(second))); change += 1) {
    [leader, old] = [old, await aNodeWith(first)];
    await leader.stop();
  }
  expect(await inForce()).toBe(await digestOf(second));
  // The old file is still there when nobody else is left.
  await standby.stop();
  await old.stop();
  const restarted = await aNodeWith(first);
  expect(await inForce()).toBe(await digestOf(second));
  await restarted.stop();
  const said = await aNodeWith(firstAgain);
  expect(await inForce()).toBe(await digestOf(firstAgain));
  await said.stop();
  expect(await policiesInTheLog()).toEqual(await Promise.all([first, second, firstAgain].map(digestOf)));
}, 60_000);

test('a file that was read before another policy came into force brings nothing into force after it', async () => {
  const third = await aPolicy('third');
  const [{ named }] = (await town.admin.query('SELECT count(*)::integer AS named FROM azukari.witness_policy_named'))
    .rows as [{ named: number }];
  const leader = await aNodeWith(third);
  const signer = async (digest: string) =>
    (await town.admin.query('SELECT azukari.offer_witness_policy($1, 1, 60, $2) AS done', [digest, named])).rows;
  expect(await signer('e'.repeat(64))).toEqual([{ done: false }]);
  expect(await inForce()).toBe(await digestOf(third));
  await leader.stop();
});

test('nor does one that took long to read, when another policy came into force meanwhile', async () => {
  const [slow, fifth] = [join(directory, 'slow'), await aPolicy('fifth')];
  // Whoever opens a pipe waits until the other end is open too.
  await promisify(execFile)('mkfifo', [slow]);
  const starting = aNodeWith(slow);
  const pipe = await open(slow, 'w');
  const leader = await aNodeWith(fifth);
  await leader.stop();
  await pipe.writeFile(await readFile(await aPolicy('fourth')));
  await pipe.close();
  const late = await starting;
  expect(await inForce()).toBe(await digestOf(fifth));
  await late.stop();
}, 60_000);

test('going back to no witnesses is brought into force once, by who leads', async () => {
  const none = await aNodeWith(await writePolicy('none', 'quorum none\n'));
  const { rows } = await town.admin.query('SELECT threshold FROM azukari.witness_policy');
  expect(rows).toEqual([{ threshold: 0 }]);
  const old = await aNodeWith(second);
  expect((await town.admin.query('SELECT threshold FROM azukari.witness_policy')).rows).toEqual([{ threshold: 0 }]);
  await none.stop();
  await old.stop();
  // For the check of the log that follows.
  await town.anotherNode({ runsSigner: true });
});
