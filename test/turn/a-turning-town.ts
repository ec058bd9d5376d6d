/** A town whose log is turned, as an operator does it while the service runs; and what is at hand of each log afterwards. */
import { openPool } from '../../src/database/pool.js';
import { nameOfLog } from '../../src/transparency-log/city-logs.js';
import { checkLog, type Report } from '../../src/transparency-log/check-log.js';
import { httpReader } from '../../src/transparency-log/http-reader.js';
import { KeyRing } from '../../src/transparency-log/keys/key-ring.js';
import { parseVerifierKey } from '../../src/transparency-log/note-key.js';
import {
  openNextLog,
  prepareNextLog,
  type Turned,
  untilSigned,
} from '../../src/transparency-log/turn/open-next-log.js';
import { runVerify } from '../../src/transparency-log/verify-command.js';
import type { Town } from '../setup/a-town.js';
import { both } from '../setup/check-log.js';
import { checked } from '../setup/checked-logs.js';

export const thisYear = 'minatono.azukari.example/log/2026';
export const nextYear = 'minatono.azukari.example/log/2027';

/** Public keys by origin. */
export type Keys = Record<string, string>;

/** Begins the log of this origin. @param whilePrepared between the key and the turn: when witnesses are told. */
export async function turn(
  town: Town,
  origin = nextYear,
  whilePrepared: (vkey: string) => Promise<void> = async () => undefined,
): Promise<Turned> {
  const pool = openPool({ url: town.city.databases.signerUrl, size: 2, applicationName: 'operator of a test' });
  try {
    const ring = new KeyRing(town.city.directories.keysDirectory);
    await whilePrepared(await prepareNextLog(pool, ring, origin));
    const turned = await openNextLog(pool, ring, origin);
    expect(await untilSigned(pool, 10_000)).toBe(true);
    return turned;
  } finally {
    await pool.end();
  }
}

/** A whole log of the town, checked as a mirror does that pins its key. */
export async function checkOf(
  town: Pick<Town, 'base' | 'demo'>,
  origin: string,
  vkey: string,
  options = {},
): Promise<Report> {
  const reader = httpReader(`${town.base}/log/${nameOfLog(origin)}`, town.demo.log.mirrorToken);
  return checked(
    await checkLog(reader, { origin, logKeys: [parseVerifierKey(vkey)] }, { now: new Date(), ...options }),
  );
}

/** Every log of the town is sound to its end, by the keys of each. */
export async function expectSoundLogs(town: Town, vkeys: Keys): Promise<void> {
  await town.untilPublished(await town.logSize());
  for (const [origin, vkey] of Object.entries(vkeys)) {
    const { findings, isComplete } = await checkOf(town, origin, vkey);
    expect({ origin, findings, isComplete }).toEqual({ origin, findings: [], isComplete: true });
  }
}

/** The same at the end of a file; whatever comes of it, the town is closed. */
export function closeLogsSoundly(town: Town, vkeys: Keys): Promise<void> {
  return both(
    () => expectSoundLogs(town, vkeys),
    () => town.close(),
  );
}

/** `azukari verify …` with a mirror's token. */
export async function verify(town: Town, ...args: string[]): Promise<{ exit: 0 | 1 | 2; text: string }> {
  let text = '';
  const environment = { AZUKARI_MIRROR_TOKEN: town.demo.log.mirrorToken };
  const exit = await runVerify(args, { stdout: (part) => (text += part) }, environment);
  return { exit, text };
}
