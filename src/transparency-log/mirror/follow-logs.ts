/**
 * A mirror goes from one log of a city to the next: the last entry of a log names the next one and its first key, and stands under the checkpoint that
 * the mirror has just verified; and the first entry of that one has to quote what was copied. So whoever pins one year's key has the years after it
 * copied too, each into a directory of its own.
 */
import { join } from 'node:path';
import { isEqual } from '../../kernel/bytes.js';
import { toBase64 } from '../base64.js';
import { peekCheckpoint, type Trust } from '../checkpoint.js';
import { nameOfLog } from '../city-logs.js';
import { closeIn } from '../ends-of-log.js';
import { type Finding, VerificationError } from '../finding.js';
import { parseVerifierKey } from '../note-key.js';
import type { LogReader } from '../reader.js';
import { type Quote, quoteOf } from '../turn/check-previous.js';
import { MirrorDirectory } from './mirror-directory.js';
import { type MirrorOutcome, updateMirror } from './update-mirror.js';

/** Finds the log of an origin, or throws `ReadFailure`. */
type FindLog = (origin: string) => Promise<LogReader>;

export type LogsOutcome = MirrorOutcome & { readonly origin: string };

export class FollowedLogs {
  constructor(
    private readonly path: string,
    private readonly pinned: Trust,
    private readonly find: FindLog,
  ) {}

  /**
   * One round: of the log that is pinned, and of those that follow it; closed ones too, so that one that goes on is found. The outcome of each, the last one
   * may be at fault.
   */
  async *update(onProgress: (entries: number, size: number) => void): AsyncGenerator<LogsOutcome> {
    let trust = trustOf(this.pinned, this.pinned.origin, []);
    let before: Quote | null = null;
    for (;;) {
      const { origin } = trust;
      const directory = await MirrorDirectory.open(join(this.path, nameOfLog(origin)));
      const outcome = await updateMirror(await this.find(origin), directory, trust, onProgress);
      if (!outcome.ok) return yield { ...outcome, origin };
      const { size } = outcome;
      const finding = size > 0 && before ? await wrongQuote(directory.reader, size, origin, before) : null;
      if (finding) return yield { ok: false, finding, origin };
      yield { ...outcome, origin };
      const close = await closeIn(directory.reader, size);
      if (close === null) return;
      before = { origin, size, root: peekCheckpoint((await directory.checkpoint())!).root };
      trust = trustOf(this.pinned, close.next, [close.key]);
    }
  }
}

/** The keys pinned for this log, and those that the log before vouches for. */
function trustOf(pinned: Trust, origin: string, vouched: readonly string[]): Trust {
  const isFirst = origin === pinned.origin;
  // A key given by hand may have another name than the log it signs: then it is meant for the first.
  const own = pinned.logKeys.filter(({ name }) => name === origin);
  const known = isFirst && own.length === 0 ? pinned.logKeys : own;
  const ids = new Set(known.map(({ keyId }) => keyId));
  const added = vouched.map(parseVerifierKey).filter(({ keyId }) => !ids.has(keyId));
  return { ...pinned, origin, logKeys: [...known, ...added] };
}

/** What is wrong with the first entry of a copy that should quote the log before it. */
async function wrongQuote(copy: LogReader, size: number, origin: string, before: Quote): Promise<Finding | null> {
  const quote = await quoteOf(copy, size);
  if (quote?.origin === before.origin && quote.size === before.size && isEqual(quote.root, before.root)) return null;
  const quoted = quote
    ? `${quote.size} entries of ${quote.origin} with the root ${toBase64(quote.root)}`
    : 'no log before it';
  const copied = `the ${before.size} entries copied of ${before.origin} have the root ${toBase64(before.root)}`;
  const { message } = new VerificationError('previous-differs', `it quotes ${quoted}, and ${copied}`);
  return { code: 'previous-differs', place: `entry 0 of ${origin}`, index: 0, message };
}
