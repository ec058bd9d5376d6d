/**
 * `azukari staff`: the operator's units and who works in them (docs/decisions/staff-access-needs-two.md). Whoever is dismissed sees nothing more, also where
 * they are signed in.
 */
import { DatabaseError } from 'pg';
import type { OperatorAccess } from './operator-access.js';
import { runAsOperator, type Say, type Work } from './operator-command.js';
import { appointStaff, dismissStaff, registerUnit } from './staff/staff-register.js';

const usage = `Usage:
  azukari staff list                                      units, and who works in them
  azukari staff unit <op:code> <name> <English name>      register a unit; it stands in the log
  azukari staff appoint <code> <op:code> <name> <English name>
                                                          somebody who may ask to see residents' data, and decide on what others ask
  azukari staff dismiss <code>                            they see nothing from now on

  Codes have lower-case letters, digits and hyphens; they are never used again.
`;

/** @param args what follows `azukari staff`. Exit code 0: done, 1: not done and why, 2: wrong usage. */
export function runStaff(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  say?: Say,
): Promise<number> {
  const work = commandFor(args);
  return runAsOperator(work && orRefused(work), { environment, usage, say });
}

function commandFor([command, ...rest]: readonly string[]): Work | null {
  const [first = '', second = '', third = '', fourth = ''] = rest;
  if (rest.some((argument) => argument.trim() === '')) return null;
  if (command === 'list' && rest.length === 0) return list;
  if (command === 'unit' && rest.length === 3) {
    return done(`${first} is registered`, ({ pool }) =>
      registerUnit(pool, { id: first, nameJa: second, nameEn: third }),
    );
  }
  if (command === 'appoint' && rest.length === 4) {
    return done(`${first} is appointed`, ({ pool }) =>
      appointStaff(pool, { id: first, unitId: second, nameJa: third, nameEn: fourth }),
    );
  }
  if (command !== 'dismiss' || rest.length !== 1) return null;
  return done(`${first} is dismissed`, ({ pool }) => dismissStaff(pool, first));
}

function done(sentence: string, act: (access: OperatorAccess) => Promise<void>): Work {
  return async (access, say) => {
    await act(access);
    say(`${sentence}.\n`);
    return 0;
  };
}

const reasons: Readonly<Record<string, string>> = {
  '23505': 'this code is taken',
  '23503': 'there is no such unit',
  '23514': 'this is not a code, or the code of a unit does not begin with op:',
  AZ404: 'nobody of the staff has this code',
  '55P03': 'something that is under way at the moment held it for seconds; ask again',
};

function orRefused(work: Work): Work {
  return async (access, say) => {
    try {
      return await work(access, say);
    } catch (error) {
      const reason = error instanceof DatabaseError ? reasons[error.code ?? ''] : undefined;
      if (reason === undefined) throw error;
      say(`Nothing was changed: ${reason}.\n`);
      return 1;
    }
  };
}

async function list({ pool }: OperatorAccess, say: Say): Promise<number> {
  const { rows } = await pool.query<{ unit: string; name: string; staff: string[] }>(
    `SELECT u.id AS unit, u.name_ja || ' / ' || u.name_en AS name, ARRAY(
       SELECT m.id || '  ' || m.name_ja || ' / ' || m.name_en || CASE WHEN m.left_at IS NULL THEN '' ELSE '  (left)' END
       FROM azukari.staff_member m WHERE m.unit_id = u.id ORDER BY m.id COLLATE "C") AS staff
     FROM azukari.unit u ORDER BY u.id COLLATE "C"`,
  );
  if (rows.length === 0) say('There are no units, so nobody of the staff sees anything.\n');
  for (const { unit, name, staff } of rows) say([`${unit}  ${name}`, ...staff].join('\n  ') + '\n');
  return 0;
}
