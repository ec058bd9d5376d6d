/** What a resident is told about what is kept of theirs: every record counted, every number taken out named, and never a word of the data. */
import { must, Town, type DemoResident } from '../setup/a-town.js';
import { textOf, Visitor } from './a-visitor.js';
import { closeSoundly } from '../setup/check-log.js';

let town: Town;
beforeAll(async () => {
  town = await Town.open();
});
afterAll(() => closeSoundly(town));

const individualNumber = '123456789018';
const trip = (route: string) => ({
  ...{ operator: 'みなとバス', mode: 'bus', route: { id: 'R1', name: route }, fareYen: 210, fareType: 'adult' },
  origin: { stopId: 'S1', stopName: '汐見', at: '2019-05-01T08:00:00+09:00' },
  destination: { stopId: 'S9', stopName: '市役所前', at: '2019-05-01T08:20:00+09:00' },
});

/** Hands over one trip of 1 May 2019, long before any other. */
async function rides(resident: DemoResident, route: string): Promise<void> {
  const record = { resident, recordId: 'one trip', date: '2019-05-01', data: trip(route) };
  must(await town.deposit('minatono-bus-ic', 'mobility.trip', [record]));
}

async function recordsOf(resident: DemoResident, language = 'en') {
  const { html } = await new Visitor(town.base, resident.session).open(`/my/records?lang=${language}`);
  const rows = [...html.matchAll(/<tr role="row"><th role="rowheader".*?<\/tr>/gs)].map(([row]) => textOf(row));
  const takenOut = /<ul class="plain-list taken-out">.*?<\/ul>/s.exec(html)?.[0] ?? '';
  const trips = rows.find((row) => row.startsWith('Trips by public transport')) ?? '';
  return { html, rows, trips, takenOut: textOf(takenOut) };
}

const countOf = (row: string): number => Number(/([\d,]+) records?/.exec(row)?.[1]?.replace(',', '') ?? 0);

test('every category and source is there with as many records as are kept', async () => {
  const resident = town.resident(0);
  const { rows } = await recordsOf(resident);
  const { rows: kept } = await town.admin.query<{ count: number }>(
    `SELECT count(*) AS count FROM azukari.vault_record v JOIN azukari.resident r ON r.id = v.resident_id
     WHERE r.login = $1 AND superseded_version IS NULL GROUP BY category, source_id ORDER BY category, source_id`,
    [resident.login],
  );
  expect(rows.map(countOf)).toEqual(kept.map(({ count }) => count));
  expect(rows.length).toBeGreaterThan(3);
});

test('a new record counts at once, its replacement is no second one, and the neighbour’s page does not change', async () => {
  const [resident, neighbour] = [town.resident(1), town.resident(2)];
  const [before, others] = [await recordsOf(resident), await recordsOf(neighbour)];
  await rides(resident, '港線');
  const once = await recordsOf(resident);
  await rides(resident, '浜線');
  const twice = await recordsOf(resident);
  expect([once, twice].map(({ trips }) => countOf(trips) - countOf(before.trips))).toEqual([1, 1]);
  expect(once.trips).toContain('1 May 2019');
  expect([once, twice].map(({ trips }) => trips.includes('earlier versions since replaced: 1'))).toEqual([false, true]);
  const after = await recordsOf(neighbour);
  expect([after.rows, after.takenOut]).toEqual([others.rows, others.takenOut]);
});

test('a number that may not be held is named with its law and its source, and is itself nowhere on the page nor in what was written', async () => {
  const resident = town.resident(3);
  expect((await recordsOf(resident)).takenOut).not.toContain('Individual Number');
  await rides(resident, `マイナンバー ${individualNumber} 秘密の路線`);
  const { html, takenOut } = await recordsOf(resident);
  expect(takenOut).toMatch(/Individual Number \(My Number\) ?Removed from one place in “Trips by public transport”/);
  expect(takenOut).toContain('Act on the Use of Numbers');
  const japanese = await recordsOf(resident, 'ja');
  expect(japanese.takenOut).toContain('個人番号（マイナンバー）');
  for (const text of [html, japanese.html, town.written.join('\n')]) {
    expect(text).not.toMatch(new RegExp(`${individualNumber}|秘密の路線`));
  }
});
