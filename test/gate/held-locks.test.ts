/**
 * Attack L 205: somebody holds what the log is written with, as only a superuser can. Who waits for it is told within seconds that it cannot be
 * done now: no read and no withdrawal hangs, nothing leaves, and once it is let go everything goes on.
 */
import { asAdmin } from '../../src/database/migrate.js';
import { paths } from '../../src/pages/paths.js';
import { formOf, textOf, Visitor } from '../pages/a-visitor.js';
import { type AProgram, must, Town } from '../setup/a-town.js';
import type { Answer } from '../setup/http-client.js';
import type { Reader } from '../setup/a-reader.js';
import { closeSoundly } from '../setup/check-log.js';

/** One lock is waited for for six seconds, and a withdrawal may stand behind a read that waits for three; the rest is for a busy machine. */
const withinMs = { read: 6_000, withdrawal: 12_000 };

let town: Town;
let program: AProgram;
let reader: Reader;
let consentId: string;
let pairwiseId: string;

beforeAll(async () => {
  town = await Town.open();
  program = await town.program();
});
beforeEach(async () => {
  ({ consentId, pairwiseId } = await town.give(town.resident(), program));
  reader = await town.reader(program);
  must(await reader.read(pairwiseId));
});
afterAll(() => closeSoundly(town));

async function whileHeld(lock: string, work: () => Promise<void>): Promise<void> {
  const holder = await town.admin.connect();
  await holder.query(`BEGIN; ${lock}`);
  try {
    await work();
  } finally {
    await holder.query('ROLLBACK');
    holder.release();
  }
}

async function timed<T extends object>(ask: Promise<T>): Promise<T & { ms: number }> {
  const startedAt = performance.now();
  const answer = await ask;
  return Object.assign(answer, { ms: performance.now() - startedAt });
}

function expectUnavailable(what: keyof typeof withinMs, answer: Answer & { ms: number }): void {
  expect([answer.status, answer.code]).toEqual([503, 'unavailable']);
  expect(answer.json.detail).toContain('held for seconds');
  expect(answer.json.records).toBeUndefined();
  expect(answer.ms).toBeLessThan(withinMs[what]);
}

const consentLock = () =>
  `SELECT pg_advisory_xact_lock(azukari.consent_lock_key('${town.resident().id}', '${program.id}'))`;

test.each([
  ['the row of the log', () => 'SELECT FROM azukari.log_state FOR UPDATE'],
  ['the table of its entries', () => 'LOCK TABLE azukari.log_entry IN ACCESS EXCLUSIVE MODE'],
  ['the lock of the consent', consentLock],
])(
  'while somebody holds %s, a read and a withdrawal are answered 503 within seconds and change nothing; then they work',
  async (_what, lock) => {
    const before = await town.logSize();
    await whileHeld(lock(), async () => {
      const asked = [reader.read(pairwiseId), town.withdraw(town.resident(), consentId)];
      const [read, withdrawal] = await Promise.all(asked.map((answer) => timed(answer)));
      expectUnavailable('read', read!);
      expectUnavailable('withdrawal', withdrawal!);
    });
    expect(await town.logSize()).toBe(before);
    must(await reader.read(pairwiseId));
    expect(must(await town.withdraw(town.resident(), consentId)).json).toMatchObject({ state: 'withdrawn' });
    expect(await reader.outcome(pairwiseId)).toBe('consent-withdrawn');
  },
);

test.each([
  ['recipient', () => program.recipient],
  ['program', () => program.id],
])('while somebody holds the lock of the %s nothing is read, and withdrawing waits for nobody', async (kind, id) => {
  await whileHeld(`SELECT pg_advisory_xact_lock(azukari.lock_key('${kind}', '${id()}'))`, async () => {
    const asked = [reader.read(pairwiseId), town.withdraw(town.resident(), consentId)];
    const [read, withdrawal] = await Promise.all(asked.map((answer) => timed(answer)));
    must(withdrawal!);
    expect(withdrawal!.ms).toBeLessThan(2_000);
    expectUnavailable('read', read!);
  });
  expect(await reader.outcome(pairwiseId)).toBe('consent-withdrawn');
});

test('while somebody holds the log no turn of it is waited for, which readers would wait behind', async () => {
  const { origin } = town.demo.log;
  const turn = `SELECT azukari.open_next_log('${origin}', 'another.example/log/2', 'another.example/log/2+key')`;
  await whileHeld('SELECT FROM azukari.log_state FOR UPDATE', () =>
    asAdmin(town.city.databases.signerUrl, async (signer) => {
      await expect(signer.query(turn)).rejects.toMatchObject({ code: '55P03' });
    }),
  );
  must(await reader.read(pairwiseId));
});

test('while somebody holds the table of consents nobody who needs it hangs, whichever way it is asked for', async () => {
  await whileHeld('LOCK TABLE azukari.consent IN ACCESS EXCLUSIVE MODE', async () => {
    const visitor = new Visitor(town.base, town.resident().session);
    const [page, read, ...withdrawals] = await Promise.all([
      visitor.open(paths.consents),
      timed(reader.read(pairwiseId)),
      timed(town.withdraw(town.resident(), consentId)),
      timed(town.withdrawItems(town.resident(), consentId, program.items)),
    ]);
    expect(page.status).toBe(503);
    expectUnavailable('read', read);
    for (const withdrawal of withdrawals) expectUnavailable('withdrawal', withdrawal);
  });
  must(await reader.read(pairwiseId));
});

test('while the log is held a resident sees what they have agreed to, and is told on a page that withdrawing was not possible', async () => {
  const visitor = new Visitor(town.base, town.resident().session);
  const withdrawal = formOf((await visitor.open(paths.consents)).html, paths.withdrawal(consentId));
  await whileHeld('SELECT FROM azukari.log_state FOR UPDATE', async () => {
    const shown = [paths.consents, paths.consent(consentId), paths.uses];
    const [{ status, headers, html, ms }, ...pages] = await Promise.all([
      timed(visitor.send(withdrawal)),
      ...shown.map((page) => visitor.open(page)),
    ]);
    expect(pages.map((page) => page.status)).toEqual([200, 200, 200]);
    expect([status, headers.get('retry-after')]).toEqual([503, '1']);
    expect(ms).toBeLessThan(withinMs.withdrawal);
    expect(textOf(html)).toContain('現在応答できません');
  });
  const { status } = await visitor.send(withdrawal);
  expect(status).toBe(303);
  expect(await reader.outcome(pairwiseId)).toBe('consent-withdrawn');
});
