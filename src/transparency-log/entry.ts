/**
 * Reading log entries. An entry is accepted only in its one canonical form: fields, order, types and spelling as in the catalogue, so
 * that writing the parsed entry again gives the same bytes. Each kind is one regular expression made from the catalogue: that is
 * strict by construction and reads a million entries in about a second.
 */
import {
  entryBytesMax,
  type EntryKind,
  entryFields,
  entryVersion,
  type Field,
  fieldTypes,
  type ValueOf,
} from './entry-catalogue.js';
import { VerificationError } from './finding.js';

type FieldsOf<K extends EntryKind> = (typeof entryFields)[K][number];

/** An entry of one kind, typed from the catalogue. */
export type EntryOf<K extends EntryKind> = { readonly v: 1; readonly t: K; readonly at: string } & {
  readonly [F in FieldsOf<K> as F extends { optional: unknown } ? never : F['name']]: ValueOf<F['type']>;
} & { readonly [F in FieldsOf<K> as F extends { optional: unknown } ? F['name'] : never]?: ValueOf<F['type']> };

export type Entry = { [K in EntryKind]: EntryOf<K> }[EntryKind];

interface Form {
  readonly pattern: RegExp;
  readonly fields: readonly Field[];
}

const kindStart = `{"v":${entryVersion},"t":"`;
const forms = new Map<string, Form>(
  (Object.keys(entryFields) as EntryKind[]).map((kind) => [
    kind,
    { pattern: patternOf(kind), fields: entryFields[kind] },
  ]),
);

/**
 * Reads one entry, given without a newline. Throws `VerificationError` `malformed-entry` for anything but the canonical form; the message
 * names the first field that is wrong, never its value.
 */
export function parseEntry(bytes: Uint8Array): Entry {
  if (bytes.length > entryBytesMax) throw malformed(`it is longer than ${entryBytesMax} bytes`);
  // Byte for character: no pattern admits a character above 0x7e, so whatever is not ASCII fails there.
  const line = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  const kind = line.startsWith(kindStart) ? line.slice(kindStart.length, line.indexOf('"', kindStart.length)) : '';
  const form = forms.get(kind);
  if (!form) throw malformed('it does not begin with version 1 and a known kind');
  const match = form.pattern.exec(line);
  if (!match) throw malformed(`${kind}: ${explain(line, kind, form.fields)}`);
  const entry: Record<string, unknown> = { v: entryVersion, t: kind, at: timeOf(match[1]!) };
  for (let position = 0; position < form.fields.length; position += 1) {
    const text = match[position + 2];
    if (text !== undefined) entry[form.fields[position]!.name] = valueOf(form.fields[position]!, text);
  }
  // The pattern has just matched every field of this kind, in its type.
  return entry as unknown as Entry;
}

/** Milliseconds since the epoch of an entry's `at`. */
export function minuteOf(at: string): number {
  return Date.parse(at.replace('Z', ':00.000Z'));
}

function patternOf(kind: EntryKind): RegExp {
  let [pattern, followers] = ['', ''];
  for (const field of entryFields[kind].toReversed() as Field[]) {
    const text = `,"${field.name}":${fieldTypes[field.type][0]}${followers}`;
    followers = typeof field.optional === 'string' ? text : '';
    if (!followers) pattern = (field.optional ? `(?:${text})?` : text) + pattern;
  }
  return new RegExp(`^\\{"v":${entryVersion},"t":"${kind}","at":${fieldTypes.time[0]}${pattern}\\}$`);
}

function valueOf({ name, type }: Field, text: string): string | number | readonly string[] {
  if (type === 'positive' || type === 'natural') {
    const value = Number(text);
    if (!Number.isSafeInteger(value)) throw malformed(`${name} is larger than 2^53 - 1`);
    return value;
  }
  if (type !== 'codes') return text;
  const codes = text.slice(1, -1).split('","');
  const isAscending = codes.every((code, position) => position === 0 || codes[position - 1]! < code);
  if (!isAscending) throw malformed(`${name} are not ascending`);
  return codes;
}

/** The pattern admits the 31st of every month; this refuses the days that do not exist. */
function timeOf(at: string): string {
  const day = Number(at.slice(8, 10));
  if (day > 28 && new Date(`${at.slice(0, 10)}T00:00Z`).getUTCDate() !== day) throw malformed('at is not a date');
  return at;
}

/** Says which field is the first that is wrong. Slow: only for entries that are refused. */
function explain(line: string, kind: string, fields: readonly Field[]): string {
  let rest = line.slice(`${kindStart}${kind}"`.length);
  const present = new Set<string>();
  for (const { name, type, optional } of [{ name: 'at', type: 'time' } as Field, ...fields]) {
    const match = new RegExp(`^,"${name}":${fieldTypes[type][0]}(?=[,}])`).exec(rest);
    const isNeeded = typeof optional === 'string' ? present.has(optional) : !optional;
    if (match) {
      rest = rest.slice(match[0].length);
      present.add(name);
    } else if (isNeeded || rest.startsWith(`,"${name}":`)) return `field ${name} is missing or malformed`;
  }
  return rest === '}' ? 'a field stands without the one it belongs to' : 'something stands after its last field';
}

function malformed(detail: string): VerificationError {
  return new VerificationError('malformed-entry', detail);
}
