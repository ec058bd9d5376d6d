/** An item of the gate: what was asked for, what is appended for it, and how a batch of them is given to the database. */
import type { QueryConfig } from 'pg';
import { bigintArray, byteaArray, dateArray, integerArray, textArray, uuidArray } from '../database/array-parameter.js';
import type { Code } from '../kernel/errors.js';
import type { Uuid } from '../kernel/ids.js';

/** One resident's data, asked for by one recipient under one program. */
export interface ReadItem {
  recipientId: string;
  /** 32 bytes. */
  pairwiseId: Buffer;
  programId: string;
  purpose: string;
  /** Ascending. */
  categories: readonly string[];
  /** `YYYY-MM-DD`, inclusive. */
  from: string | null;
  /** `YYYY-MM-DD`, exclusive. */
  to: string | null;
}

export interface AppendItem extends ReadItem {
  /** Whom the pairwise id belonged to when it was looked up; null when it is nobody's. */
  residentId: Uuid | null;
  versions: readonly number[];
  /** Found before the database was asked. */
  refusal: Code | null;
  commitment: Buffer;
  sealedDetail: Buffer | null;
  statutory: { period: string; sealed: Buffer } | null;
}

/** Items of one recipient, program, purpose and list of categories are of one kind; it is named by the first of them. */
interface Kinds {
  firsts: AppendItem[];
  /** Of each item, counted from one. */
  kindOf: number[];
}

/** What asks the gate for a batch: what items have in common once, all else for each item, in arrays. @param policy the one that the caller decides by */
export function appendStatement(policy: string, items: readonly AppendItem[]): QueryConfig {
  const { firsts, kindOf } = kindsOf(items);
  return {
    name: 'append provisions',
    text: `SELECT first_idx, reason_list, entry_lines FROM azukari.append_provisions($1, $2::text[], $3::text[], $4::text[], $5::text[],
      $6::integer[], $7::uuid[], $8::bytea[], $9::bigint[], $10::integer[], $11::text[], $12::date[], $13::date[], $14::bytea[], $15::bytea[],
      $16::text[], $17::bytea[])`,
    values: [
      policy,
      textArray(firsts.map((item) => item.recipientId)),
      textArray(firsts.map((item) => item.programId)),
      textArray(firsts.map((item) => item.purpose)),
      textArray(firsts.map((item) => item.categories.join(','))),
      integerArray(kindOf),
      uuidArray(items.map((item) => item.residentId)),
      byteaArray(items.map((item) => item.pairwiseId)),
      bigintArray(items.flatMap(({ versions }) => versions)),
      integerArray(placesOf(items.map(({ versions }) => versions))),
      textArray(items.map((item) => item.refusal)),
      dateArray(items.map((item) => item.from)),
      dateArray(items.map((item) => item.to)),
      byteaArray(items.map((item) => item.commitment)),
      byteaArray(items.map((item) => item.sealedDetail)),
      textArray(items.map((item) => item.statutory?.period ?? null)),
      byteaArray(items.map((item) => item.statutory?.sealed ?? null)),
    ],
  };
}

/** Where each of these lists begins when they stand behind one another, counted from one. */
function placesOf(lists: readonly (readonly unknown[])[]): number[] {
  let next = 1;
  return lists.map((list) => {
    const place = next;
    next += list.length;
    return place;
  });
}

function kindsOf(items: readonly AppendItem[]): Kinds {
  const places = new Map<string, number>();
  const firsts: AppendItem[] = [];
  const kindOf = items.map((item) => {
    const name = JSON.stringify([item.recipientId, item.programId, item.purpose, item.categories]);
    const known = places.get(name);
    if (known !== undefined) return known;
    firsts.push(item);
    places.set(name, firsts.length);
    return firsts.length;
  });
  return { firsts, kindOf };
}
