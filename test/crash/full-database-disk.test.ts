/**
 * Attack L 205: the disk of the database is full, to the last byte, under load, until PostgreSQL can neither write its log nor recover. The service
 * runs as a newcomer starts it: the database alone on the small disk, and everything it keeps and writes, as it is by default. Then there is room again.
 */
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { requireFreePort } from '../../src/database/free-port.js';
import { SmallDisk, whyNoSmallDisk } from '../setup/a-small-disk.js';
import { requireStatus, WalkingProgram } from '../setup/a-walking-program.js';
import type { Answer } from '../setup/http-client.js';
import { aTemporaryDirectory } from '../setup/leftovers.js';
import { ServedCity } from './a-served-city.js';
import { settle, until } from './aftermath.js';
import { examine } from './examination.js';
import { Load } from './load.js';

const whyNot = whyNoSmallDisk();
const there = whyNot === null ? test : test.skip;
const reason = whyNot === null ? '' : ` (not run: ${whyNot})`;

/** A founded city takes up 65 MB. */
const size = '144m';
const rounds = 8;
const answeredWithinMs = 5_000;
/** PostgreSQL is tried again every eight seconds at least, and then it recovers. */
const goesOnWithinMs = 40_000;

let directory: string;
let disk: SmallDisk;
let city: ServedCity;

beforeEach(async () => {
  directory = await aTemporaryDirectory();
});
afterEach(async () => {
  await city?.discard();
  await rm(directory, { recursive: true, force: true });
}, 60_000);

async function serveOn(place: string): Promise<void> {
  const own = join(directory, 'city');
  await mkdir(join(own, place), { recursive: true, mode: 0o700 });
  disk = await SmallDisk.at(join(own, place), size);
  city = new ServedCity(own, await requireFreePort('127.0.0.1', 0), {}, disk);
  await city.start();
  // What the database has written once and keeps for another time is room that no ballast takes.
  await city.asSuperuser(async (client) => {
    await client.query('ALTER SYSTEM SET wal_recycle = off');
    await client.query('SELECT pg_reload_conf()');
  });
}

/** Whoever writes now finds no room for the next part of the write-ahead log. */
async function useUpTheRest(): Promise<void> {
  const write = () =>
    city.asSuperuser((client) => client.query("SELECT pg_logical_emit_message(false, 'a', 'b'), pg_switch_wal()"));
  for (let left = 10; left > 0; left -= 1) {
    if (
      !(await write().then(
        () => true,
        () => false,
      ))
    )
      return;
  }
  throw new Error('the database goes on writing');
}

/** What everybody had to say, for an error that is to be understood afterwards. */
function told(load: Load): (error: Error) => Promise<never> {
  return async ({ message }) => {
    const log = (name: string) => readFile(join(city.directory, name), 'utf8').catch(String);
    const logs = await Promise.all(['serve.log', 'stderr.log', 'cluster/server.log'].map(log));
    const ends = logs.map((text) => text.slice(-3_000));
    throw new Error([message, ...load.unexpected, ...ends].join('\n'));
  };
}

async function timed(ask: Promise<Answer>): Promise<{ answered: string; isInTime: boolean; hasData: boolean }> {
  const startedAt = performance.now();
  const { status, code, text } = await ask;
  const isInTime = performance.now() - startedAt < answeredWithinMs;
  return { answered: `${status} ${code}`, isInTime, hasData: text.includes('"records"') };
}

describe.each([
  ['the database', 'cluster'],
  ['everything the service keeps', '.'],
])('the disk of %s is full', (_what, place) => {
  there(
    `nothing is read and no withdrawal is answered but with 503; with room again all goes on by itself, and what was answered is true${reason}`,
    async () => {
      await serveOn(place);
      const load = await Load.on(city, 'full disk');
      const { http } = load;
      const resident = city.demo.residents[0]!;
      const program = await WalkingProgram.apply(http, city.demo);
      const { id, pairwiseId } = requireStatus(await program.give(city.base, resident), 201).json as Record<
        string,
        string
      >;
      const token = await program.token(city.base);
      const read = () => program.read(city.base, token, pairwiseId!);
      const withdraw = () => program.withdraw(city.base, resident, id!);
      requireStatus(await read(), 200);
      await load.start();
      await until('data flows', () => load.deliveries.length > 0);

      await disk.fill();
      await until('the service says that it cannot', () => load.unavailable > 0);
      await useUpTheRest();
      for (let round = 0; round < rounds; round += 1) {
        expect(city.isServing).toBe(true);
        const answers = await Promise.all([read(), withdraw()].map(timed));
        const refused = { answered: '503 unavailable', isInTime: true, hasData: false };
        expect({ round, answers }).toEqual({ round, answers: [refused, refused] });
        await pause(500);
      }

      await disk.makeRoom();
      const delivered = load.deliveries.length;
      const roomAt = performance.now();
      await until('data flows again', () => load.deliveries.length > delivered, goesOnWithinMs).catch(told(load));
      process.stdout.write(`  with room again data flowed after ${(performance.now() - roomAt).toFixed(0)} ms\n`);
      requireStatus(await read(), 200);
      requireStatus(await withdraw(), 200);
      expect((await read()).code).toBe('consent-withdrawn');

      await load.stop();
      await settle(city, load);
      expect(await examine(city, load)).toEqual([]);
      expect(load.unexpected).toEqual([]);
      http.close();
      await city.stop();
    },
    180_000,
  );
});
