/**
 * A town whose database tells the plan of every statement that the service runs, those within functions included: PostgreSQL's own auto_explain,
 * loaded into each connection of the service, which hears it as notices.
 */
import type { ClientBase, Pool } from 'pg';
import { setTimeout as pause } from 'node:timers/promises';
import { Database } from '../../src/database/database.js';
import type { Town } from '../setup/a-town.js';

export interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly Operation?: string;
  readonly 'Index Cond'?: string;
  readonly 'Recheck Cond'?: string;
  readonly Filter?: string;
  readonly Plans?: readonly PlanNode[];
}

export interface Statement {
  readonly text: string;
  readonly plan: PlanNode;
}

const settings = {
  session_preload_libraries: 'auto_explain',
  'auto_explain.log_min_duration': '0',
  'auto_explain.log_nested_statements': 'on',
  'auto_explain.log_format': 'json',
  'auto_explain.log_level': 'notice',
};

/** From here on every statement of the service is told, in the order in which it ended. */
export async function explain(town: Town): Promise<Statement[]> {
  const statements: Statement[] = [];
  const { service } = town.city;
  const entities = service.app.get(Database, { strict: false }).driver as unknown as { master: Pool };
  for (const pool of [service.pool, entities.master]) {
    pool.on('connect', (client: ClientBase) =>
      client.on('notice', ({ message = '' }) => {
        const json = /^duration: .*? plan:\n(.*)$/s.exec(message)?.[1];
        if (json === undefined) return;
        const told = JSON.parse(json) as { 'Query Text': string; Plan: PlanNode };
        const text = told['Query Text'].replace(/\s+/g, ' ').trim();
        statements.push({ text: text === '' ? withoutText(told.Plan) : text, plan: told.Plan });
      }),
    );
  }
  const { rows } = await town.admin.query<{ name: string }>('SELECT current_database() AS name');
  for (const [name, value] of Object.entries(settings)) {
    await town.admin.query(`ALTER ROLE azukari_app IN DATABASE ${rows[0]!.name} SET ${name} = '${value}'`);
  }
  // What is connected already has not loaded it; it connects anew.
  await town.admin.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'azukari_app' AND datname = current_database()`,
  );
  await pause(100);
  return statements;
}

/** A function whose body was parsed when it was made (BEGIN ATOMIC) has no text to tell. */
function withoutText(plan: PlanNode): string {
  return `of a function, over ${[...new Set(tablesOf(plan))].toSorted().join(', ')}`;
}

function* tablesOf(node: PlanNode): Generator<string> {
  if (node['Relation Name'] !== undefined) yield node['Relation Name'];
  for (const child of node.Plans ?? []) yield* tablesOf(child);
}
