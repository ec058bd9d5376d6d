/** PostgreSQL's own account of where its time goes, by statement. For the service's see cpu-profile.ts. */
import { asAdmin } from '../src/database/migrate.js';

interface StatementTime {
  toplevel: boolean;
  calls: number;
  ms: number;
  rows: number;
  text: string;
}

/** Forgets what PostgreSQL has counted so far. */
export async function resetStatements(adminUrl: string): Promise<void> {
  await asAdmin(adminUrl, (client) => client.query('SELECT pg_stat_statements_reset()'));
}

/** The statements that took longest, one line each. @param reads by which times and calls are divided. */
export async function statementTimes(adminUrl: string, reads: number): Promise<string[]> {
  const { rows } = await asAdmin(adminUrl, (client) =>
    client.query<StatementTime>(
      `SELECT toplevel, calls::float8 AS calls, total_exec_time AS ms, rows::float8 AS rows,
         left(regexp_replace(query, '\\s+', ' ', 'g'), 110) AS text
       FROM pg_stat_statements WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
       ORDER BY total_exec_time DESC`,
    ),
  );
  const line = ({ ms, calls, rows: count, text }: StatementTime) =>
    [
      `${((ms / reads) * 1000).toFixed(1).padStart(8)} µs/read`,
      `${(calls / reads).toFixed(3).padStart(8)} calls/read`,
      `${(count / Math.max(1, calls)).toFixed(1).padStart(7)} rows/call`,
      ` ${text}`,
    ].join(' ');
  const asked = rows.filter(({ toplevel }) => toplevel).slice(0, 12);
  const nested = rows.filter(({ toplevel }) => !toplevel).slice(0, 30);
  return ['asked by the service:', ...asked.map(line), 'within functions:', ...nested.map(line)];
}
