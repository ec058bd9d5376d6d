/** Whether a statement, by its plan, concerns one resident: then it runs on the one machine where that resident's rows lie (docs/growth.md). */
import { distributed } from './citus-layout.js';
import type { PlanNode, Statement } from './explained-city.js';

/** `row by row`: an INSERT of many rows, each of which goes where its resident's others lie. */
export type Reach = 'one resident' | 'row by row' | 'many residents';

export interface Touch {
  readonly table: string;
  readonly reach: Reach;
  readonly isLocking: boolean;
}

/** What a statement does with tables that are distributed by resident; nothing for all others. */
export function touchesOf({ plan }: Statement): Touch[] {
  return [...touches(plan, false)];
}

export function reachOf(statement: Statement): Reach | null {
  const reaches = touchesOf(statement).map(({ reach }) => reach);
  const order: Reach[] = ['many residents', 'row by row', 'one resident'];
  return order.find((reach) => reaches.includes(reach)) ?? null;
}

function* touches(node: PlanNode, isLocked: boolean): Generator<Touch> {
  const isLocking = isLocked || node['Node Type'] === 'LockRows';
  const table = node['Relation Name'];
  if (table !== undefined && table in distributed) {
    if (node['Node Type'] !== 'ModifyTable') yield { table, reach: scanReach(node, table), isLocking };
    // The rows of an UPDATE or DELETE are those of the scan beneath it.
    else if (node.Operation === 'Insert') yield { table, reach: insertReach(node), isLocking: false };
  }
  for (const child of node.Plans ?? []) yield* touches(child, isLocking);
}

/** A parameter of the statement or a literal: not a column of another row, and no list. */
function scanReach(node: PlanNode, table: string): Reach {
  const named = new RegExp(`\\b${distributed[table]!} = (\\$\\d+|'[0-9a-f-]{36}'::uuid)\\)`);
  const conditions = [node['Index Cond'], node['Recheck Cond'], node.Filter];
  return conditions.some((condition) => condition !== undefined && named.test(condition))
    ? 'one resident'
    : 'many residents';
}

/** PostgreSQL computes VALUES of one row without a source of rows. */
function insertReach({ Plans = [] }: PlanNode): Reach {
  return Plans.length === 1 && Plans[0]!['Node Type'] === 'Result' && Plans[0]!.Plans === undefined
    ? 'one resident'
    : 'row by row';
}
