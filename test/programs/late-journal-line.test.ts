/** Two nodes write their lines of the journal in any order. What was suspended and resumed is not suspended again by a line that came late. */
import { WithdrawalJournal, type StatusLine } from '../../src/database/withdrawal-journal.js';
import { must, Town } from '../setup/a-town.js';
import { closeSoundly } from '../setup/check-log.js';

let town: Town;
let journal: WithdrawalJournal;

beforeAll(async () => {
  town = await Town.open();
  journal = await WithdrawalJournal.open(town.city.directories.journalDirectory);
});
afterAll(async () => {
  await journal.close();
  await closeSoundly(town);
});

async function statusLines(id: string): Promise<StatusLine[]> {
  const lines: StatusLine[] = [];
  for await (const line of journal.lines()) if ('status' in line && line.id === id) lines.push(line);
  return lines;
}

/** What a start of another node stops again, and how the program stands then. */
async function afterAStart(id: string) {
  const { service } = await town.anotherNode({ runsSigner: false });
  await service.stop();
  const { rows } = await town.admin.query<{ status: string }>('SELECT status FROM azukari.program WHERE id = $1', [id]);
  return { stopped: service.replayed.programs, status: rows[0]!.status };
}

test('a program that was resumed stays so, though the line of its suspension reached the journal last', async () => {
  const { id } = await town.program();
  must(await town.board(`programs/${id}/suspension`));
  must(await town.board(`programs/${id}/resumption`));
  const [approved, suspended, resumed] = await statusLines(id);
  expect([approved?.status, suspended?.status, resumed?.status]).toEqual(['active', 'suspended', 'active']);
  await journal.append(suspended!);
  expect(await afterAStart(id)).toEqual({ stopped: 0, status: 'active' });
});

test('nor is it stopped when the line of its resumption was cut short: the database knows better', async () => {
  const { id } = await town.program();
  must(await town.board(`programs/${id}/suspension`));
  const [, suspended] = await statusLines(id);
  must(await town.board(`programs/${id}/resumption`));
  // As after a start that stopped it, and then no line any more.
  await journal.append({ ...suspended!, ...({ again: true } as const) });
  expect(await afterAStart(id)).toEqual({ stopped: 0, status: 'active' });
});

test('of a change that the log has lost the line counts once, and not against what the board decides afterwards', async () => {
  const { id } = await town.program();
  const lost: StatusLine = { kind: 'program', id, status: 'suspended', index: 1_000_000, at: new Date().toISOString() };
  await journal.append(lost);
  expect(await afterAStart(id)).toEqual({ stopped: 1, status: 'suspended' });
  must(await town.board(`programs/${id}/resumption`));
  expect(await afterAStart(id)).toEqual({ stopped: 0, status: 'active' });
});
