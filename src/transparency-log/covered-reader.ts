/**
 * A log read against a checkpoint that covers what is asked for. What is not there, or ends too early, is asked for again; what still is not there is a
 * finding: a checkpoint is the log's word that it has these entries. No answer, no permission and no checkpoint prove nothing, and stay failures to read.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { type Checkpoint, peekCheckpoint } from './checkpoint.js';
import { type Finding, toFinding, VerificationError } from './finding.js';
import { missingEntries, missingTile } from './missing.js';
import { endOfEntries, endOfHashes, type LogReader, NotThere, ReadFailure } from './reader.js';
import { widthOf } from './tile-path.js';

type Covering = Pick<Checkpoint, 'origin' | 'size'>;

/** A tile or, on the level `entries`, a bundle: its first `width` hashes or entries. */
interface Part {
  readonly level: number | 'entries';
  readonly n: number;
  readonly width: number;
}

/** How long to wait before something is asked for once more; twice as long each time. */
const firstPauseMs = 250;

/**
 * @param covering a checkpoint that this reader has just given: ask for nothing beyond it.
 * What the reader gives is as long as was asked for. Throws `VerificationError` `entries-missing` or `tile-missing`, with the place, for what is not there.
 */
export function coveredReader(reader: LogReader, covering: Covering): LogReader {
  const read = new CoveredRead(reader, covering);
  return {
    readsAtOnce: reader.readsAtOnce ?? 1,
    checkpoint: () => reader.checkpoint(),
    tile: (level, n, width) => read.part({ level, n, width }),
    entries: (n, width) => read.part({ level: 'entries', n, width }),
  };
}

/** The finding that something is not there, where that is what a read of a covered reader ends with. */
export async function orMissing<Read>(read: Promise<Read>): Promise<Read | Finding> {
  try {
    return await read;
  } catch (error) {
    if (error instanceof VerificationError && isMissing(error)) return toFinding(error, '');
    throw error;
  }
}

/** Whether something is not there, as opposed to not being what it should be. */
export function isMissing({ code }: Pick<Finding, 'code'>): boolean {
  return code === 'entries-missing' || code === 'tile-missing';
}

class CoveredRead {
  /** When to have patience no more. One for all: what this checkpoint covers has had this long to arrive, whichever part of it is asked for. */
  private patienceEndsMs: number | null = null;

  constructor(
    private readonly reader: LogReader,
    private readonly covering: Covering,
  ) {}

  async part(part: Part): Promise<Buffer> {
    const first = await ask(this.reader, part);
    if (!(first instanceof NotThere)) return first;
    this.patienceEndsMs ??= performance.now() + (this.reader.patienceMs ?? 0);
    for (let pauseMs = firstPauseMs; ; pauseMs *= 2) {
      const isLast = performance.now() >= this.patienceEndsMs;
      // The first time at once: a partial tile may just have given way to the full one.
      const answer = await this.askAgain(part);
      if (!(answer instanceof NotThere)) return answer;
      if (isLast) throw await this.missing(part, answer);
      await pause(Math.min(pauseMs, Math.max(1, this.patienceEndsMs - performance.now())));
    }
  }

  /** By the checkpoint as it is now: of a log that has grown the part may be there wider only. */
  private async askAgain(part: Part): Promise<Buffer | NotThere> {
    const size = await this.sizeNow();
    const answer = await ask(this.reader, part);
    const width = widthOf(part.level === 'entries' ? 0 : part.level, part.n, size);
    if (!(answer instanceof NotThere) || width <= part.width) return answer;
    const wider = await ask(this.reader, { ...part, width });
    return wider instanceof NotThere ? answer : wider.subarray(0, endOf(wider, part)!);
  }

  /** Only where the log still shows a checkpoint does its silence about the rest mean anything. */
  private async sizeNow(): Promise<number> {
    try {
      const { origin, size } = peekCheckpoint(await this.reader.checkpoint());
      if (origin === this.covering.origin) return size;
    } catch (error) {
      if (!(error instanceof VerificationError)) throw error;
    }
    throw new ReadFailure(`the checkpoint is not that of ${this.covering.origin} any more`);
  }

  private async missing(part: Part, { found }: NotThere): Promise<VerificationError> {
    const { level, n, width } = part;
    const hashes = level === 'entries' && found ? await ask(this.reader, { level: 0, n, width }).catch(nothing) : null;
    const whole = hashes instanceof NotThere ? null : hashes;
    return level === 'entries'
      ? missingEntries({ n, width, found, hashes: whole }, this.covering.size)
      : missingTile({ level, n, width, found }, this.covering.size);
  }
}

/** The hashes only help to name the place. */
function nothing(error: unknown): null {
  if (error instanceof ReadFailure) return null;
  throw error;
}

async function ask(reader: LogReader, part: Part): Promise<Buffer | NotThere> {
  const { level, n, width } = part;
  try {
    const content = await (level === 'entries' ? reader.entries(n, width) : reader.tile(level, n, width));
    return endOf(content, part) === null ? new NotThere('it is cut short', content) : content;
  } catch (error) {
    if (error instanceof NotThere) return error;
    throw error;
  }
}

function endOf(content: Buffer, { level, width }: Part): number | null {
  return level === 'entries' ? endOfEntries(content, width) : endOfHashes(content, width);
}
