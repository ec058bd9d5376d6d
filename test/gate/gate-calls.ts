/** The gate's functions called as the API's role calls them, one element of each array at a time, so that a test can lie in any of them. */
import { randomBytes } from 'node:crypto';
import type { Pool, PoolClient } from 'pg';
import { openPool } from '../../src/database/pool.js';
import { decodePairwiseId } from '../../src/kernel/pairwise-id.js';
import type { AProgram, Town } from '../setup/a-town.js';
import { sweepGrants } from '../setup/check-log.js';

export interface GateItem {
  /** Whom the caller takes the pairwise id to belong to; undefined: whoever it belongs to when it is asked, as the service does. */
  resident?: string | null;
  recipient: string | null;
  pairwise: Buffer | null;
  program: string | null;
  purpose: string | null;
  categories: string | null;
  versions: string | null;
  refusal: string | null;
  from: string | null;
  to: string | null;
  commitment: Buffer | null;
  detail: Buffer | null;
  period: string | null;
  statutory: Buffer | null;
}

export interface Appended {
  idx: number;
  reason: string | null;
  entry: string;
}

/** One for each grant, then, as outcome `record`, one for each of its records. */
export interface RedeemedRow {
  entry_idx: number;
  outcome: string;
  record_id: string | null;
  category: string | null;
  version: number | null;
  on_date: string | null;
  sealed: Buffer | null;
}

export class Gate {
  private constructor(
    /** Connections of azukari_app. */
    readonly pool: Pool,
    private readonly policy: string,
  ) {}

  static open(town: Town): Gate {
    const pool = openPool({ url: town.city.databases.appUrl, size: 45, applicationName: 'gate test' });
    return new Gate(pool, town.city.service.city.policy);
  }

  /** @param connection one on which a transaction is open, for a test that wants it to last. */
  async append(
    items: readonly GateItem[],
    policy = this.policy,
    connection: Pick<PoolClient, 'query'> = this.pool,
  ): Promise<Appended[]> {
    const column = (name: keyof GateItem) => items.map((item) => item[name]);
    const kinds = [...new Map(items.map((item) => [kindOf(item), item])).entries()];
    const ofKinds = (name: keyof GateItem) => kinds.map(([, item]) => item[name]);
    const residents = items.map(({ resident, ...item }) =>
      resident === undefined ? this.residentOf(item) : Promise.resolve(resident),
    );
    const values = [
      ...[policy, ofKinds('recipient'), ofKinds('program'), ofKinds('purpose'), ofKinds('categories')],
      items.map((item) => kinds.findIndex(([name]) => name === kindOf(item)) + 1),
      await Promise.all(residents),
      ...[
        column('pairwise'),
        ...versionsOf(items.map(({ versions }) => versions ?? '')),
        column('refusal'),
        column('from'),
        column('to'),
        column('commitment'),
      ],
      ...[column('detail'), column('period'), column('statutory')],
    ];
    const { rows } = await connection.query<{ first_idx: number; reason_list: string; entry_lines: string }>(
      appendText,
      values,
    );
    const { first_idx, reason_list, entry_lines } = rows[0]!;
    const reasons = reason_list.split(',');
    const entries = entry_lines === '' ? [] : entry_lines.split('\n');
    return entries.map((entry, place) => ({ idx: first_idx + place, reason: reasons[place] || null, entry }));
  }

  private async residentOf({ recipient, pairwise }: Pick<GateItem, 'recipient' | 'pairwise'>): Promise<string | null> {
    const { rows } = await this.pool.query<{ resident_id: string }>(
      'SELECT resident_id FROM azukari.pairwise WHERE recipient_id = $1 AND pairwise_id = $2',
      [recipient, pairwise],
    );
    return rows[0]?.resident_id ?? null;
  }

  /** Returns how many grants became void. */
  sweep(limit?: number): Promise<number> {
    return sweepGrants(this.pool, limit);
  }

  /** As the service does: recorded, and that committed, and then redeemed. */
  async redeem(...indexes: (number | null)[]): Promise<RedeemedRow[]> {
    await this.record(...indexes);
    return this.redeemRecorded(...indexes);
  }

  /** Without the record nothing is handed over. */
  async redeemRecorded(...indexes: (number | null)[]): Promise<RedeemedRow[]> {
    const { rows } = await this.pool.query<{
      entry_idx: number;
      outcome: string;
      records: string | null;
    }>('SELECT * FROM azukari.redeem_grants($1::bigint[])', [indexes]);
    const none = { record_id: null, category: null, version: null, on_date: null, sealed: null };
    return rows.flatMap(({ entry_idx, outcome, records }) => [
      { entry_idx, outcome, ...none },
      ...(records?.split('\n') ?? []).map((line) => {
        const [category, record_id, version, , on_date, sealed] = line.split(' ') as [string, string, ...string[]];
        return {
          ...{ entry_idx, outcome: 'record', record_id, category, version: Number(version), on_date: on_date! },
          sealed: Buffer.from(sealed!, 'hex'),
        };
      }),
    ]);
  }

  /** Writes the record that the law demands, of grants that stand and that a checkpoint covers. */
  async record(...indexes: (number | null)[]): Promise<void> {
    await this.pool.query('SELECT azukari.record_provisions($1::bigint[])', [indexes]);
  }

  /** Waits until a published checkpoint covers the index; the town's signer is at work. */
  async untilPublished(index: number): Promise<void> {
    for (let attempt = 0; attempt < 200; attempt++) {
      const { rows } = await this.pool.query<{ size: number }>('SELECT size FROM azukari.published_checkpoint');
      if ((rows[0]?.size ?? 0) > index) return;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error('no checkpoint was published');
  }

  /** A grant that a checkpoint covers. */
  async grant(item: GateItem): Promise<Appended> {
    const [appended] = await this.append([item]);
    if (appended!.reason !== null) throw new Error(`refused: ${appended!.reason}`);
    await this.untilPublished(appended!.idx);
    return appended!;
  }
}

/** Comma-separated lists as the gate is given them: all of them one after the other, and where each begins. */
export function versionsOf(lists: readonly string[]): [all: number[], from: number[]] {
  const all: number[] = [];
  const from = lists.map((list) => {
    const place = all.length + 1;
    all.push(
      ...list
        .split(',')
        .filter((version) => version !== '')
        .map(Number),
    );
    return place;
  });
  return [all, from];
}

/** With its seventeen parameters: the policy, four arrays of kinds, and those of items. */
export const appendText = `SELECT first_idx, reason_list, entry_lines FROM azukari.append_provisions($1, $2::text[], $3::text[], $4::text[],
  $5::text[], $6::integer[], $7::uuid[], $8::bytea[], $9::bigint[], $10::integer[], $11::text[], $12::date[], $13::date[], $14::bytea[],
  $15::bytea[], $16::text[], $17::bytea[])`;

const kindOf = ({ recipient, program, purpose, categories }: GateItem) =>
  JSON.stringify([recipient, program, purpose, categories]);

/** What the service would ask of the gate for one resident who consents; sealed parts are any bytes here. */
export function anItem(program: AProgram, pairwiseId: string, changes: Partial<GateItem> = {}): GateItem {
  return {
    recipient: program.recipient,
    pairwise: decodePairwiseId(pairwiseId),
    program: program.id,
    purpose: program.purpose,
    categories: program.categories.join(','),
    versions: program.categories.map(() => '1').join(','),
    ...{ refusal: null, from: null, to: null },
    commitment: randomBytes(32),
    ...{ detail: Buffer.from('sealed'), period: '2026-11', statutory: Buffer.from('sealed') },
    ...changes,
  };
}
