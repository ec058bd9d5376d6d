/** Which logs a test has had checked from beginning to end, and found sound; so that no database is dropped whose log nobody has looked at. */
import { peekCheckpoint } from '../../src/transparency-log/checkpoint.js';
import type { Report } from '../../src/transparency-log/check-log.js';
import { asAdmin } from '../../src/database/migrate.js';

const sound = new Set<string>();

/** Returns the report. */
export function checked(report: Report): Report {
  const { origin, size, root, isComplete, findings } = report;
  if (isComplete && findings.length === 0) sound.add(`${origin} ${size} ${root}`);
  return report;
}

interface Logs {
  logs: { origin: string; base: number; size: number; final_note: string | null; is_open: boolean }[] | null;
  entries: number;
  published: { size: number; note: string } | null;
}

/** Names the logs of a city that hold entries which are not signed, or were not checked. */
export function uncheckedLogs(adminUrl: string): Promise<string[]> {
  return asAdmin(adminUrl, async (client) => {
    const { rows } = await client.query<Logs>(
      `SELECT (SELECT count(*)::integer FROM azukari.log_entry) AS entries,
         (SELECT json_build_object('size', size, 'note', note) FROM azukari.published_checkpoint) AS published,
         (SELECT json_agg(json_build_object('origin', l.origin, 'base', l.base, 'final_note', l.final_note, 'is_open', l.size IS NULL,
            'size', coalesce(l.size, s.size - l.base)) ORDER BY l.base) FROM azukari.city_log l, azukari.log_state s) AS logs`,
    );
    const { entries, logs, published } = rows[0]!;
    if (entries === 0) return [];
    if (logs === null) return ['a log without a city'];
    const noteOf = (log: { is_open: boolean; final_note: string | null }) =>
      log.is_open ? published?.note : log.final_note;
    return logs.filter((log) => !isSound(log, noteOf(log))).map(({ origin }) => origin);
  });
}

function isSound({ origin, size }: { origin: string; size: number }, note: string | null | undefined): boolean {
  if (!note) return false;
  const signed = peekCheckpoint(note);
  return (
    signed.origin === origin && signed.size === size && sound.has(`${origin} ${size} ${signed.root.toString('base64')}`)
  );
}
