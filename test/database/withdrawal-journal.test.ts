/** The journal of what was stopped: whatever was acknowledged is read again, also beside what a full disk or a dead node left torn. */
import { execFile } from 'node:child_process';
import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { WithdrawalJournal } from '../../src/database/withdrawal-journal.js';
import type { Uuid } from '../../src/kernel/ids.js';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'azukari-journal-'));
});
afterEach(() => rm(directory, { recursive: true }));

async function idsIn(journal: WithdrawalJournal): Promise<string[]> {
  const ids = [];
  for await (const line of journal.lines()) ids.push('consentId' in line ? line.consentId : '');
  return ids;
}

test('what is acknowledged after the disk was full is read again, every line of it', async () => {
  const program = fileURLToPath(new URL('./full-disk-journal.js', import.meta.url));
  const { stdout } = await promisify(execFile)(
    'sh',
    ['-c', 'ulimit -S -f 8 && exec "$0" --no-warnings "$1" "$2"', process.execPath, program, directory],
    { env: { ...process.env, NODE_OPTIONS: '' } },
  );
  const { acknowledged, refused } = JSON.parse(stdout) as { acknowledged: string[]; refused: number };
  expect(refused).toBe(1);
  expect(acknowledged.length).toBeGreaterThan(50);
  const journal = await WithdrawalJournal.open(directory);
  expect(await idsIn(journal)).toEqual(acknowledged);
  await journal.close();
});

test('a line that another node left torn takes no line of this one with it', async () => {
  const [journal, other] = [await WithdrawalJournal.open(directory), await WithdrawalJournal.open(directory)];
  const ids = ['a', 'b', 'c'].map((letter) => letter.repeat(36) as Uuid);
  const line = (id: Uuid) => ({ residentId: id, consentId: id, at: '2026-11-10T01:02:03.000Z' });
  await journal.append(line(ids[0]!));
  await appendFile(join(directory, 'withdrawals.ndjson'), '{"residentId":"dddd');
  await Promise.all([other.append(line(ids[1]!)), other.append(line(ids[2]!))]);
  expect(await idsIn(journal)).toEqual(ids);
  await Promise.all([journal.close(), other.close()]);
});
