/** The module that recipients take into their own programs: what it accepts, what it refuses, and that it comes alone. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { encodePairwiseId } from '../../src/kernel/pairwise-id.js';
import { generateNoteKey } from '../../src/transparency-log/note-key.js';
import type { ProvisionReceipt } from '../../src/transparency-log/receipt.js';
import { receiptVerifier } from '../../src/transparency-log/verifier.js';
import { anHonestLog, clinic, origin, pairwiseIdOfResident, receiptOf, vkey } from './a-log.js';

const run = promisify(execFile);
const lines = anHonestLog(300);
const asked = { pairwiseId: encodePairwiseId(pairwiseIdOfResident(7)), program: clinic.program };
const settings = { vkeys: [vkey], recipient: clinic.recipient };
const verify = receiptVerifier(settings);
const codeOf = (verdict: ReturnType<typeof verify>) => (verdict.ok ? 'ok' : verdict.finding.code);

let receipt: ProvisionReceipt;
beforeAll(async () => {
  receipt = await receiptOf(lines, 12, 7);
});

test('a receipt for what was asked is proved, with its place in the log', () => {
  expect(verify(receipt, asked)).toMatchObject({
    ok: true,
    index: 12,
    pairwiseId: asked.pairwiseId,
    checkpoint: { origin },
  });
  expect(codeOf(verify(JSON.stringify(receipt), asked))).toBe('ok');
  expect(codeOf(verify(receipt, { ...asked, categories: ['health.checkup', 'activity.steps'] }))).toBe('ok');
});

test('a receipt about another person, recipient, program or category is none', async () => {
  const another = encodePairwiseId(pairwiseIdOfResident(8));
  expect(codeOf(verify(receipt, { ...asked, pairwiseId: another }))).toBe('wrong-pairwise-id');
  expect(codeOf(verify(await receiptOf(lines, 13, 8), asked))).toBe('wrong-pairwise-id');
  expect(codeOf(verify(receipt, { ...asked, program: 'another' }))).toBe('not-a-provision');
  expect(codeOf(verify(receipt, { ...asked, categories: ['health.checkup'] }))).toBe('not-a-provision');
  expect(codeOf(receiptVerifier({ ...settings, recipient: 'isobe-mart' })(receipt, asked))).toBe('not-a-provision');
  expect(codeOf(receiptVerifier({ ...settings, origin: 'other.example/log' })(receipt, asked))).toBe('wrong-origin');
  const stranger = generateNoteKey(origin);
  expect(codeOf(receiptVerifier({ ...settings, vkeys: [stranger.vkey] })(receipt, asked))).toBe('untrusted');
  const witness = generateNoteKey('w.example', 'cosignature');
  const witnessed = receiptVerifier({ ...settings, witnessVkeys: [witness.vkey] });
  expect(codeOf(witnessed(receipt, asked))).toBe('too-few-witnesses');
  expect(codeOf(verify(undefined, asked))).toBe('malformed-receipt');
});

test('without a key to pin there is no verifier', () => {
  expect(() => receiptVerifier({ ...settings, vkeys: [] })).toThrow('The key is not written');
  expect(() => receiptVerifier({ ...settings, vkeys: [vkey, vkey] })).toThrow('given twice');
});

test('it is imported by its published name', async () => {
  const script = "import { receiptVerifier } from 'azukari/verifier'; console.log(typeof receiptVerifier)";
  const cwd = fileURLToPath(new URL('../../../', import.meta.url));
  const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script], { cwd });
  expect(stdout).toBe('function\n');
});
