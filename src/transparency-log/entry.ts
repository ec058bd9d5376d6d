/**
 * Reading log entries. An entry is accepted only in its one canonical form: fields, order, types and spelling as in the catalogue, so
 * that writing the parsed entry again gives the same bytes. Each kind is one regular language made from the catalogue: that is strict by
 * construction. It is read in parts, and parts whose texts recur are read once.
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

/**
 * How the lines of a kind are taken apart: a start and an end of fixed length, and a middle. What stands in the middle of most lines has
 * stood there before (who, which program, for what), so it is read once and remembered.
 */
interface Form {
  readonly fields: readonly Field[];
  /** Up to the time: `{"v":1,"t":"provision","at":"`. */
  readonly start: string;
  readonly middle: readonly Field[];
  readonly middlePattern: RegExp;
  /** The last fields, each a digest that is always there, hence of one length. */
  readonly end: readonly { readonly name: string; readonly opening: string }[];
  readonly endLength: number;
  /** By the text of the middle: an entry with those fields, the others still empty. Null where middles do not repeat. */
  readonly known: Map<string, Record<string, unknown>> | null;
}

const kindStart = `{"v":${entryVersion},"t":"`;
const timeLength = 'YYYY-MM-DDTHH:MMZ'.length;
const digestLength = 64;
const knownMax = 4096;
const forms = new Map<string, Form>((Object.keys(entryFields) as EntryKind[]).map((kind) => [kind, formOf(kind)]));

/**
 * Reads one entry, given without a newline. Throws `VerificationError` `malformed-entry` for anything but the canonical form; the message
 * names the first field that is wrong, never its value.
 */
export function parseEntry(bytes: Uint8Array): Entry {
  if (bytes.length > entryBytesMax) throw malformed(`it is longer than ${entryBytesMax} bytes`);
  // Byte for character: no pattern admits a character above 0x7e, so whatever is not ASCII fails there.
  const line = asBuffer(bytes).toString('latin1');
  const kind = line.startsWith(kindStart) ? line.slice(kindStart.length, line.indexOf('"', kindStart.length)) : '';
  const form = forms.get(kind);
  if (!form) throw malformed('it does not begin with version 1 and a known kind');
  const entry = readLine(line, bytes, form);
  if (!entry) throw malformed(`${kind}: ${explain(line, kind, form.fields)}`);
  // Every field of this kind was just found, in its type.
  return entry as unknown as Entry;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function readLine(line: string, bytes: Uint8Array, form: Form): Record<string, unknown> | null {
  const timeEnd = form.start.length + timeLength;
  const endStart = line.length - form.endLength;
  if (endStart <= timeEnd || !line.startsWith(form.start) || line[timeEnd] !== '"' || !line.endsWith('}')) return null;
  const at = line.slice(form.start.length, timeEnd);
  if (!isTime(at)) return null;
  const known = middleOf(line.slice(timeEnd + 1, endStart), form);
  if (!known) return null;
  const entry = { ...known };
  entry.at = at;
  let place = endStart;
  for (const { name, opening } of form.end) {
    const digest = place + opening.length;
    place = digest + digestLength + 1;
    if (!line.startsWith(opening, digest - opening.length) || line[place - 1] !== '"') return null;
    if (!isHex(bytes, digest)) return null;
    entry[name] = line.slice(digest, digest + digestLength);
  }
  return entry;
}

function middleOf(text: string, form: Form): Record<string, unknown> | null {
  const known = form.known?.get(text);
  if (known) return known;
  const match = form.middlePattern.exec(text);
  if (!match) return null;
  const entry: Record<string, unknown> = { v: entryVersion, t: form.start.slice(kindStart.length, -'","at":"'.length) };
  entry.at = '';
  form.middle.forEach((field, position) => {
    const value = match[position + 1];
    if (value !== undefined) entry[field.name] = valueOf(field, value);
  });
  for (const { name } of form.end) entry[name] = '';
  if (form.known && form.known.size >= knownMax) form.known.clear();
  form.known?.set(copyOf(text), entry);
  return entry;
}

/** A text that was cut from a line keeps the whole line in memory; whoever keeps it for long keeps a copy. It is ASCII, as entries are. */
export function copyOf(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1');
}

/** 0 for the digits 0 to 9 and a to f, 1 for every other byte. */
const isNoHexDigit = Uint8Array.from({ length: 256 }, (_, byte) =>
  /[0-9a-f]/.test(String.fromCharCode(byte)) ? 0 : 1,
);

/** Without a branch for each digit: a log has some two hundred million of them. The caller has made sure that they are there. */
function isHex(bytes: Uint8Array, start: number): boolean {
  let wrong = 0;
  for (let place = start; place < start + digestLength; place += 4) {
    wrong |=
      isNoHexDigit[bytes[place]!]! |
      isNoHexDigit[bytes[place + 1]!]! |
      isNoHexDigit[bytes[place + 2]!]! |
      isNoHexDigit[bytes[place + 3]!]!;
  }
  return wrong === 0;
}

/** Milliseconds since the epoch of an entry's `at`. */
export function minuteOf(at: string): number {
  return Date.parse(at.replace('Z', ':00.000Z'));
}

function formOf(kind: EntryKind): Form {
  const fields: readonly Field[] = entryFields[kind];
  let middleCount = fields.length;
  while (middleCount > 0 && fields[middleCount - 1]!.type === 'digest' && !fields[middleCount - 1]!.optional) {
    middleCount -= 1;
  }
  const middle = fields.slice(0, middleCount);
  const end = fields.slice(middleCount).map(({ name }) => ({ name, opening: `,"${name}":"` }));
  return {
    fields,
    start: `${kindStart}${kind}","at":"`,
    middle,
    middlePattern: new RegExp(`^${patternOf(middle)}$`),
    end,
    endLength: end.reduce((sum, { opening }) => sum + opening.length + digestLength + 1, 1),
    known: end.length > 0 && !middle.some(({ type }) => type === 'natural') ? new Map() : null,
  };
}

function patternOf(fields: readonly Field[]): string {
  let [pattern, followers] = ['', ''];
  for (const field of fields.toReversed()) {
    const text = `,"${field.name}":${fieldTypes[field.type][0]}${followers}`;
    followers = typeof field.optional === 'string' ? text : '';
    if (!followers) pattern = (field.optional ? `(?:${text})?` : text) + pattern;
  }
  return pattern;
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

const timePattern = new RegExp(`^${fieldTypes.time[0]}$`);
let latestTime = '';

/** The pattern admits the 31st of every month; this refuses the days that do not exist. */
function isTime(at: string): boolean {
  // Entries come in batches: most have the minute of the one before.
  if (at === latestTime) return true;
  if (!timePattern.test(`"${at}"`)) return false;
  const day = Number(at.slice(8, 10));
  if (day > 28 && new Date(`${at.slice(0, 10)}T00:00Z`).getUTCDate() !== day) throw malformed('at is not a date');
  latestTime = Buffer.from(at, 'latin1').toString('latin1');
  return true;
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
