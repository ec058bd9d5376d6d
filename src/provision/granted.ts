/** A grant as the service carries it from the log entry to the answer. */
import type { Program } from '../programs/program.entity.js';
import type { ResidentKeys } from '../residents/resident-keys.service.js';
import type { ReadItem } from './append-item.js';

/** A grant stands in the log; nothing has left yet. */
export interface Granted {
  item: ReadItem;
  index: number;
  entry: string;
  nonce: Buffer;
  detail: string;
  program: Program;
  keys: ResidentKeys;
}

/** The consented fields of each category: those of the program version, which the resident saw in the notice. */
export function fieldsOf(item: ReadItem, program: Program): Record<string, readonly string[]> {
  const own = program.application.terms.items.filter(({ purpose }) => purpose === item.purpose);
  return Object.fromEntries(own.map(({ category, fields }) => [category, fields]));
}
