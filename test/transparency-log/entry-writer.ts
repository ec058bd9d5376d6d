/**
 * Writes entries from the catalogue, as the tests need them. In the service only the database writes entries; this is a second
 * writer, made from the catalogue, against which the parser is held.
 */
import { type Entry } from '../../src/transparency-log/entry.js';
import { entryFields, type Field } from '../../src/transparency-log/entry-catalogue.js';

/** The one canonical line of an entry. */
export function formatEntry(entry: Entry): string {
  const values = entry as unknown as Record<string, unknown>;
  const fields: readonly Field[] = entryFields[entry.t];
  const names = ['v', 't', 'at', ...fields.map(({ name }) => name)].filter((name) => values[name] !== undefined);
  return `{${names.map((name) => `${JSON.stringify(name)}:${JSON.stringify(values[name])}`).join(',')}}`;
}
