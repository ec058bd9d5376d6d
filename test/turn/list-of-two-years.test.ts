/** A resident's list over two years is proved at home log by log; what was not brought is said, and what was dropped at the turn is found. */
import type { CompletenessFile } from '../../src/transparency-log/completeness/completeness-file.js';
import { AtHome } from '../setup/a-completeness-check.js';
import { type DemoResident, must, Town } from '../setup/a-town.js';
import { closeLogsSoundly, nextYear, thisYear, turn } from './a-turning-town.js';

let town: Town;
let home: AtHome;
let resident: DemoResident;
let files: { old: CompletenessFile; next: CompletenessFile };
let keys: string[];
const names: string[] = [];

beforeAll(async () => {
  town = await Town.open();
  home = await AtHome.of(town);
  resident = town.resident();
  const program = await town.program();
  const { pairwiseId } = await town.give(resident, program);
  await home.indexed();
  const reader = await town.reader(program);
  must(await reader.read(pairwiseId));
  const { vkey } = await turn(town);
  must(await reader.read(pairwiseId));
  await home.indexed();
  const fileOf = async (path: string) => {
    const answer = await fetch(`${town.base}${path}`, { headers: { cookie: resident.session } });
    names.push(String(answer.headers.get('content-disposition')));
    return (await answer.json()) as CompletenessFile;
  };
  files = {
    old: await fileOf('/v1/me/completeness-file/2026'),
    next: await fileOf('/v1/me/completeness-file'),
  };
  keys = ['--vkey', vkey];
}, 60_000);
afterAll(() => closeLogsSoundly(town, { [thisYear]: town.demo.log.vkey, [nextYear]: keys[1]! }));

const check = (...given: CompletenessFile[]) => home.verifyFiles(resident, given, keys);

/** As an operator cuts it who wants only the first index to be looked at. */
function withoutEnd(file: CompletenessFile): CompletenessFile {
  const indexes = file.indexes.slice(0, 1);
  const { to } = JSON.parse(indexes[0]!.index.entry) as { to: number };
  const cut = { ...file, indexes, entries: file.entries.filter(({ index }) => index < to) };
  delete cut.end;
  return cut;
}

test('each file is downloaded under the name of its log', () => {
  expect(names).toEqual([
    'attachment; filename="azukari-completeness-2026.json"',
    'attachment; filename="azukari-completeness-2027.json"',
  ]);
});

test('both files together show every access of both years, and say ok', async () => {
  const { exitCode, printed } = await check(files.old, files.next);
  const answer = await town.http.ask(town.base, { path: '/v1/me/uses', headers: { cookie: resident.session } });
  const { uses } = must(answer).json as unknown as { uses: { entry: { t: string }; place: { log: string | null } }[] };
  const provisions = uses.filter(({ entry }) => entry.t === 'provision');
  expect(new Set(provisions.map(({ place }) => place.log))).toEqual(new Set([null, '2026']));
  expect(printed.match(/: provision, /g)).toHaveLength(provisions.length);
  expect(printed).not.toContain('FOUND');
  expect(printed).not.toContain('bring it as well');
  expect(exitCode).toBe(0);
});

test.each([
  [
    'the new year alone: the old log is named',
    () => [files.next],
    `what is logged in ${thisYear}, the log before ${nextYear}`,
  ],
  [
    'the old year alone: the new log is named',
    () => [files.old],
    `what is logged in ${nextYear}, which follows ${thisYear}`,
  ],
])('%s', async (_what, given, said) => {
  const { exitCode, printed } = await check(...given());
  expect(printed).toContain(`${said}: bring it as well`);
  expect(exitCode).toBe(0);
});

test.each<[string, () => CompletenessFile[], string]>([
  [
    'a file of the old year that leaves out its last index',
    () => [{ ...files.old, indexes: files.old.indexes.slice(0, -1) }, files.next],
    'FOUND index-missing',
  ],
  [
    'a file of the old year that hides that the log is closed, and every index but the first',
    () => [withoutEnd(files.old), files.next],
    `FOUND previous-differs at entry 0 of ${nextYear}`,
  ],
  [
    'a file of the new year without a recipient that the old one has',
    () => [
      files.old,
      {
        ...files.next,
        organisations: files.next.organisations.filter(({ entry }) => !entry.includes('hamakaze-clinic')),
      },
    ],
    `FOUND organisation-missing at entry 0 of ${nextYear}`,
  ],
  [
    'a file of the old year whose end is another entry',
    () => [{ ...files.old, end: files.old.start }, files.next],
    'FOUND malformed-completeness',
  ],
])('%s is found', async (_what, given, found) => {
  const { exitCode, printed } = await check(...given());
  expect(printed).toContain(found);
  expect(exitCode).toBe(1);
});
