/** Where the time goes: a CPU profile of the service by function, and PostgreSQL's own account by statement. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { asAdmin } from '../src/database/migrate.js';

interface CpuProfile {
  nodes: { id: number; callFrame: { functionName: string; url: string; lineNumber: number }; children?: number[] }[];
  samples: number[];
  timeDeltas: number[];
}

export interface FunctionTime {
  name: string;
  /** Microseconds of a read spent in the function itself. */
  selfMicros: number;
}

/** Forgets what PostgreSQL has counted so far. */
export async function resetStatements(adminUrl: string): Promise<void> {
  await asAdmin(adminUrl, (client) => client.query('SELECT pg_stat_statements_reset()'));
}

/** The statements that took longest, nested ones included, one line each. @param reads by which times and calls are divided. */
export async function statementTimes(adminUrl: string, reads: number): Promise<string[]> {
  return asAdmin(adminUrl, async (client) => {
    const { rows } = await client.query<{ toplevel: boolean; calls: number; ms: number; rows: number; text: string }>(
      `SELECT toplevel, calls::float8 AS calls, total_exec_time AS ms, rows::float8 AS rows,
         left(regexp_replace(query, '\\s+', ' ', 'g'), 110) AS text
       FROM pg_stat_statements WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
       ORDER BY toplevel DESC, total_exec_time DESC`,
    );
    const line = (row: (typeof rows)[number]) =>
      [
        `${((row.ms / reads) * 1000).toFixed(1).padStart(8)} µs/read`,
        `${(row.calls / reads).toFixed(3).padStart(8)} calls/read`,
        `${(row.rows / Math.max(1, row.calls)).toFixed(1).padStart(7)} rows/call`,
        ` ${row.text}`,
      ].join(' ');
    const top = rows.filter(({ toplevel }) => toplevel).slice(0, 12);
    const nested = rows.filter(({ toplevel }) => !toplevel).slice(0, 30);
    return ['asked by the service:', ...top.map(line), 'within functions:', ...nested.map(line)];
  });
}

/** The profile that Node left in `directory`, by function; between the moments given, in microseconds of the profile. */
export async function functionTimes(directory: string, reads: number): Promise<string[]> {
  const file = (await readdir(directory)).find((name) => name.endsWith('.cpuprofile'));
  if (file === undefined) return ['there is no CPU profile'];
  const profile = JSON.parse(await readFile(join(directory, file), 'utf8')) as CpuProfile;
  const self = new Map<number, number>();
  profile.samples.forEach((id, position) => self.set(id, (self.get(id) ?? 0) + profile.timeDeltas[position]!));
  const byFunction = new Map<string, number>();
  const byPlace = new Map<string, number>();
  for (const { id, callFrame } of profile.nodes) {
    const micros = self.get(id) ?? 0;
    const { functionName, url, lineNumber } = callFrame;
    const place = placeOf(url);
    const name = `${functionName || '(anonymous)'} ${place}${url === '' ? '' : `:${lineNumber + 1}`}`;
    byFunction.set(name, (byFunction.get(name) ?? 0) + micros);
    const folder = folderOf(place, functionName);
    byPlace.set(folder, (byPlace.get(folder) ?? 0) + micros);
  }
  const lines = (times: Map<string, number>, most: number) =>
    [...times]
      .sort(([, a], [, b]) => b - a)
      .slice(0, most)
      .map(([name, micros]) => `${(micros / reads).toFixed(1).padStart(8)} µs/read  ${name}`);
  return ['by part:', ...lines(byPlace, 25), 'by function:', ...lines(byFunction, 70)];
}

/** From `node_modules/` or `dist/` on. */
function placeOf(url: string): string {
  return url.replace(/^.*\/(?=node_modules\/)/, '').replace(/^.*\/dist\//, '');
}

function folderOf(place: string, functionName: string): string {
  if (place === '') return functionName.startsWith('(') ? functionName : 'native';
  const parts = place.split('/');
  if (parts[0] === 'node_modules') return parts.slice(0, parts[1]!.startsWith('@') ? 3 : 2).join('/');
  return place.startsWith('node:') ? place : parts.slice(0, 2).join('/');
}
