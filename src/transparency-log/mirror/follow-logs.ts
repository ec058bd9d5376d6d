/**
 * A mirror goes from one log of a city to the next: the last entry of a log names the next one and its first key, and stands under the checkpoint that
 * the mirror has just verified. So whoever pins one year's key has the years after it copied too, each into a directory of its own.
 */
import { join } from 'node:path';
import type { Trust } from '../checkpoint.js';
import { nameOfLog } from '../city-logs.js';
import type { EntryOf } from '../entry.js';
import { parseEntry } from '../entry.js';
import { decodeBundle } from '../entry-bundle.js';
import { parseVerifierKey } from '../note-key.js';
import type { LogReader } from '../reader.js';
import { tileWidth } from '../tile-path.js';
import { MirrorDirectory } from './mirror-directory.js';
import { type MirrorOutcome, updateMirror } from './update-mirror.js';

/** Finds the log of an origin, or throws `ReadFailure`. */
export type FindLog = (origin: string) => Promise<LogReader>;

export type LogsOutcome = MirrorOutcome & { readonly origin: string };

export class FollowedLogs {
  /** The log that was reached: the ones before are closed, and copied to their end. */
  private trust: Trust;

  constructor(
    private readonly path: string,
    private readonly pinned: Trust,
    private readonly find: FindLog,
  ) {
    this.trust = trustOf(pinned, pinned.origin, []);
  }

  /** One round: of the log that was reached, and of those that have followed it since. The outcome of each, the last one may be at fault. */
  async *update(onProgress: (entries: number, size: number) => void): AsyncGenerator<LogsOutcome> {
    for (;;) {
      const { origin } = this.trust;
      const directory = await MirrorDirectory.open(join(this.path, nameOfLog(origin)));
      const outcome = await updateMirror(await this.find(origin), directory, this.trust, onProgress);
      yield { ...outcome, origin };
      if (!outcome.ok) return;
      const close = await closeIn(directory.reader, outcome.size);
      if (close === null) return;
      this.trust = trustOf(this.pinned, close.next, [close.key]);
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

/** The entry that closes the log, if it is the last of the copy, every entry of which has been proved. */
async function closeIn(copy: LogReader, size: number): Promise<EntryOf<'close'> | null> {
  if (size === 0) return null;
  const n = Math.floor((size - 1) / tileWidth);
  const width = size - n * tileWidth;
  const last = parseEntry(decodeBundle(await copy.entries(n, width), width).at(-1)!);
  return last.t === 'close' ? last : null;
}
