/**
 * A process whose journal finds no room: started with a soft RLIMIT_FSIZE by `withdrawal-journal.test.ts`, which may be lifted again. Prints the
 * ids of the lines that were acknowledged, as JSON.
 */
import { execFileSync } from 'node:child_process';
import { WithdrawalJournal } from '../../src/database/withdrawal-journal.js';
import type { Uuid } from '../../src/kernel/ids.js';

const journal = await WithdrawalJournal.open(process.argv[2]!);
const acknowledged: string[] = [];
let refused = 0;
for (let number = 0; refused < 3; number += 1) {
  const id = `${number}`.padStart(36, '0') as Uuid;
  const line = { residentId: id, consentId: id, at: '2026-11-10T01:02:03.000Z' };
  await journal.append(line).then(
    () => acknowledged.push(id),
    () => (refused += 1),
  );
  // Once there was no room: there is some again for the next.
  if (refused > 0) execFileSync('prlimit', ['--pid', `${process.pid}`, '--fsize=unlimited:unlimited']);
  if (refused > 0 && number > 60) break;
}
await journal.close();
process.stdout.write(JSON.stringify({ acknowledged, refused }));
