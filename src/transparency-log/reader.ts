/**
 * How a verifier gets at a log: three kinds of resources (c2sp.org/tlog-tiles), wherever they are. A reader promises nothing about
 * what it returns but its length.
 */
import { cutBundle } from './entry-bundle.js';
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
}

/** The log cannot be read: not a finding about it, but a reason why nothing can be said. */
export class ReadFailure extends Error {
  override readonly name = 'ReadFailure';
}

/** Gives the bytes of a resource, or null when there is none. Throws `ReadFailure` when it cannot tell. */
export type ReadResource = (path: string, bytesMax: number) => Promise<Buffer | null>;

/** A reader over named resources. A partial tile that is gone is cut from the full one, as the specification allows. */
export function readerOver(read: ReadResource): LogReader {
  const requireResource = async (path: string, bytesMax: number): Promise<Buffer> => {
    const content = await read(path, bytesMax);
    if (!content) throw new ReadFailure(`there is no ${path}`);
    return content;
  };
  return {
    checkpoint: () => requireResource('checkpoint', 1_000_000),
    async tile(level, n, width) {
      const path = tilePath({ level, n, width });
      const partial = await read(path, width * hashBytes);
      if (partial && partial.length === width * hashBytes) return partial;
      if (partial || width === tileWidth) throw new ReadFailure(`${path} is missing or has not ${width} hashes`);
      const full = await requireResource(tilePath({ level, n, width: tileWidth }), tileWidth * hashBytes);
      if (full.length !== tileWidth * hashBytes) throw new ReadFailure(`the full tile of ${path} has not 256 hashes`);
      return full.subarray(0, width * hashBytes);
    },
    async entries(n, width) {
      const partial = await read(bundlePath({ n, width }), bundleBytesMax);
      if (partial) return partial;
      const full = await requireResource(bundlePath({ n, width: tileWidth }), bundleBytesMax);
      return cutBundle(full, width);
    },
  };
}
