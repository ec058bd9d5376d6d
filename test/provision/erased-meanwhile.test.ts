/**
 * A resident is erased in the middle of somebody else's request: of a read, of a stream over many residents, of the end of a program. What concerns
 * others goes on; what concerns the erased one ends as if there had never been anybody.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Pool } from 'pg';
import { ConsentsService } from '../../src/consents/consents.service.js';
import { KEYS_POOL } from '../../src/database/connections.js';
import { asAdmin } from '../../src/database/migrate.js';
import type { RunningService } from '../../src/service.js';
import { StatutoryKeysService } from '../../src/vault/statutory-keys.service.js';
import { linesOf, type Reader, type StreamedLine } from '../setup/a-reader.js';
import { type AProgram, type DemoResident, must, steps, Town } from '../setup/a-town.js';
import { closeSoundly } from '../setup/check-log.js';

let town: Town;
/** It has just been started, and knows nobody's keys. */
let nodeB: { base: string; service: RunningService };
let program: AProgram;
let reader: Reader;
let nobody: string;

beforeAll(async () => {
  town = await Town.open();
  nodeB = await town.anotherNode();
  program = await town.program();
  reader = await town.reader(program);
  nobody = (await reader.read(Buffer.alloc(32, 7).toString('base64url'))).text;
});
afterAll(() => closeSoundly(town));

function erase({ session }: DemoResident, node = town.base) {
  const body = { confirm: 'erase-everything' };
  return town.http.ask(node, { method: 'POST', path: '/v1/me/erasure', headers: { cookie: session }, body });
}

/** With a record that is told by its count. */
async function consenting(...numbers: number[]): Promise<string[]> {
  const given = numbers.map(async (number) => {
    const { pairwiseId } = await town.give(town.resident(number), program);
    must(await town.deposit('minatono-steps', 'activity.steps', [steps(town.resident(number), number, '2026-02-03')]));
    return pairwiseId;
  });
  return Promise.all(given);
}

async function until(isSo: () => Promise<boolean> | boolean): Promise<void> {
  for (let attempt = 0; attempt < 400; attempt += 1) {
    if (await isSo()) return;
    await pause(25);
  }
  throw new Error('it did not come to that');
}

async function count(from: string): Promise<number> {
  return (await town.admin.query<{ n: number }>(`SELECT count(*)::integer AS n FROM ${from}`)).rows[0]!.n;
}

function expectGoneFrom(lines: readonly StreamedLine[], gone: string, others: readonly string[]): void {
  expect(lines.at(-1)).toMatchObject({ end: true });
  for (const name of others) expect(lines.find((line) => line.pairwiseId === name)?.records).toBeDefined();
  const [line] = lines.filter(({ pairwiseId }) => pairwiseId === gone);
  if (line !== undefined) expect(line).toEqual({ pairwiseId: gone, refused: 'no-consent' });
}

test('between the grant and the reading: the stream goes on without them, and a read is answered like that of nobody', async () => {
  const [gone, ...others] = (await consenting(0, 1, 2)) as [string, ...string[]];
  let stream: ReturnType<Reader['stream']>;
  let read: ReturnType<Reader['read']>;
  let erased: ReturnType<typeof erase>;
  await town.whileNobodyPublishes(async () => {
    const open = () => count('azukari.provision_grant');
    stream = reader.stream();
    read = reader.read(gone);
    await until(async () => (await open()) === 4);
    erased = erase(town.resident(0));
    await until(async () => (await count('azukari.erasure')) === 1);
  });
  expectGoneFrom(linesOf(must(await stream!)), gone, others);
  expect((await read!).text).toBe(nobody);
  must(await erased!);
});

/** Nobody on this node gets keys that it does not know, until `work` is done. */
async function whileKeysAreAwaited(work: (areAwaited: () => Promise<void>) => Promise<void>): Promise<void> {
  const { app } = nodeB.service;
  const pool = app.get<Pool>(KEYS_POOL, { strict: false });
  await asAdmin(town.city.databases.keysAdminUrl, async (client) => {
    await client.query('BEGIN; LOCK TABLE azukari_keys.statutory_key IN EXCLUSIVE MODE');
    const busy = Array.from({ length: 4 }, () => app.get(StatutoryKeysService, { strict: false }).destroyDue());
    await work(() => until(() => pool.waitingCount > 0));
    await client.query('ROLLBACK');
    await Promise.all(busy);
  });
}

test('between being looked up and their keys: the same, on a node that did not know the keys', async () => {
  const [gone, ...others] = (await consenting(3, 1, 2)) as [string, ...string[]];
  let stream: ReturnType<Reader['stream']>;
  let read: ReturnType<Reader['read']>;
  await whileKeysAreAwaited(async (areAwaited) => {
    stream = reader.stream({}, nodeB.base);
    read = reader.read(gone, {}, nodeB.base);
    await areAwaited();
    await pause(100);
    must(await erase(town.resident(3)));
  });
  expectGoneFrom(linesOf(must(await stream!)), gone, others);
  expect((await read!).text).toBe(nobody);
});

test('while consents whose time is over are marked: those of the others are', async () => {
  await consenting(4, 5);
  await town.admin.query(
    `UPDATE azukari.consent SET given_at = given_at - interval '1 year', ends_at = clock_timestamp() - n * interval '1 minute'
     FROM unnest($2::uuid[]) WITH ORDINALITY AS r (id, n) WHERE resident_id = r.id AND program_id = $1`,
    [program.id, [town.resident(5).id, town.resident(4).id]],
  );
  let marked: Promise<number>;
  await whileKeysAreAwaited(async (areAwaited) => {
    marked = nodeB.service.app.get(ConsentsService, { strict: false }).expireDue(500, new Date());
    await areAwaited();
    must(await erase(town.resident(4)));
  });
  expect(await marked!).toBe(2);
  const of = `resident_id = '${town.resident(5).id}' AND program_id = '${program.id}'`;
  expect(await count(`azukari.consent WHERE ${of} AND state = 'expired'`)).toBe(1);
});

test('while they take items out of a consent themselves, on both nodes: nobody hears of an error of ours', async () => {
  const outcomes = new Set<number>();
  for (const number of [1, 2, 7]) {
    const resident = town.resident(number);
    const { consentId } = await town.give(resident, program);
    let isOver = false;
    const narrowing = [town.base, nodeB.base].flatMap((node) =>
      [1, 2, 3, 4, 5].map(async () => {
        while (!isOver) {
          const items = program.items.slice(0, 1);
          outcomes.add((await town.withdrawItems(resident, consentId, items, node)).status);
        }
      }),
    );
    await pause(100);
    must(await erase(resident));
    isOver = true;
    await Promise.all(narrowing);
  }
  expect([...outcomes].filter((status) => ![200, 401, 404, 409, 429, 503].includes(status))).toEqual([]);
});

test('while the end of the program they consented to is prepared: it ends, and so do the consents of the others', async () => {
  await consenting(5, 6);
  let ended: ReturnType<Town['board']>;
  await whileKeysAreAwaited(async (areAwaited) => {
    ended = town.board(`programs/${program.id}/retirement`, {}, nodeB.base);
    await areAwaited();
    must(await erase(town.resident(6)));
  });
  expect((await ended!).status).toBe(200);
  expect(await count(`azukari.consent WHERE program_id = '${program.id}' AND state IN ('active', 'paused')`)).toBe(0);
});
