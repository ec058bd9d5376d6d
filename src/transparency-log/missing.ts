/** Says which entries or hashes are not there, in the words of a finding: from which entry to which, and in which file. */
import { decodeBundle, endsOfEntries } from './entry-bundle.js';
import { VerificationError } from './finding.js';
import { hashBytes, leafHash } from './merkle.js';
import { bundlePath, tilePath, tileWidth } from './tile-path.js';

interface MissingEntries {
  readonly n: number;
  /** How many entries the bundle should have. */
  readonly width: number;
  /** What there is of it. */
  readonly found: Buffer | null;
  /** The hashes of its entries, unverified, where they are at hand: from them it is seen which ones are left out. */
  readonly hashes: Buffer | null;
}

interface MissingTile {
  readonly level: number;
  readonly n: number;
  readonly width: number;
  readonly found: Buffer | null;
}

/** @param size entries that the checkpoint covers */
export function missingEntries(missing: MissingEntries, size: number): VerificationError {
  const { from, to, why } = gapIn(missing);
  const first = missing.n * tileWidth;
  const place = rangeOf(first + from, first + to);
  const detail = `${place} of ${size}; ${why}, also when asked again`;
  return new VerificationError('entries-missing', detail, { place, index: first + from });
}

/** @param size entries that the checkpoint covers */
export function missingTile({ level, n, width, found }: MissingTile, size: number): VerificationError {
  const place = tilePath({ level, n, width });
  const span = tileWidth ** level;
  const first = n * tileWidth * span;
  const hashes = Math.floor((found?.length ?? 0) / hashBytes);
  const what = found ? `${place} has ${hashes} of its ${width} hashes` : `there is no ${place}`;
  const proves = `it proves ${rangeOf(first, first + width * span - 1)} of ${size}`;
  const detail = `${what}, also when asked again; ${proves}`;
  return new VerificationError('tile-missing', detail, { place, index: first + hashes * span });
}

function rangeOf(first: number, last: number): string {
  return first === last ? `entry ${first}` : `entries ${first} to ${last}`;
}

/** Places in the bundle, the first and the last. */
interface Gap {
  readonly from: number;
  readonly to: number;
  readonly why: string;
}

function gapIn({ n, width, found, hashes }: MissingEntries): Gap {
  const path = bundlePath({ n, width });
  const whole = { from: 0, to: width - 1 };
  if (!found) return { ...whole, why: `there is no ${path}` };
  const ends = endsOfEntries(found, width);
  const end = ends.at(-1) ?? 0;
  if (end === 0) return { ...whole, why: `${path} has none of them` };
  const own = decodeBundle(found.subarray(0, end), ends.length).map(leafHash);
  const agrees = (place: number, at: number) =>
    hashes !== null && own[place]!.compare(hashes, at * hashBytes, (at + 1) * hashBytes) === 0;
  const differs = own.findIndex((_, place) => !agrees(place, place));
  if (differs < 0) {
    const next = `entry ${n * tileWidth + own.length}`;
    const why = found.length > end ? `${path} ends in the middle of ${next}` : `${path} ends before ${next}`;
    return { from: own.length, to: width - 1, why };
  }
  const lost = width - own.length;
  const isLeftOut = own.slice(differs).every((_, after) => agrees(differs + after, differs + after + lost));
  if (isLeftOut)
    return { from: differs, to: differs + lost - 1, why: `${path} leaves ${lost === 1 ? 'it' : 'them'} out` };
  return { ...whole, why: `${path} has ${own.length} of these ${width}` };
}
