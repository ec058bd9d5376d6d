/** The manners of the house, kept by a test: short files with plain names that open by saying what they are for. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const linesMax = 400;

const under = (folder: string) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => `${folder}/${name}`);
const sources = ['src', 'migrations', 'test', 'bench']
  .filter((folder) => existsSync(join(root, folder)))
  .flatMap(under);
const read = (file: string) => readFileSync(join(root, file), 'utf8');

test('no file has more than 400 lines', () => {
  expect(sources.filter((file) => read(file).split('\n').length - 1 > linesMax)).toEqual([]);
});

test('half of the source files have at most 100 lines', () => {
  const lengths = under('src')
    .map((file) => read(file).split('\n').length)
    .sort((a, b) => a - b);
  expect(lengths[Math.floor(lengths.length / 2)]).toBeLessThanOrEqual(100);
});

test('no file or folder has a name that says nothing', () => {
  expect(sources.filter((file) => /(^|\/)(utils?|helpers?|common|shared|misc|index)(\.|\/)/.test(file))).toEqual([]);
});

test('every source file opens by saying what it is for', () => {
  expect(under('src').filter((file) => !file.endsWith('/text.ts') && !/^(#!.*\n)?\/\*\*/.test(read(file)))).toEqual([]);
});

test('nothing is left unfinished or switched off', () => {
  const marks = new RegExp(
    ['TO' + 'DO', 'FIX' + 'ME', 'X' + 'XX', 'HA' + 'CK'].map((mark) => `\\b${mark}\\b`).join('|') +
      '|\\.(skip|only)\\(|\\bx(it|describe)\\(',
  );
  expect(sources.filter((file) => !file.endsWith('manners.test.ts') && marks.test(read(file)))).toEqual([]);
});

test('no test uses what the runner does not know: counted assertions, tests that are to fail, tests at once', () => {
  const unknown = /expect\.(assertions|hasAssertions)\(|\b(test|it)\.(failing|concurrent)\b/;
  expect(under('test').filter((file) => unknown.test(read(file)))).toEqual([]);
});

test('who starts a service as an operator does has its log checked, as the test bed sees to it for all others', () => {
  const [starts, checks] = [/src\/serve\.js'|new ServedCity\(/, /\b(stopSoundly|checkLogAt|examine)\(/];
  const files = under('test').filter((file) => file.endsWith('.test.ts') && starts.test(read(file)));
  expect(files.length).toBeGreaterThan(5);
  expect(files.filter((file) => !checks.test(read(file)))).toEqual([]);
});

test('no duration is measured by a clock that can be set back: src reads the time of day as a Date, and not for subtracting', () => {
  const timeOfDay = /\bDate\.now\b|new Date\(\)\.(getTime|valueOf)|[-+] *new Date\(\)|new Date\(\) *-/;
  expect(under('src').filter((file) => timeOfDay.test(read(file)))).toEqual([]);
});

/** Statements that set something for longer than a transaction; the settings of a function are its own, and those in UPDATE are columns. */
function sessionSettings(text: string): string[] {
  const setting =
    /(?:['"`;]|\b(?:BEGIN|THEN|ELSE|LOOP))\s*(?:(?:SET|set) (?:SESSION |ROLE |TIME ZONE |[a-z_.]+ *(?:=|TO\b|to\b))|RESET )[^;'"`]*/g;
  const statements = (text.match(setting) ?? []).map((found) => found.replace(/^\W*/, ''));
  const calls = text.split('set_config(').slice(1);
  return [
    ...statements,
    ...calls.filter((call) => !/^[^;]*, true\)/.test(call)).map((call) => `set_config(${call.split(';')[0]}`),
  ];
}

test('nothing is set for a whole session, where whoever gets the connection next would find it', () => {
  const found = [...under('src'), ...under('migrations')].flatMap((file) =>
    sessionSettings(read(file)).map((statement) => `${file}: ${statement}`),
  );
  // The only one that migrates has a connection to itself.
  expect(found).toEqual([
    'src/database/migrate.ts: SET lock_timeout = ${Math.trunc(waitMs)}',
    'src/database/migrate.ts: RESET lock_timeout',
  ]);
});

test('nothing is built on forwardRef', () => {
  expect(under('src').filter((file) => /forwardRef\(/.test(read(file)))).toEqual([]);
});

test('every direct dependency is pinned exactly and has its reason in docs/decisions', () => {
  const { dependencies, devDependencies, optionalDependencies } = JSON.parse(read('package.json')) as Record<
    string,
    Record<string, string>
  >;
  const all = { ...dependencies, ...devDependencies, ...optionalDependencies };
  const exact = /^(npm:@?[\w/-]+@)?\d+\.\d+\.\d+(-[\w.]+)?$/;
  expect(Object.entries(all).filter(([, version]) => !exact.test(version))).toEqual([]);
  const reasons = read('docs/decisions/dependencies.md');
  expect(Object.keys(all).filter((name) => !reasons.includes(`\`${name}\``))).toEqual([]);
});

test('the repository holds no secret, no path of a machine and no registry address', () => {
  const tracked = execFileSync('git', ['ls-files'], { cwd: root, encoding: 'utf8' }).split('\n').filter(Boolean);
  const forbidden = [
    /-----BEGIN [A-Z ]*PRIVATE KEY-----\n[A-Za-z0-9+/=\n]{60,}/,
    /\/(home|Users)\/[a-z]+\//,
    /registry\.npmjs\.org/,
  ];
  const texts = tracked.filter((file) => existsSync(join(root, file)) && !/\.(png|woff2?|ico)$/.test(file));
  expect(
    texts.filter((file) => !file.includes('manners.test') && forbidden.some((pattern) => pattern.test(read(file)))),
  ).toEqual([]);
});
