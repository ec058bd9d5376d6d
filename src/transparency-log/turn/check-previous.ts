/**
 * Whether a log follows from the one before it: that one, read whole, has the size and root which the first entry quotes, ends with an entry that
 * names this log and its first key, and what stood at its end is stated again. It is believed for the quote, whoever signed it; where its key
 * is pinned, it must have signed just that.
 */
import { isEqual } from '../../kernel/bytes.js';
import { checkLog, type Report } from '../check-log.js';
import { firstLine } from '../ends-of-log.js';
import { type Checkpoint, openCheckpoint, peekCheckpoint, type Trust } from '../checkpoint.js';
import type { Entry, EntryOf } from '../entry.js';
import { parseEntry } from '../entry.js';
import { type Finding, toFinding, VerificationError } from '../finding.js';
import { type LogReader, ReadFailure } from '../reader.js';
import { notStatedAgain, type Opening } from './standing.js';

/** What the first entry of a log quotes. */
export interface Quote {
  readonly origin: string;
  readonly size: number;
  /** 32 bytes. */
  readonly root: Buffer;
}

export interface PreviousReport {
  readonly quote: Quote;
  /** Null where it does not reach as far as is quoted, or cannot be read. */
  readonly log: Report | null;
  /** Why it cannot be read. */
  readonly unreadable: string | null;
  /** Whether a pinned key signed what is quoted; else it is believed for the quote alone. */
  readonly isSigned: boolean;
  readonly last: Entry | null;
  /** The log that came before this one in turn; null where there was none. */
  readonly before: string | null;
  readonly findings: readonly Finding[];
}

/** What the first of `size` entries quotes. Null where it quotes no log, or is none that begins one. */
export async function quoteOf(reader: LogReader, size: number): Promise<Quote | null> {
  const line = await firstLine(reader, size);
  try {
    const start = parseEntry(line);
    return start.t === 'start' ? quoteIn(start) : null;
  } catch (error) {
    if (error instanceof VerificationError) return null;
    throw error;
  }
}

function quoteIn({ previous, size, root }: EntryOf<'start'>): Quote | null {
  if (previous === undefined || size === undefined || root === undefined) return null;
  return { origin: previous, size, root: Buffer.from(root, 'base64') };
}

/** What a log's first entry quotes, unverified: to find the log before it. Null where it quotes none, or cannot be read. */
export async function peekQuote(reader: LogReader): Promise<Quote | null> {
  try {
    const { size } = peekCheckpoint(await reader.checkpoint());
    return size === 0 ? null : await quoteOf(reader, size);
  } catch (error) {
    if (error instanceof VerificationError || error instanceof ReadFailure) return null;
    throw error;
  }
}

/** Reads the log before and checks it whole. Throws `ReadFailure` when not even its checkpoint can be read. @param trust keys of either log */
export async function readPrevious(reader: LogReader, quote: Quote, trust: Trust, now: Date): Promise<PreviousReport> {
  const { origin, size } = quote;
  const place = `the log before, ${origin}`;
  const logKeys = trust.logKeys.filter(({ name }) => name === origin);
  const findings: Finding[] = [];
  let last: Entry | null = null;
  let before: string | null = null;
  const onEntry = (index: number, entry: Entry) => {
    if (index === size - 1) last = entry;
    if (index === 0 && entry.t === 'start') before = entry.previous ?? null;
  };
  const shown = openShown(await reader.checkpoint(), { origin, logKeys }, (finding) => findings.push(finding), place);
  if (shown && (shown.size !== size || !isEqual(shown.root, quote.root))) {
    const message = `entry 0 quotes ${size} entries of ${origin}, and that log shows ${shown.size}${shown.size === size ? ' with another root' : ''}`;
    findings.push({ code: 'previous-differs', place: 'entry 0', index: 0, message });
  }
  const read = async (): Promise<Report | string> => {
    try {
      return await checkLog(reader, { origin, logKeys }, { now, quoted: quote, onEntry });
    } catch (error) {
      if (error instanceof ReadFailure) return error.message;
      throw error;
    }
  };
  // Of another size, its partial tiles are others too: it cannot be read as the log that is quoted.
  const log = shown !== null && shown.size !== size ? null : await read();
  const isRead = log !== null && typeof log !== 'string';
  if (isRead) findings.push(...log.findings.map((finding) => ({ ...finding, place: `${finding.place} of ${origin}` })));
  return {
    ...{ quote, isSigned: logKeys.length > 0, last, before, findings },
    ...{ log: isRead ? log : null, unreadable: typeof log === 'string' ? log : null },
  };
}

interface Fit {
  readonly findings: readonly Finding[];
  /** What stood and was lost, where the later log begins by saying that it was restored. */
  readonly lost: readonly string[];
}

/** How the two fit together. @param opening of the later log */
export function compareWithPrevious({ quote, log, last }: PreviousReport, origin: string, opening: Opening): Fit {
  if (log === null) return { findings: [], lost: [] };
  const findings: Finding[] = [];
  const place = `entry ${quote.size - 1} of ${quote.origin}`;
  const found = (message: string) => findings.push({ code: 'previous-differs', place, index: quote.size - 1, message });
  if (last?.t !== 'close') found(`${place} does not close that log`);
  else if (last.next !== origin) found(`${place} names ${last.next} as the log that follows, and not this one`);
  else if (last.key !== opening.firstKey)
    found(`${place} names another first key of this log than its entries introduce`);
  const missing = log.isComplete ? notStatedAgain(log.standing, opening) : [];
  if (opening.isRestored) return { findings, lost: missing };
  return { findings: [...findings, ...missing.map(notStated)], lost: [] };
}

function notStated(what: string): Finding {
  const message = `at the end of the log before stood: ${what}; the opening entries of this log do not say so`;
  return { code: 'not-stated-again', place: 'the opening entries', index: 0, message };
}

function openShown(note: Buffer, trust: Trust, report: (finding: Finding) => void, place: string): Checkpoint | null {
  try {
    return trust.logKeys.length > 0 ? openCheckpoint(note, trust) : peekCheckpoint(note);
  } catch (error) {
    report(toFinding(error, place));
    return null;
  }
}
