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
import type { TagBytes } from './tag.js';

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
  /** It may have a tag that stands in the middle. */
  readonly hasLooseTag: boolean;
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
 * @param tag is set to the entry's tag, where it has one
 */
export function parseEntry(bytes: Uint8Array, tag?: TagBytes): Entry {
  if (bytes.length > entryBytesMax) throw malformed(`it is longer than ${entryBytesMax} bytes`);
  // Byte for character: no pattern admits a character above 0x7e, so whatever is not ASCII fails there.
  const line = asBuffer(bytes).toString('latin1');
  const kind = line.startsWith(kindStart) ? line.slice(kindStart.length, line.indexOf('"', kindStart.length)) : '';
  const form = forms.get(kind);
  if (!form) throw malformed('it does not begin with version 1 and a known kind');
  const entry = readLine(line, bytes, form, tag?.bytes ?? notKept);
  if (!entry) throw malformed(`${kind}: ${explain(line, kind, form.fields)}`);
  if (tag && form.hasLooseTag && typeof entry.tag === 'string') tag.set(entry.tag);
  // Every field of this kind was just found, in its type.
  return entry as unknown as Entry;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function readLine(line: string, bytes: Uint8Array, form: Form, tag: Uint8Array): Record<string, unknown> | null {
  const timeEnd = form.start.length + timeLength;
  const endStart = line.length - form.endLength;
  if (endStart <= timeEnd || !line.startsWith(form.start) || line[timeEnd] !== '"' || !line.endsWith('}')) return null;
  const at = timeOf(line, form.start.length);
  if (at === null) return null;
  const entry = middleOf(line.slice(timeEnd + 1, endStart), form);
  if (!entry) return null;
  entry.at = at;
  let place = endStart;
  for (const { name, opening } of form.end) {
    const digest = place + opening.length;
    place = digest + digestLength + 1;
    if (!line.startsWith(opening, digest - opening.length) || line[place - 1] !== '"') return null;
    if (name === 'policy' && latestPolicy !== null && line.startsWith(latestPolicy, digest)) {
      entry.policy = latestPolicy;
      continue;
    }
    if (!decodeDigest(bytes, digest, name === 'tag' ? tag : notKept)) return null;
    const value = line.slice(digest, digest + digestLength);
    // The frequent ones by name: a property whose name is only known here takes three times as long to set.
    if (name === 'tag') entry.tag = value;
    else if (name === 'commitment') entry.commitment = value;
    else if (name === 'policy') entry.policy = latestPolicy = copyOf(value);
    else entry[name] = value;
  }
  return entry;
}

/** An entry with the fields of the middle; the others are still empty. */
function middleOf(text: string, form: Form): Record<string, unknown> | null {
  if (!form.known) return readMiddle(text, form);
  const known = form.known.get(text);
  if (known) return { ...known };
  const entry = readMiddle(text, form);
  if (!entry) return null;
  if (form.known.size >= knownMax) form.known.clear();
  form.known.set(copyOf(text), entry);
  return { ...entry };
}

function readMiddle(text: string, form: Form): Record<string, unknown> | null {
  const match = form.middlePattern.exec(text);
  if (!match) return null;
  const entry: Record<string, unknown> = { v: entryVersion, t: form.start.slice(kindStart.length, -'","at":"'.length) };
  entry.at = '';
  form.middle.forEach((field, position) => {
    const value = match[position + 1];
    if (value !== undefined) entry[field.name] = valueOf(field, value);
  });
  for (const { name } of form.end) entry[name] = '';
  return entry;
}

/** A text that was cut from a line keeps the whole line in memory; whoever keeps it for long keeps a copy. It is ASCII, as entries are. */
export function copyOf(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1');
}

/** Where a digest goes that nobody asks for. */
const notKept = new Uint8Array(digestLength / 2);
const noDigit = 0x80;
/** What each of the digits 0 to 9 and a to f stands for, and `noDigit` for every other byte. */
const valueOfDigit = Uint8Array.from({ length: 256 }, (_, byte) => {
  const value = '0123456789abcdef'.indexOf(String.fromCharCode(byte));
  return value < 0 ? noDigit : value;
});

/**
 * Without a branch for each digit: a log has some two hundred million of them. The caller has made sure that they are there. False where one is none.
 * @param digest 32 bytes, to be written
 */
function decodeDigest(bytes: Uint8Array, start: number, digest: Uint8Array): boolean {
  let seen = 0;
  for (let byte = 0; byte < digestLength / 2; byte += 1) {
    const high = valueOfDigit[bytes[start + 2 * byte]!]!;
    const low = valueOfDigit[bytes[start + 2 * byte + 1]!]!;
    seen |= high | low;
    digest[byte] = (high << 4) | low;
  }
  return (seen & noDigit) === 0;
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
    hasLooseTag: middle.some(({ name }) => name === 'tag'),
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
// Entries come in batches: most have the minute of the one before, and its policy. One text for all of these is quick to compare.
let latestTime: string | null = null;
let latestPolicy: string | null = null;

/** The pattern admits the 31st of every month; this refuses the days that do not exist. Null for what is no time. */
function timeOf(line: string, start: number): string | null {
  if (latestTime !== null && line.startsWith(latestTime, start)) return latestTime;
  const at = line.slice(start, start + timeLength);
  if (!timePattern.test(`"${at}"`)) return null;
  const day = Number(at.slice(8, 10));
  if (day > 28 && new Date(`${at.slice(0, 10)}T00:00Z`).getUTCDate() !== day) throw malformed('at is not a date');
  latestTime = copyOf(at);
  return latestTime;
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
