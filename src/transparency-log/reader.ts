/**
 * How a verifier gets at a log: three kinds of resources (c2sp.org/tlog-tiles), wherever they are. A reader promises nothing about
 * what it returns but the length of a tile.
 */
import { endsOfEntries } from './entry-bundle.js';
import { hashBytes } from './merkle.js';
import { bundlePath, tilePath, tileWidth } from './tile-path.js';

/** Largest bundle possible: 256 entries, each with a uint16 length. */
export const bundleBytesMax = tileWidth * (2 + 0xffff);

export interface LogReader {
  /** The signed checkpoint as served. */
  checkpoint(): Promise<Buffer>;
  /** The first `width` hashes of a tile: `width` × 32 bytes. */
  tile(level: number, n: number, width: number): Promise<Buffer>;
  /** The entry bundle `n` cut to its first `width` entries. */
  entries(n: number, width: number): Promise<Buffer>;
  /** For how long what is not there may still come: servers that share a log are not all equally far. None, unless said. */
  readonly patienceMs?: number;
  /** How many reads to have under way at once, for whoever reads one after the other: more than one where the way there takes long. One, unless said. */
  readonly readsAtOnce?: number;
}

/** The log cannot be read: not a finding about it, but a reason why nothing can be said. */
export class ReadFailure extends Error {
  override readonly name = 'ReadFailure';
}

/**
 * There was an answer, and it is that a resource is not there, or there is less of it than was asked for. That is no finding yet: whoever holds a checkpoint
 * that covers it has one (covered-reader.ts).
 */
export class NotThere extends ReadFailure {
  /** @param found what there is of it */
  constructor(
    message: string,
    readonly found: Buffer | null,
  ) {
    super(message);
  }
}

/** Gives the bytes of a resource, or null when there is none. Throws `ReadFailure` when it cannot tell. */
export type ReadResource = (path: string, bytesMax: number) => Promise<Buffer | null>;

/** Where the first `width` hashes of a tile end; null when it has fewer. */
export function endOfHashes(tile: Buffer, width: number): number | null {
  return tile.length < width * hashBytes ? null : width * hashBytes;
}

/** Where the first `width` entries of a bundle end; null when it has fewer whole ones. */
export function endOfEntries(bundle: Buffer, width: number): number | null {
  return endsOfEntries(bundle, width)[width - 1] ?? null;
}

/**
 * A reader over named resources. A partial tile or bundle that is gone, or too short, is cut from the full one: the specification lets a log take away the
 * partial ones once it has that.
 */
export function readerOver(
  read: ReadResource,
  distance: Pick<LogReader, 'patienceMs' | 'readsAtOnce'> = {},
): LogReader {
  const readFirst = async (
    width: number,
    pathOf: (width: number) => string,
    bytesMaxOf: (width: number) => number,
    endOf: (content: Buffer, width: number) => number | null,
  ): Promise<Buffer> => {
    const own = await read(pathOf(width), bytesMaxOf(width));
    if (own && endOf(own, width) !== null) return own;
    const full = width === tileWidth ? null : await read(pathOf(tileWidth), bytesMaxOf(tileWidth));
    const end = full && endOf(full, width);
    if (full && end !== null) return full.subarray(0, end);
    const found = own ?? full;
    throw new NotThere(found ? `${pathOf(width)} is cut short` : `there is no ${pathOf(width)}`, found);
  };
  return {
    ...distance,
    async checkpoint() {
      const note = await read('checkpoint', 1_000_000);
      if (!note) throw new ReadFailure('there is no checkpoint');
      return note;
    },
    tile: (level, n, width) =>
      readFirst(
        width,
        (wide) => tilePath({ level, n, width: wide }),
        (wide) => wide * hashBytes,
        endOfHashes,
      ),
    entries: (n, width) =>
      readFirst(
        width,
        (wide) => bundlePath({ n, width: wide }),
        () => bundleBytesMax,
        endOfEntries,
      ),
  };
}
