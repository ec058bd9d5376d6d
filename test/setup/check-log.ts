/** The one checker for the whole log, as an auditor runs it: over HTTP, with a mirror's token and the pinned key. Called at the end of every file that touches the log. */
import type { DemoFile } from '../../src/demo/demo-file.js';
import { checkLog, type CheckOptions, type Report } from '../../src/transparency-log/check-log.js';
import { httpReader } from '../../src/transparency-log/http-reader.js';
import { parseVerifierKey } from '../../src/transparency-log/note-key.js';
import type { DemoCity } from './demo-city.js';

/** Reads and checks the published log. */
export function auditLog({ baseUrl, log }: DemoFile, options: CheckOptions = {}): Promise<Report> {
  const trust = { origin: log.origin, logKeys: [parseVerifierKey(log.vkey)] };
  return checkLog(httpReader(`${baseUrl}/log`, log.mirrorToken), trust, { now: new Date(), ...options });
}

/** Waits until everything appended is published, then checks every rule; and everything appended has been covered. */
export async function expectSoundLog(
  town: { demo: DemoFile; logSize(): Promise<number> },
  options: CheckOptions = {},
): Promise<Report> {
  const size = await town.logSize();
  let report = await auditLog(town.demo, options);
  for (let attempt = 0; report.size < size && attempt < 40; attempt++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    report = await auditLog(town.demo, options);
  }
  expect({ findings: report.findings, isComplete: report.isComplete, isCovered: report.size >= size }).toEqual({
    ...{ findings: [], isComplete: true, isCovered: true },
  });
  return report;
}

/** At the end of a file: the log is sound; whatever comes of that, the town is closed. */
export async function closeSoundly(
  town: Parameters<typeof expectSoundLog>[0] & { close(): Promise<void> },
): Promise<void> {
  try {
    await expectSoundLog(town);
  } finally {
    await town.close();
  }
}

/** The same of a demo city. */
export function stopSoundly(city: DemoCity): Promise<void> {
  const logSize = async () => {
    const { rows } = await city.service.pool.query<{ size: number }>('SELECT size FROM azukari.log_state');
    return rows[0]!.size;
  };
  return closeSoundly({ demo: city.demo, logSize, close: () => city.stop() });
}
