/** What PostgreSQL 18 writes when it does not start, and the one code and sentence made of it. */
import { asStartError, isWorthAnotherTry } from '../../src/database/start-failure.js';

const at = '2027-04-01 00:00:00.000 UTC [7] ';

test.each([
  ['disk-full', `${at}FATAL:  could not write lock file "postmaster.pid": No space left on device`],
  ['unusable-directory', `${at}FATAL:  data directory "/x" has invalid permissions`],
  ['unusable-directory', `${at}FATAL:  data directory "/x" has wrong ownership`],
  ['unusable-directory', 'postgres: could not access directory "/x": Permission denied'],
  ['cannot-run-here', 'initdb: error: cannot be run as root'],
  ['cannot-run-here', 'initdb: error: could not look up effective user ID 12345: user does not exist'],
  ['damaged-directory', `${at}PANIC:  could not locate a valid checkpoint record at 0/1234`],
  ['damaged-directory', `${at}FATAL:  incorrect checksum in control file`],
  ['damaged-directory', `${at}FATAL:  "/x" is not a valid data directory`],
  [
    'damaged-directory',
    'postgres: could not find the database system\nExpected to find it in the directory "/x",\nbut could not open file "/x/global/pg_control": No such file or directory',
  ],
  ['did-not-start', `${at}FATAL:  could not create shared memory segment: Cannot allocate memory`],
  ['did-not-start', ''],
])('%s: %j', (code, log) => {
  const error = asStartError('/srv/azukari', log, new Error('cause'));
  expect(error.code).toBe(code);
  expect(error.sentence).toContain('the database in /srv/azukari does not start: ');
  expect(error.sentence).not.toMatch(/\n|2027-04-01/);
});

test('the last severe line is quoted, without its time and process', () => {
  const log = `${at}LOG:  starting\n${at}FATAL:  first\n${at}PANIC:  the reason\n${at}LOG:  database system is shut down\n`;
  expect(asStartError('/x', log, null).sentence).toContain('(PostgreSQL says: the reason)');
});

test.each([
  [true, `${at}LOG:  could not bind IPv4 address "127.0.0.1": Address already in use`],
  [true, `${at}FATAL:  pre-existing shared memory block (key 1, ID 2) is still in use`],
  [true, `${at}FATAL:  lock file "postmaster.pid" already exists`],
  [false, `${at}PANIC:  could not locate a valid checkpoint record`],
])('whether it passes by itself: %s for %s', (passes, log) => {
  expect(isWorthAnotherTry(log)).toBe(passes);
});
