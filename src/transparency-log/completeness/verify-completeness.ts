/**
 * Verifies a completeness file with the resident's key and the log's public key: that for every organisation of the file and every month since
 * the log began each entry about the resident is in the file, up to the last index. What a file alone cannot show is said by its reporter.
 */
import type { KeyObject } from 'node:crypto';
import { type OpenCheckpoint, openCheckpoint, type Trust } from '../checkpoint.js';
import { toBase64 } from '../base64.js';
import type { Entry, EntryOf } from '../entry.js';
import { type Finding, type FindingCode, toFinding, VerificationError } from '../finding.js';
import type { SubjectLog } from './across-logs.js';
import { type CompletenessFile, parseCompletenessFile } from './completeness-file.js';
import { type Dated, type ExpectedTag, monthsOf, ResidentTags, stillNeeded } from './expected-tags.js';
import { openProved, openProvedAs } from './proved-entry.js';
import { treeOf, verifyIndexPart } from './verify-index-part.js';

/** One entry about the resident. */
export interface OwnEntry {
  readonly index: number;
  readonly entry: Entry;
  readonly organisation: string;
}

export interface CompletenessReport extends SubjectLog {
  /** The entries below this one are accounted for. */
  readonly to: number;
  /** Number of indexes. */
  readonly indexes: number;
  /** When the last index was written; null without one. */
  readonly indexedAt: string | null;
  readonly entries: readonly OwnEntry[];
  readonly findings: readonly Finding[];
}

/** @param identifierKey K_id, of 32 bytes. @param place how a finding names the file. */
export function verifyCompleteness(
  text: string,
  identifierKey: KeyObject,
  trust: Trust,
  place = 'completeness file',
): CompletenessReport {
  const findings: Finding[] = [];
  const nothing = {
    origin: trust.origin,
    ...{ size: 0, root: '', start: null, close: null },
    to: 0,
    indexes: 0,
    indexedAt: null,
    organisations: new Map<string, number>(),
  };
  try {
    const file = parseCompletenessFile(text);
    if (file.origin !== trust.origin)
      throw new VerificationError('wrong-origin', `it is of ${trust.origin} that you ask`);
    return new FileCheck(file, openCheckpoint(file.checkpoint, trust), identifierKey, findings).run();
  } catch (error) {
    findings.push(toFinding(error, place));
    return { ...nothing, entries: [], findings };
  }
}

class FileCheck {
  private readonly tags: ResidentTags;

  constructor(
    private readonly file: CompletenessFile,
    private readonly checkpoint: OpenCheckpoint,
    identifierKey: KeyObject,
    private readonly findings: Finding[],
  ) {
    this.tags = new ResidentTags(identifierKey);
  }

  run(): CompletenessReport {
    const { origin, size } = this.checkpoint;
    const organisations = this.organisations();
    const start = openProvedAs(this.file.start, this.checkpoint, 'start');
    if (this.file.start.index !== 0) this.found('start-misplaced', 'start', 'the start entry is entry 0');
    if (this.file.indexes.length === 0) this.found('index-missing', 'indexes', 'there is none');
    const own = new Map<number, ExpectedTag>();
    let dated: Dated[] = [{ index: 0, at: start.at }];
    let to = 0;
    for (const part of this.file.indexes) {
      const entry = openProvedAs(part.index, this.checkpoint, 'index');
      const place = `entry ${part.index.index}`;
      if (entry.from !== to || entry.to > part.index.index || entry.from >= entry.to) {
        this.found(
          'index-missing',
          place,
          `it covers entries ${entry.from} to ${entry.to - 1}, but the one before ended below ${to}`,
        );
        break;
      }
      const written = { index: part.index.index, at: entry.at };
      const expected = this.tags.all([...organisations.keys()], monthsOf(entry.from, written, dated));
      const shown = verifyIndexPart(part, treeOf(entry), expected, (finding) => this.findings.push(finding));
      for (const { index, expected: one } of shown) own.set(index, one);
      to = entry.to;
      dated = stillNeeded(to, [...dated, written]);
    }
    const close = this.close(to);
    const entries = this.entries(own);
    const indexedAt = to === 0 ? null : dated.at(-1)!.at;
    return {
      ...{ origin, size, root: toBase64(this.checkpoint.root), start, close },
      to,
      indexes: this.file.indexes.length,
      indexedAt,
      organisations,
      entries,
      findings: this.findings,
    };
  }

  /** The entry that closes the log, and that everything before it is indexed: only the last index itself stands between. */
  private close(to: number): EntryOf<'close'> | null {
    const { end } = this.file;
    if (end === undefined) return null;
    const { size } = this.checkpoint;
    const close = openProvedAs(end, this.checkpoint, 'close');
    if (end.index !== size - 1)
      this.found('entry-after-close', `entry ${end.index}`, `it closes a log of ${size} entries`);
    if (to < size - 2)
      this.found('index-missing', `entries ${to} to ${size - 2}`, 'the log is closed, and they are in none');
    return close;
  }

  private organisations(): Map<string, number> {
    const organisations = new Map<string, number>();
    for (const proved of this.file.organisations) {
      const { org } = openProvedAs(proved, this.checkpoint, 'org');
      organisations.set(org, Math.min(proved.index, organisations.get(org) ?? Infinity));
    }
    if (!organisations.has('self')) {
      this.found(
        'organisation-missing',
        'organisations',
        'self, under which a resident’s own acts stand, is not among them',
      );
    }
    return organisations;
  }

  /** The entries the indexes name, each of which has to be in the file; and no others. */
  private entries(own: ReadonlyMap<number, ExpectedTag>): OwnEntry[] {
    const proved = new Map(this.file.entries.map((one) => [one.index, one]));
    for (const index of proved.keys()) {
      if (!own.has(index))
        this.found('not-about-resident', `entry ${index}`, 'no index names it under a tag of this resident');
    }
    return [...own]
      .toSorted(([left], [right]) => left - right)
      .flatMap(([index, expected]) => {
        const place = `entry ${index}`;
        const one = proved.get(index);
        if (!one) {
          this.found(
            'entry-hidden',
            place,
            `an index names it under ${expected.organisation} in ${expected.month}, but the file does not show it`,
          );
          return [];
        }
        const entry = openProved(one, this.checkpoint);
        if (
          tagIn(entry) !== expected.tag ||
          recipientIn(entry) !== expected.organisation ||
          !entry.at.startsWith(expected.month)
        ) {
          this.found('wrong-tag', place, `the index names it under ${expected.organisation} in ${expected.month}`);
        }
        return [{ index, entry, organisation: expected.organisation }];
      });
  }

  private found(code: FindingCode, place: string, detail: string): void {
    this.findings.push({ code, place, message: new VerificationError(code, detail).message });
  }
}

function tagIn(entry: Entry): string | undefined {
  return 'tag' in entry ? entry.tag : undefined;
}

function recipientIn(entry: Entry): string | undefined {
  return 'recipient' in entry ? entry.recipient : undefined;
}
