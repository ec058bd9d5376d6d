/** The one checker for the whole log, as an auditor runs it: over HTTP, with a mirror's token and the pinned key. Called at the end of every file that touches the log. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Pool } from 'pg';
import type { DemoFile } from '../../src/demo/demo-file.js';
import { checkLog, type CheckOptions, type Report } from '../../src/transparency-log/check-log.js';
import { httpReader } from '../../src/transparency-log/http-reader.js';
import { parseVerifierKey } from '../../src/transparency-log/note-key.js';
import { checked } from './checked-logs.js';
import type { DemoCity } from './demo-city.js';

/** Reads and checks the published log. */
export async function auditLog({ baseUrl, log }: DemoFile, options: CheckOptions = {}): Promise<Report> {
  const trust = { origin: log.origin, logKeys: [parseVerifierKey(log.vkey)] };
  return checked(await checkLog(httpReader(`${baseUrl}/log`, log.mirrorToken), trust, { now: new Date(), ...options }));
}

/** Waits until everything appended is published, then checks every rule; and everything appended has been covered. */
export async function expectSoundLog(
  town: { demo: DemoFile; logSize(): Promise<number> },
  options: CheckOptions = {},
): Promise<Report> {
  const size = await town.logSize();
  let report = await auditLog(town.demo, options);
  for (let attempt = 0; report.size < size && attempt < 40; attempt++) {
    await pause(50);
    report = await auditLog(town.demo, options);
  }
  expect({ findings: report.findings, isComplete: report.isComplete, isCovered: report.size >= size }).toEqual({
    ...{ findings: [], isComplete: true, isCovered: true },
  });
  return report;
}

/**
 * At the end of a file: the log is sound; whatever comes of that, the town is closed. Grants that are past their minute become void before
 * the check, so that the service's own sweeper appends nothing behind it.
 */
export function closeSoundly(
  town: Parameters<typeof expectSoundLog>[0] & { close(): Promise<void>; admin?: Pick<Pool, 'query'> },
): Promise<void> {
  return both(
    async () => {
      if (town.admin) while ((await sweepGrants(town.admin)) > 0);
      await expectSoundLog(town);
    },
    () => town.close(),
  );
}

/** Does the one and then the other, whatever comes of the first; of two failures the first is told. */
export async function both(work: () => Promise<unknown>, close: () => Promise<unknown>): Promise<void> {
  const [worked, closed] = [...(await Promise.allSettled([work()])), ...(await Promise.allSettled([close()]))];
  for (const outcome of [worked, closed]) if (outcome?.status === 'rejected') throw outcome.reason;
}

/** The same of a demo city, or of a service as an operator starts it. */
export function stopSoundly(
  city: Pick<DemoCity, 'demo' | 'stop'> & { service: Pick<DemoCity['service'], 'pool'> },
): Promise<void> {
  const logSize = async () => {
    const { rows } = await city.service.pool.query<{ size: number }>(
      'SELECT size - (SELECT max(base) FROM azukari.city_log) AS size FROM azukari.log_state',
    );
    return rows[0]!.size;
  };
  return closeSoundly({ demo: city.demo, logSize, close: () => city.stop(), admin: city.service.pool });
}

/** Sweeps, also where the service's own sweeper is at it just now. Returns how many grants became void. */
export async function sweepGrants(pool: Pick<Pool, 'query'>, limit = 500): Promise<number> {
  for (;;) {
    const { rows } = await pool.query<{ voided: number | null }>('SELECT azukari.sweep_grants($1) AS voided', [limit]);
    if (rows[0]!.voided !== null) return rows[0]!.voided;
    await pause(10);
  }
}
