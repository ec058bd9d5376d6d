/**
 * The split view: the board is shown one tree and a resident another, both signed by the log's own key. Only one of them gets a quorum of witnesses, and
 * whoever has a checkpoint of each has the proof.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { toBase64 } from '../../src/transparency-log/base64.js';
import { checkLog } from '../../src/transparency-log/check-log.js';
import { directoryReader } from '../../src/transparency-log/directory-reader.js';
import { KeyRing } from '../../src/transparency-log/keys/key-ring.js';
import { leafHash } from '../../src/transparency-log/merkle.js';
import { parseVerifierKey, type SigningKey } from '../../src/transparency-log/note-key.js';
import { parseWitnessPolicy } from '../../src/transparency-log/witness/witness-policy.js';
import { runVerify } from '../../src/transparency-log/verify-command.js';
import { must } from '../setup/a-town.js';
import { auditLog, expectSoundLog } from '../setup/check-log.js';
import { aTemporaryDirectory } from '../setup/leftovers.js';
import { publish, writeLog } from '../transparency-log/a-log.js';
import { naiveConsistencyProof } from '../transparency-log/naive-tree.js';
import { addTo, type RunningWitness } from './a-witness.js';
import { aReadable, WitnessedTown } from './a-witnessed-town.js';

let city: WitnessedTown;
let deceived: RunningWitness | undefined;
beforeAll(async () => {
  city = await WitnessedTown.open();
}, 60_000);
afterAll(async () => {
  await deceived?.kill();
  await city?.close();
});

/** As the log would ask a witness that has cosigned `oldSize` of these entries. */
function request(lines: readonly string[], oldSize: number, checkpoint: string): string {
  const leaves = lines.map((line) => leafHash(Buffer.from(line)));
  const proof = naiveConsistencyProof(oldSize, leaves).map((hash) => `${toBase64(hash)}\n`);
  return `old ${oldSize}\n${proof.join('')}\n${checkpoint}`;
}

/** The log with one use hidden: the entries after it move up, and the last stands twice, so that nothing is missing. */
async function hide(index: number) {
  const lines = (await city.town.log()).map(({ text }) => text);
  const shown = [...lines.slice(0, index), ...lines.slice(index + 1), lines.at(-1)!];
  const [key] = (await new KeyRing(city.town.city.directories.keysDirectory).all()) as [SigningKey];
  const resources = publish(shown, key);
  const directory = await aTemporaryDirectory();
  await writeLog(resources, directory);
  return { lines, shown, directory, checkpoint: resources.get('checkpoint')!.toString() };
}

async function verify(...args: string[]): Promise<{ exit: number; text: string }> {
  let text = '';
  const token = { AZUKARI_MIRROR_TOKEN: city.town.demo.log.mirrorToken };
  const exit = await runVerify(['log', ...args], { stdout: (part) => void (text += part) }, token);
  return { exit, text };
}

test('the board is shown one tree and a resident another: one gets a quorum, the other does not, and two checkpoints side by side convict the log', async () => {
  const { town, policyFile } = city;
  const vkey = ['--vkey', town.demo.log.vkey];
  const { read } = await aReadable(town, await town.program());
  await city.untilWitnessed();
  // What all three have cosigned; then one is kept from seeing how the log goes on.
  const size = await town.logSize();
  await city.kill(2);
  for (let use = 0; use < 3; use += 1) must(await read());
  await city.untilWitnessed();
  const hidden = await hide(size);
  const board = await (await fetch(`${town.base}/log/checkpoint`)).text();

  // The two that have seen the use refuse the other tree, and the one that has not can be won.
  const policy = parseWitnessPolicy(await readFile(policyFile));
  for (const { url } of policy.witnesses.slice(0, 2)) {
    expect((await addTo(url!, request(hidden.shown, hidden.shown.length, hidden.checkpoint))).status).toBe(422);
  }
  deceived = await city.startElsewhere(2);
  const cosigned = await deceived.add(request(hidden.shown, size, hidden.checkpoint));
  expect(cosigned.status).toBe(200);
  await writeFile(join(hidden.directory, 'checkpoint'), hidden.checkpoint + cosigned.body);

  // Who believes the key alone is deceived; who asks for the quorum is not.
  expect(await verify(hidden.directory, ...vkey)).toMatchObject({ exit: 0 });
  const asked = await verify(hidden.directory, '--policy', policyFile);
  expect([asked.exit, asked.text]).toEqual([1, expect.stringContaining('Too few witnesses')]);
  expect(await verify(`${town.base}/log`, '--policy', policyFile)).toMatchObject({ exit: 0 });

  // Resident and board compare what each was shown: either side has the proof.
  const trust = { origin: town.demo.log.origin, logKeys: [parseVerifierKey(town.demo.log.vkey)] };
  const earlier = (content: string) => ({ earlier: [{ label: 'the other’s', content }] });
  const findings = [
    await auditLog(town.demo, earlier(hidden.checkpoint)),
    await checkLog(directoryReader(hidden.directory), trust, earlier(board)),
  ].map((report) => report.findings.map(({ code }) => code));
  expect(findings).toEqual([['forked'], ['forked']]);

  // And the deceived witness, once it is shown the board's tree, keeps both and tells its operator.
  expect((await deceived.add(request(hidden.lines, hidden.shown.length, board))).status).toBe(422);
  for (let look = 0; deceived.complaints.length === 0 && look < 100; look += 1) await pause(20);
  expect(deceived.complaints.join('')).toContain('signed two histories');
  await expectSoundLog(town);
}, 120_000);
