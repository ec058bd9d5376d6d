/**
 * One walk over a record that takes out what may not be held and says where it stood. What is taken out leaves a mark in its place
 * until all walks are over, so that the reported places are those of the original; `compact` then removes the marks.
 */
import { decodeBase64, describeFile, hasBinarySignature, openFile } from './attached-file.js';
import type { CompiledRules } from './forbidden-number-rules.js';
import { cleanText, placeholder } from './forbidden-text.js';
import { KnownNumbers } from './known-numbers.js';
import { kindByLabel, kindBySystem, kindOfProperty, valuesOf } from './named-properties.js';
import { formatOfInteger } from './number-runs.js';

/** `kind` is a kind of the rules, `unreadable-attachment` or `too-deep`; `path` a JSON Pointer (RFC 6901) into the original. */
export interface RemovedNumber {
  readonly kind: string;
  readonly path: string;
}

export const gone = Symbol('gone');

type JsonObject = { readonly [key: string]: unknown };

interface Place {
  readonly path: string;
  readonly depth: number;
  /** Within a file or a JSON text the path is that of the string that holds it. */
  readonly isInside: boolean;
}

const dataUrl = /(;base64,\s*)([A-Za-z0-9+/_-]+={0,2})/g;
/** Base64 within a text, such as a PDF in a CDA body; RFC 2045 wraps it at 76 characters. */
const embeddedFile = /[A-Za-z0-9+/_-]{40,}(?:\r?\n[ \t]*[A-Za-z0-9+/_-]{40,})*(?:\r?\n[ \t]*[A-Za-z0-9+/_-]+)?={0,2}/g;

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const depthMax = 100;
/** A file within a file costs this much of the depth, so that files are opened five deep at the most. */
const fileDepth = 20;

export class RecordSweep {
  /** How often something was taken out so far. */
  changes = 0;
  private readonly reported = new Map<string, RemovedNumber>();
  private readonly known = new KnownNumbers();

  constructor(private readonly rules: CompiledRules) {}

  sweep(record: unknown): unknown {
    return this.value(record, { path: '', depth: 0, isInside: false });
  }

  removed(): RemovedNumber[] {
    return [...this.reported.values()];
  }

  private value(value: unknown, place: Place): unknown {
    if (place.depth > depthMax) return typeof value === 'symbol' ? value : this.remove('too-deep', place);
    if (typeof value === 'string') return this.text(value, place);
    if (typeof value === 'number') return this.number(value, place);
    if (Array.isArray(value)) return value.map((item, position) => this.value(item, within(place, String(position))));
    if (typeof value === 'object' && value !== null) return this.object(value as JsonObject, place);
    return value;
  }

  private report(kind: string, place: Place): void {
    this.changes += 1;
    this.reported.set(`${kind} ${place.path}`, { kind, path: place.path });
  }

  private remove(kind: string, place: Place): typeof gone {
    this.report(kind, place);
    return gone;
  }

  private number(value: number, place: Place): unknown {
    const format = formatOfInteger(value);
    const kind = (format && this.rules.kindOfFormat(format)) ?? this.known.kindOf(String(value));
    return kind === undefined ? value : this.remove(kind, place);
  }

  private object(object: JsonObject, place: Place): unknown {
    const kind = kindBySystem(object, this.rules);
    if (kind !== undefined) {
      for (const value of valuesOf(object)) this.known.add(kind, value);
      return this.remove(kind, place);
    }
    const labelled = kindByLabel(object, this.rules);
    const entries: [string, unknown][] = [];
    const renamed = new Set<string>();
    for (const [key, value] of Object.entries(object)) {
      const name = this.propertyName(key, object, renamed, place);
      const inner = within(place, name);
      const named = kindOfProperty(object, key, labelled, this.rules);
      entries.push([name, named === undefined ? this.value(value, inner) : this.named(named, value, inner)]);
    }
    // fromEntries defines own properties, so that a property called __proto__ stays what it is.
    const swept = Object.fromEntries(entries);
    return isAttachment(object) ? this.attachment(swept, object, place) : swept;
  }

  /** A property whose name says that its value is such a number. */
  private named(kind: string, value: unknown, place: Place): unknown {
    if (value === gone || value === null || typeof value === 'boolean' || value === '' || value === placeholder)
      return value;
    for (const text of valuesOf({ value })) this.known.add(kind, text);
    return this.remove(kind, place);
  }

  private propertyName(key: string, object: JsonObject, renamed: Set<string>, place: Place): string {
    const cleaned = cleanText(key, this.rules, this.known);
    if (!cleaned) return key;
    let name = cleaned.text;
    for (let copy = 2; Object.hasOwn(object, name) || renamed.has(name); copy += 1) name = `${cleaned.text}${copy}`;
    renamed.add(name);
    for (const kind of cleaned.kinds) this.report(kind, within(place, name));
    return name;
  }

  private text(text: string, place: Place): unknown {
    const opened = this.openedText(text, place);
    if (opened === gone) return gone;
    const cleaned = cleanText(opened, this.rules, this.known);
    if (!cleaned) return opened;
    for (const kind of cleaned.kinds) this.report(kind, place);
    return cleaned.isWhole ? gone : cleaned.text;
  }

  /** Sweeps JSON and files written into a string. */
  private openedText(text: string, place: Place): string | typeof gone {
    if (/^\s*[[{]/.test(text)) return this.json(text, place);
    if (text.length < 16) return text;
    const whole = looksLikeBase64(text) ? decodeBase64(text) : null;
    if (whole) return this.looseFile(whole, text, place);
    const withoutUrls = text.replace(dataUrl, (_match, mark: string, run: string) => {
      const bytes = decodeBase64(run);
      const file = bytes ? this.file(bytes, run, place) : this.remove('unreadable-attachment', place);
      return mark + (file === gone ? placeholder : file);
    });
    return withoutUrls.replace(embeddedFile, (run) => {
      const bytes = decodeBase64(run);
      const file = bytes ? this.looseFile(bytes, run, place) : run;
      return file === gone ? placeholder : file;
    });
  }

  private json(text: string, place: Place): string | typeof gone {
    let parsed: unknown;
    try {
      parsed = JSON.parse(text);
    } catch {
      return text;
    }
    const changesBefore = this.changes;
    const swept = compact(this.value(parsed, { ...place, depth: place.depth + fileDepth, isInside: true }));
    return this.changes === changesBefore ? text : swept === gone ? gone : JSON.stringify(swept);
  }

  /** Base64 outside an attachment: bytes that are neither text nor a known file may be a signature or a hash and are left. */
  private looseFile(bytes: Buffer, text: string, place: Place): string | typeof gone {
    if (hasBinarySignature(bytes)) return bytes.length < 48 ? text : this.remove('unreadable-attachment', place);
    return openFile(bytes) ? this.file(bytes, text, place) : text;
  }

  /** Sweeps a file; what cannot be searched, or not be written back, is taken out whole. Untouched files keep their very text. */
  private file(bytes: Buffer, text: string, place: Place): string | typeof gone {
    const file = place.depth + fileDepth > depthMax ? null : openFile(bytes);
    if (!file) return this.remove('unreadable-attachment', place);
    const changesBefore = this.changes;
    const swept = this.text(file.text, { ...place, depth: place.depth + fileDepth, isInside: true });
    if (this.changes === changesBefore) return text;
    if (typeof swept !== 'string') return gone;
    return file.encode ? file.encode(swept).toString('base64') : this.remove('unreadable-attachment', place);
  }

  /** FHIR Attachment or Binary: `data` must open, and size and hash must fit what is left of it. */
  private attachment(swept: Record<string, unknown>, original: JsonObject, place: Place): unknown {
    const data = original['data'] as string;
    const bytes = decodeBase64(data);
    const inner = within(place, 'data');
    const file = bytes ? this.file(bytes, data, inner) : this.remove('unreadable-attachment', inner);
    if (file === data) return { ...swept, data };
    const description = file === gone ? null : describeFile(Buffer.from(file as string, 'base64'));
    const entries = Object.entries({ ...swept, data: file }).map(([key, value]): [string, unknown] => {
      if (key === 'size' || key === 'hash') return [key, description ? description[key] : gone];
      return [key, value];
    });
    return Object.fromEntries(entries);
  }
}

/** Padded base64, or enough of it to be more than a name, a UUID or a code. */
function looksLikeBase64(text: string): boolean {
  return (text.length % 4 === 0 || text.length >= 40) && /^[A-Za-z0-9+/=_\s-]+$/.test(text) && !uuid.test(text);
}

function isAttachment(object: JsonObject): boolean {
  const { data, contentType, mimeType, encoding, resourceType } = object;
  if (typeof data !== 'string' || data.trim() === '') return false;
  return [contentType, mimeType, encoding].some((hint) => typeof hint === 'string') || resourceType === 'Binary';
}

function within(place: Place, key: string): Place {
  const token = key.replace(/~/g, '~0').replace(/\//g, '~1');
  return { ...place, path: place.isInside ? place.path : `${place.path}/${token}`, depth: place.depth + 1 };
}

/** Removes the marks, and what is empty only because of them: FHIR allows no empty object and no extension without a value. */
export function compact(value: unknown): unknown {
  if (Array.isArray(value)) {
    const kept = value.map(compact).filter((item) => item !== gone);
    return kept.length === 0 && value.length > 0 ? gone : kept;
  }
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, item]): [string, unknown] => [key, compact(item)]);
  const kept = entries.filter(([, item]) => item !== gone);
  if (kept.length === entries.length) return Object.fromEntries(kept);
  const isBareExtension = kept.every(([key]) => key === 'url' || key === 'id') && kept.some(([key]) => key === 'url');
  return kept.length === 0 || isBareExtension ? gone : Object.fromEntries(kept);
}
