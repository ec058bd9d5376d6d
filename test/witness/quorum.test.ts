/**
 * With a witness policy in force, sensitive categories leave only when a quorum has cosigned the log over their entry. Without one they answer 503,
 * everything else goes on, until the stated limit.
 */
import { readFile } from 'node:fs/promises';
import { parseWitnessPolicy } from '../../src/transparency-log/witness/witness-policy.js';
import { trustByPolicy } from '../../src/transparency-log/witness/policy-trust.js';
import { verifyReceipt } from '../../src/transparency-log/receipt.js';
import { openCheckpoint } from '../../src/transparency-log/checkpoint.js';
import { runVerify } from '../../src/transparency-log/verify-command.js';
import { AtHome } from '../setup/a-completeness-check.js';
import { receiptOf, recordsOf } from '../setup/a-reader.js';
import { must } from '../setup/a-town.js';
import { expectSoundLog } from '../setup/check-log.js';
import { aReadable, WitnessedTown } from './a-witnessed-town.js';

const checkup = {
  items: [{ purpose: 'care.prevention', category: 'health.checkup', fields: ['results'] }],
};
let city: WitnessedTown;
let sensitive: Awaited<ReturnType<typeof aReadable>>;
let other: Awaited<ReturnType<typeof aReadable>>;

beforeAll(async () => {
  city = await WitnessedTown.open();
  const { town } = city;
  sensitive = await aReadable(town, await town.program('hamakaze-clinic', checkup));
  other = await aReadable(town, await town.program());
});
afterAll(() => city?.close());

const outcome = async (read: () => Promise<{ status: number; code?: string | undefined }>) => {
  const { status, code } = await read();
  return code ?? status;
};

async function trustOfVerifier() {
  return trustByPolicy(parseWitnessPolicy(await readFile(city.policyFile)), {});
}

test('the policy stands in the log', async () => {
  const { digest } = parseWitnessPolicy(await readFile(city.policyFile));
  const entries = (await city.town.log()).filter(({ t }) => t === 'witnesses');
  expect(entries).toMatchObject([{ witnesses: digest, quorum: 2, limit: 60 }]);
});

test('sensitive data comes with a receipt that a quorum has cosigned', async () => {
  const answer = must(await sensitive.read());
  expect(recordsOf(answer).length).toBeGreaterThan(0);
  const verified = verifyReceipt(receiptOf(answer), await trustOfVerifier(), { pairwiseId: sensitive.pairwiseId });
  expect(verified).toMatchObject({ ok: true });
  expect(verified.ok && verified.checkpoint.cosignatures.length).toBeGreaterThanOrEqual(2);
});

test('the checkpoint that is served carries the quorum, the log’s signature first; who pins the policy verifies the log', async () => {
  await city.untilWitnessed();
  const note = await (await fetch(`${city.town.base}/log/checkpoint`)).text();
  const { size, cosignatures } = openCheckpoint(note, await trustOfVerifier());
  expect([size, cosignatures.length >= 2]).toEqual([await city.town.logSize(), true]);
  expect(/^— (\S+)/mu.exec(note)![1]).toBe(city.town.demo.log.origin);
  const token = { AZUKARI_MIRROR_TOKEN: city.town.demo.log.mirrorToken };
  let text = '';
  const output = { stdout: (part: string) => void (text += part) };
  const exit = await runVerify(['log', `${city.town.base}/log`, '--policy', city.policyFile], output, token);
  expect([exit, text]).toEqual([0, expect.stringContaining('witness  witness.example/')]);
});

test('who pins the policy can verify a resident’s completeness file, too', async () => {
  const home = await AtHome.of(city.town);
  await home.indexed();
  await city.untilWitnessed();
  const file = await home.write('file.json', JSON.stringify(await home.completenessFile(sensitive.resident)));
  const { exitCode, printed } = await home.verify(
    ...['subject', file, ...(await home.key(sensitive.resident)), '--policy', city.policyFile],
  );
  expect([exitCode, printed]).toEqual([0, expect.not.stringContaining('that others are shown the same log')]);
}, 60_000);

test('one witness dead and one standing still: with a quorum left all goes on; with less, sensitive data answers 503 and the rest goes on', async () => {
  await city.kill(0);
  expect(await outcome(sensitive.read)).toBe(200);
  city.signal(1, 'SIGSTOP');
  expect(await Promise.all([outcome(sensitive.read), outcome(other.read)])).toEqual(['log-unwitnessed', 200]);
  const refusedAnswer = await sensitive.read();
  expect(refusedAnswer.status).toBe(503);
  expect(refusedAnswer.text).not.toContain(sensitive.pairwiseId);
  // A list tells no record, and a withdrawal waits for nobody.
  expect((await other.reader.list()).status).toBe(200);
  must(await city.town.withdraw(other.resident, other.consentId));
  expect(await outcome(other.read)).toBe('consent-withdrawn');
  other = await aReadable(city.town, other.program);
}, 60_000);

test('when the witness moves again, the quorum is back, and so is the data; one that was away catches up', async () => {
  city.signal(1, 'SIGCONT');
  await city.untilWitnessed();
  expect(await outcome(sensitive.read)).toBe(200);
  await city.start(0);
  await city.kill(2);
  await city.untilWitnessed();
  expect(await outcome(sensitive.read)).toBe(200);
  await city.start(2);
}, 60_000);

test('once no quorum has cosigned for longer than the limit, nothing is provided any more, and withdrawals work', async () => {
  await city.kill(0, 1, 2);
  const ago = "cosigned_at = cosigned_at - interval '61 minutes'";
  await city.town.admin.query(`UPDATE azukari.witnessed_checkpoint SET ${ago}`);
  expect(await outcome(other.read)).toBe('log-unwitnessed');
  expect(await outcome(() => other.reader.list())).toBe('log-unwitnessed');
  must(await city.town.withdraw(other.resident, other.consentId));
  // The newest checkpoint is shown as it is: a verifier that pins the policy is told the truth.
  const note = await (await fetch(`${city.town.base}/log/checkpoint`)).text();
  const trust = await trustOfVerifier();
  expect(() => openCheckpoint(note, trust)).toThrow(/Too few witnesses/);
  expect(note.split('\n').filter((line) => line.startsWith('— ')).length).toBe(1);
  await city.start(0, 1, 2);
  await city.untilWitnessed();
  other = await aReadable(city.town, other.program);
  expect(await outcome(other.read)).toBe(200);
  await city.untilWitnessed();
  await expectSoundLog(city.town);
}, 60_000);
