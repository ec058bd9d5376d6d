/**
 * Values that a name or a system has given away in one place of a record and that may stand unnamed in another: symbol and number
 * side by side in a free text, the number alone in a file. Short ones are not looked for alone, they would be found everywhere.
 */
import type { Finding } from './finding.js';

const joint = String.raw`[\s・/:.-]{0,3}`;
const loneLengthMin = 6;
const pairLengthMin = 8;
/** A record is about one person; the pairs of many more would cost more than they could find. */
const valuesMax = 12;

export class KnownNumbers {
  private readonly values: { kind: string; core: string }[] = [];
  private patterns: { kind: string; pattern: RegExp }[] | null = null;

  /** @param value plain text (NFKC). */
  add(kind: string, value: string): void {
    const core = value.replace(/[^\p{L}\p{N}]/gu, '');
    const isKnown = this.values.some((known) => known.kind === kind && known.core === core);
    if (isKnown || !/\d/.test(core) || this.values.length >= valuesMax) return;
    this.values.push({ kind, core });
    this.patterns = null;
  }

  /** The kind of a value that stands alone as a JSON number. */
  kindOf(digits: string): string | undefined {
    return this.values.find(({ core }) => core.length >= loneLengthMin && core === digits)?.kind;
  }

  /** @param masked plain text in which UUIDs are blanked out. */
  find(masked: string): Finding[] {
    if (this.values.length === 0) return [];
    const bare = masked.replace(/[\s・/:.-]/g, '');
    if (!this.values.some(({ core }) => bare.includes(core))) return [];
    this.patterns ??= this.makePatterns();
    const found: Finding[] = [];
    for (const { kind, pattern } of this.patterns) {
      for (const match of masked.matchAll(pattern)) {
        found.push({ start: match.index, end: match.index + match[0].length, kind, isNamed: false });
      }
    }
    return found;
  }

  /** One pattern for each kind. */
  private makePatterns(): { kind: string; pattern: RegExp }[] {
    const sources = new Map<string, string[]>();
    for (const { kind, core } of this.values) {
      const ofKind = sources.get(kind) ?? [];
      sources.set(kind, ofKind);
      if (core.length >= loneLengthMin && /\d{4}/.test(core)) ofKind.push([...core].join('[・/ -]?'));
      for (const other of this.values) {
        if (other.core === core) continue;
        const isLong = core.length + other.core.length >= pairLengthMin;
        ofKind.push(core + (isLong ? joint : String.raw`\s?・\s?`) + other.core);
      }
    }
    return [...sources].map(([kind, ofKind]) => ({ kind, pattern: bounded(ofKind.join('|')) }));
  }
}

function bounded(source: string): RegExp {
  return new RegExp(String.raw`(?<![0-9A-Za-z]|\d\.)(?:${source})(?![0-9A-Za-z]|\.\d)`, 'gu');
}
