/** Promise 5: The log cannot be rewritten, forked or rolled back unnoticed; the board needs only a public key to check. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { asAdmin } from '../../src/database/migrate.js';
import { SecurityLog } from '../../src/http/security-log.js';
import { signCheckpoint } from '../../src/transparency-log/checkpoint.js';
import { KeyRing } from '../../src/transparency-log/keys/key-ring.js';
import { endsOfEntries } from '../../src/transparency-log/entry-bundle.js';
import { leafHash } from '../../src/transparency-log/merkle.js';
import { RightEdge } from '../../src/transparency-log/right-edge.js';
import { runVerify } from '../../src/transparency-log/verify-command.js';
import { type AProgram, must, Town } from '../setup/a-town.js';
import { auditLog, expectSoundLog } from '../setup/check-log.js';
import { inFrontOf } from '../setup/an-operators-server.js';
import { copiesOf, type Directories, openCity } from '../setup/demo-city.js';
import { anotherLike, type FreshCity } from '../setup/fresh-database.js';
import { aTemporaryDirectory } from '../setup/leftovers.js';

/** A log that the board has looked at twice, keeping what was signed; in between stand `from` to `to` − 1. */
interface Watched {
  /** Nobody serves it: each test has a copy of its own. */
  town: Town;
  program: AProgram;
  consentId: string;
  pairwiseId: string;
  from: number;
  to: number;
  kept: { label: string; content: string }[];
}

let watched: Watched;
let databases: FreshCity;
let directories: Directories;
const open: Town[] = [];

beforeAll(async () => {
  const town = await Town.open();
  const program = await town.program();
  const consent = await town.give(town.resident(), program);
  const reader = await town.reader(program);
  const keep = async (label: string) => {
    const { size } = await expectSoundLog(town);
    return { size, label, content: await (await fetch(`${town.base}/log/checkpoint`)).text() };
  };
  const first = await keep('Monday');
  for (let count = 0; count < 4; count++) must(await reader.read(consent.pairwiseId));
  const second = await keep('Tuesday');
  watched = { town, program, ...consent, from: first.size, to: second.size, kept: [first, second] };
  await town.leave();
});
afterAll(() => watched?.town.city.databases.drop());

beforeEach(async () => {
  databases = await anotherLike(watched.town.city.databases);
  directories = await copiesOf(watched.town.city.directories);
});
afterEach(async () => {
  for (const town of open.splice(0)) await town.close();
  await databases.drop();
});

/** A service on this test's copy, and its signer: neither remembers anything but what is written down. */
async function start(): Promise<Town> {
  const { publicUrl } = watched.town.city.service;
  const http = { securityLog: new SecurityLog(() => undefined), incidentSink: () => undefined };
  const town = Town.of(await openCity(databases, directories, { publicUrl, http }));
  open.push(town);
  return town;
}

/** What a superuser can do: the constraint that guards the hash goes first. */
async function asOperator(statements: string): Promise<void> {
  databases.leaveUnchecked('an operator changes it');
  await asAdmin(databases.adminUrl, (client) =>
    client.query(`ALTER TABLE azukari.log_entry DROP CONSTRAINT leaf_hash_is_of_the_entry;
      SET session_replication_role = replica; ${statements}`),
  );
}

const rehashed = `leaf_hash = sha256('\\x00'::bytea || convert_to(entry, 'UTF8'))`;

/** What a signer says that starts now, and an auditor who remembers nothing of this log but what the board kept. */
async function whatIsFound() {
  const town = await start();
  const report = await auditLog(town.demo, { earlier: watched.kept }).catch((error: Error) => error);
  const findings =
    report instanceof Error ? [report.message] : report.findings.map(({ code, place }) => `${code}: ${place}`);
  return { town, frozen: await freezeReason(), findings };
}

function freezeReason(): Promise<string | null> {
  return asAdmin(databases.adminUrl, async (client) => {
    const { rows } = await client.query<{ freeze_reason: string | null }>(
      'SELECT freeze_reason FROM azukari.signer_state',
    );
    return rows[0]!.freeze_reason;
  });
}

const table: [
  string,
  (from: number, to: number) => string,
  { frozen: RegExp; found: (from: number, to: number) => string | RegExp },
][] = [
  [
    'edits an entry and hashes it anew',
    (
      from,
    ) => `UPDATE azukari.log_entry SET entry = replace(entry, 'care.prevention', 'care.treatment') WHERE idx = ${from + 1};
      UPDATE azukari.log_entry SET ${rehashed}`,
    {
      frozen: /^the entries below \d+ are not those that were signed$/,
      found: (from, to) => `root-differs: entries ${from} to ${to - 1}`,
    },
  ],
  [
    'edits an entry and leaves its hash',
    (from) =>
      `UPDATE azukari.log_entry SET entry = replace(entry, 'care.prevention', 'care.treatment') WHERE idx = ${from + 1}`,
    {
      frozen: /^entry \d+ does not have the hash that is stored for it$/,
      found: (from) => `entry-differs-from-tile: entry ${from + 1}`,
    },
  ],
  [
    'swaps two entries',
    (
      from,
    ) => `UPDATE azukari.log_entry SET idx = -1 WHERE idx = ${from}; UPDATE azukari.log_entry SET idx = ${from} WHERE idx = ${from + 1};
      UPDATE azukari.log_entry SET idx = ${from + 1} WHERE idx = -1`,
    {
      frozen: /^the entries below \d+ are not those that were signed$/,
      found: (from, to) => `root-differs: entries ${from} to ${to - 1}`,
    },
  ],
  [
    'puts an entry in between, with its hash',
    (
      from,
    ) => `UPDATE azukari.log_entry SET idx = -idx WHERE idx >= ${from}; UPDATE azukari.log_entry SET idx = 1 - idx WHERE idx < 0;
      INSERT INTO azukari.log_entry SELECT ${from}, entry, leaf_hash FROM azukari.log_entry WHERE idx = ${from + 1};
      UPDATE azukari.log_state SET size = size + 1`,
    {
      frozen: /^the entries below \d+ are not those that were signed$/,
      found: (from, to) => `root-differs: entries ${from} to ${to - 1}`,
    },
  ],
  [
    'gives an entry another time and hashes it anew',
    (
      from,
    ) => `UPDATE azukari.log_entry SET entry = regexp_replace(entry, '"at":"[^"]*"', '"at":"2026-01-01T00:00Z"') WHERE idx = ${from + 2};
      UPDATE azukari.log_entry SET ${rehashed}`,
    {
      frozen: /^the entries below \d+ are not those that were signed$/,
      found: (from, to) => `root-differs: entries ${from} to ${to - 1}`,
    },
  ],
  [
    'takes an entry out and closes the gap',
    (
      from,
    ) => `DELETE FROM azukari.log_entry WHERE idx = ${from}; UPDATE azukari.log_entry SET idx = idx - 1 WHERE idx > ${from};
      UPDATE azukari.log_state SET size = size - 1`,
    {
      frozen: /^the log (shrank from \d+ to \d+ entries|has \d+ entries, a signed checkpoint covers \d+)$/,
      found: (_from, to) => `entries-missing: entries 0 to ${to - 1}`,
    },
  ],
  [
    'leaves a hole',
    (from) => `DELETE FROM azukari.log_entry WHERE idx = ${from}`,
    {
      frozen: /^entry \d+ is missing$/,
      found: (_from, to) => `entries-missing: entries 0 to ${to - 1}`,
    },
  ],
];

test.each(table)(
  'an operator who %s is found out by the next signer and by anyone with the key',
  async (_act, act, { frozen, found }) => {
    const { from, to } = watched;
    await asOperator(act(from, to));
    const outcome = await whatIsFound();
    expect(outcome.frozen).toMatch(frozen);
    const expected = found(from, to);
    if (typeof expected === 'string') expect(outcome.findings).toContain(expected);
    else expect(outcome.findings.join()).toMatch(expected);
  },
);

test.each(table)(
  'an operator who %s while the service runs is found out within seconds; then nothing is handed over, and withdrawals work',
  async (_act, act) => {
    const { from, to, program, consentId, pairwiseId } = watched;
    const town = await start();
    const reader = await town.reader(program);
    must(await reader.read(pairwiseId));
    await asOperator(act(from, to));
    let reason = await freezeReason();
    for (let attempt = 0; reason === null && attempt < 200; attempt++, reason = await freezeReason()) await pause(50);
    expect(reason).toMatch(
      /^(the entries below \d+ are not those that were signed|entry \d+ (is missing|does not have the hash that is stored for it)|the log shrank from \d+ to \d+ entries)$/,
    );
    expect((await reader.read(pairwiseId)).code).toBe('log-unavailable');
    // Everybody is told, not only who reads the service's own log.
    expect(await (await fetch(town.base)).text()).toContain('署名と提供を停止中');
    expect(must(await town.withdraw(town.resident(), consentId)).json).toMatchObject({ state: 'withdrawn' });
    // Where the log is shorter than what was granted from it, a refusal has no place in it either.
    expect(['consent-withdrawn', 'log-unavailable']).toContain(await reader.outcome(pairwiseId));
  },
);

const withoutTuesday = (
  from: number,
) => `DELETE FROM azukari.log_entry WHERE idx >= ${from}; DELETE FROM azukari.entry_detail WHERE idx >= ${from};
  DELETE FROM azukari.provision_grant WHERE entry_idx >= ${from}; DELETE FROM azukari.provision_void WHERE void_idx >= ${from}; DELETE FROM statutory.provision_record WHERE entry_idx >= ${from};
  UPDATE azukari.log_state SET size = ${from}`;

test('a database rolled back to yesterday, signatures and all, is found out by the anchor; then nothing is provided, and withdrawals work', async () => {
  const { from, to, kept, program, consentId, pairwiseId } = watched;
  // The receipts of Tuesday were handed out; on Wednesday the database is started as it was on Monday.
  await asOperator(`${withoutTuesday(from)};
    UPDATE azukari.published_checkpoint SET size = ${from}, note = '${kept[0]!.content}', root = decode('${kept[0]!.content.split('\n')[2]}', 'base64')`);
  const { town, frozen, findings } = await whatIsFound();
  expect(frozen).toMatch(/^the log has \d+ entries, a signed checkpoint covers \d+$/);
  expect(findings).toContain(`rolled-back: entries ${from} to ${to - 1}`);

  const reader = await town.reader(program);
  const answer = await reader.read(pairwiseId);
  expect([answer.status, answer.code]).toEqual([503, 'log-unavailable']);
  expect((await reader.list()).code).toBe('log-unavailable');
  expect(must(await town.withdraw(town.resident(), consentId)).json).toMatchObject({ state: 'withdrawn' });
  expect(await reader.outcome(pairwiseId)).toBe('consent-withdrawn');
});

test('a running signer that finds the log shorter than it knew signs nothing any more', async () => {
  const { program, pairwiseId, from } = watched;
  const town = await start();
  const reader = await town.reader(program);
  await asOperator(withoutTuesday(from));
  let reason = await freezeReason();
  for (let attempt = 0; reason === null && attempt < 100; attempt++, reason = await freezeReason()) await pause(20);
  expect(reason).toMatch(/^the log shrank from \d+ to \d+ entries$/);
  // Even what an older checkpoint covers is not handed over any more.
  expect((await reader.read(pairwiseId)).code).toBe('log-unavailable');
  expect((await town.log(from)).map(({ t }) => t)).toEqual(['provision']);
});

test('an operator who rewrites the past and signs it with the log’s own key is convicted by any checkpoint kept before', async () => {
  const { from, to, kept } = watched;
  const town = await start();
  await asOperator(`UPDATE azukari.log_entry SET entry = replace(entry, 'care.prevention', 'care.treatment') WHERE idx = ${from + 1};
    UPDATE azukari.log_entry SET ${rehashed}`);
  const edge = RightEdge.empty();
  for (const { text } of await town.log()) edge.append(leafHash(Buffer.from(text)));
  const { origin } = town.demo.log;
  const keys = await new KeyRing(directories.keysDirectory).all();
  const note = signCheckpoint({ origin, size: edge.size, root: edge.root() }, ...keys);
  await town.admin.query('UPDATE azukari.published_checkpoint SET root = $1, note = $2', [edge.root(), note]);

  const { findings } = await auditLog(town.demo, { earlier: kept });
  expect(findings.map(({ code, place }) => `${code}: ${place}`)).toContain(`forked: entries ${from} to ${to - 1}`);
});

/** As the board does at its own machine: with the public key, and its token for the entries. */
async function verify(town: Town, base: string, ...kept: string[]) {
  const printed: string[] = [];
  const args = ['log', `${base}/log`, '--vkey', town.demo.log.vkey, ...kept];
  const exitCode = await runVerify(
    args,
    { stdout: (text) => void printed.push(text) },
    { AZUKARI_MIRROR_TOKEN: town.demo.log.mirrorToken },
  );
  return { exitCode, printed: printed.join('') };
}

test('the board needs the public key and nothing else: azukari verify says so with its exit code, and names the place', async () => {
  const { from, to, kept } = watched;
  const town = await start();
  const directory = await aTemporaryDirectory();
  const files = kept.map(({ label }) => join(directory, label));
  await Promise.all(files.map((file, position) => writeFile(file, kept[position]!.content)));
  const earlier = files.flatMap((file) => ['--earlier', file]);
  expect(await verify(town, town.base, ...earlier)).toMatchObject({ exitCode: 0 });

  await asOperator(`UPDATE azukari.log_entry SET entry = replace(entry, 'care.prevention', 'care.treatment') WHERE idx = ${from + 1};
    UPDATE azukari.log_entry SET ${rehashed}`);

  const { exitCode, printed } = await verify(town, (await town.anotherNode()).base, ...earlier);
  expect(exitCode).toBe(1);
  expect(printed).toContain(`entries ${from} to ${to - 1}`);
});

/** What a server of the operator's, in front of the service, does not hand on. */
const dropped: [
  string,
  (path: string, content: Buffer, at: number) => Buffer | null,
  (at: number, size: number) => string,
][] = [
  [
    'drops a bundle of entries',
    (path, content) => (path.includes('/tile/entries/') ? null : content),
    (_at, size) => `FOUND entries-missing at entries 0 to ${size - 1}: `,
  ],
  [
    'drops one entry out of its bundle',
    (path, content, at) => {
      if (!path.includes('/tile/entries/')) return content;
      const [start, end] = [at - 1, at].map((index) => endsOfEntries(content, index + 1).at(-1)!);
      return Buffer.concat([content.subarray(0, start), content.subarray(end)]);
    },
    (at) => `FOUND entries-missing at entry ${at}: `,
  ],
  [
    'drops the hash tile over the entries',
    (path, content) => (path.includes('/tile/0/') ? null : content),
    (_at, size) => `FOUND tile-missing at tile/0/000.p/${size}: `,
  ],
];

test.each(dropped)(
  'an operator who signs the log as it is and %s where it is served is found out by anyone with the key',
  async (_act, drop, found) => {
    const { from } = watched;
    const town = await start();
    const { size } = await expectSoundLog(town);
    const operator = await inFrontOf(town.base, (path, content) => drop(path, content, from + 1));
    try {
      const verified = await verify(town, operator.base);
      expect(verified.printed).toContain(found(from + 1, size));
      expect(verified.exitCode).toBe(1);
      // The service itself shows the same checkpoint, and everything under it.
      expect(await verify(town, town.base)).toMatchObject({ exitCode: 0 });
    } finally {
      await operator.stop();
    }
  },
);
