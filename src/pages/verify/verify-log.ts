/**
 * Verifies a whole log from what it publishes: the checkpoint's signature, every entry, the root recomputed from them, the published
 * hash tiles, and that nothing changed since the last time. It believes only the verifier key it is handed.
 */
import { concat, fromBase64, isEqual, toBase64, type Bytes } from './bytes.js';
import { openCheckpoint, parseVerifierKey, type Checkpoint } from './checkpoint.js';
import { leafHash, rootAt, tileLevels } from './merkle.js';
import { entriesOf, hashesOf, tilePath, tilesFor, type Tile } from './tiles.js';

/** Fetches parts of the log; a part that is not there is null, a failing connection throws. */
export interface LogReader {
  checkpoint(): Promise<Bytes | null>;
  tile(level: number, path: string): Promise<Bytes | null>;
  entries(path: string): Promise<Bytes | null>;
}

export const steps = ['checkpoint', 'entries', 'root', 'tiles', 'history'] as const;
export type Step = (typeof steps)[number];

export type Failure =
  | 'bad-key'
  | 'unreachable'
  | 'bad-checkpoint'
  | 'bad-signature'
  | 'too-large'
  | 'entries-missing'
  | 'entries-malformed'
  | 'root-differs'
  | 'tile-differs'
  | 'shrunk'
  | 'rewritten';

/** A checkpoint verified earlier. */
export interface Remembered {
  readonly size: number;
  /** base64 */
  readonly root: string;
}

export type Verdict =
  | {
      readonly isGood: true;
      readonly origin: string;
      readonly size: number;
      readonly root: string;
      /** Entries by kind. */
      readonly kinds: Readonly<Record<string, number>>;
    }
  | {
      readonly isGood: false;
      readonly step: Step;
      readonly failure: Failure;
      /** Index of a tile. */ readonly place: number | null;
    };

/** Beyond this many entries a browser is the wrong tool; the command has no such bound. */
export const largestSize = 1_000_000;

type Report = (step: Step, done: number, total: number) => void;

class Broken extends Error {
  constructor(
    readonly step: Step,
    readonly failure: Failure,
    readonly place: number | null = null,
  ) {
    super(failure);
  }
}

export async function verifyLog(
  reader: LogReader,
  verifierKey: string,
  remembered: Remembered | null,
  report: Report,
): Promise<Verdict> {
  try {
    const checkpoint = await readCheckpoint(reader, verifierKey);
    report('checkpoint', 1, 1);
    const { leaves, kinds } = await readEntries(reader, checkpoint.size, report);
    const levels = await tileLevels(leaves);
    const root = await rootAt(levels, checkpoint.size);
    if (!isEqual(root, checkpoint.root)) throw new Broken('root', 'root-differs');
    report('root', 1, 1);
    await compareTiles(reader, levels, report);
    await compareHistory(levels, checkpoint, remembered);
    report('history', 1, 1);
    return { isGood: true, origin: checkpoint.origin, size: checkpoint.size, root: toBase64(root), kinds };
  } catch (error) {
    if (error instanceof Broken) {
      return { isGood: false, step: error.step, failure: error.failure, place: error.place };
    }
    throw error;
  }
}

async function readCheckpoint(reader: LogReader, verifierKey: string): Promise<Checkpoint> {
  const key = await parseVerifierKey(verifierKey);
  if (!key) throw new Broken('checkpoint', 'bad-key');
  const note = await attempt('checkpoint', reader.checkpoint());
  if (!note) throw new Broken('checkpoint', 'bad-checkpoint');
  const checkpoint = await openCheckpoint(note, key);
  if (typeof checkpoint === 'string') throw new Broken('checkpoint', checkpoint);
  if (checkpoint.size > largestSize) throw new Broken('checkpoint', 'too-large');
  return checkpoint;
}

const inFlight = 4;

/** Fetches bundles a few at a time, in order. */
async function readEntries(reader: LogReader, size: number, report: Report) {
  const leaves: Bytes[] = [];
  const kinds: Record<string, number> = {};
  const bundles = tilesFor(size);
  for (let from = 0; from < bundles.length; from += inFlight) {
    const read = bundles.slice(from, from + inFlight).map((bundle) => readBundle(reader, bundle));
    for (const entries of await attempt('entries', Promise.all(read))) {
      leaves.push(...(await Promise.all(entries.map(leafHash))));
      for (const entry of entries) {
        const kind = kindOf(entry);
        if (kind === null) throw new Broken('entries', 'entries-malformed', leaves.length - entries.length);
        kinds[kind] = (kinds[kind] ?? 0) + 1;
      }
    }
    report('entries', leaves.length, size);
  }
  return { leaves, kinds };
}

async function readBundle(reader: LogReader, bundle: Tile): Promise<readonly Bytes[]> {
  const bytes = (await reader.entries(tilePath(bundle))) ?? (await reader.entries(tilePath({ ...bundle, width: 256 })));
  if (!bytes) throw new Broken('entries', 'entries-missing', bundle.index);
  const entries = entriesOf(bytes)?.slice(0, bundle.width);
  if (entries?.length !== bundle.width) throw new Broken('entries', 'entries-malformed', bundle.index);
  return entries;
}

/** The kind an entry states, or null when it is not one line of JSON of version 1. */
function kindOf(entry: Bytes): string | null {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(entry));
    const { v, t } = value as { v?: unknown; t?: unknown };
    return v === 1 && typeof t === 'string' && /^[a-z]{1,20}$/.test(t) ? t : null;
  } catch {
    return null;
  }
}

/** The tiles that others rely on for proofs must be those that follow from the entries. */
async function compareTiles(reader: LogReader, levels: readonly (readonly Bytes[])[], report: Report): Promise<void> {
  const tiles = levels.flatMap((hashes, level) => tilesFor(hashes.length).map((tile) => ({ hashes, level, tile })));
  let done = 0;
  for (const { hashes, level, tile } of tiles) {
    const published = await attempt('tiles', readTile(reader, level, tile));
    const expected = hashes.slice(tile.index * 256, tile.index * 256 + tile.width);
    if (published?.length !== tile.width || !isEqual(concat(...published), concat(...expected)))
      throw new Broken('tiles', 'tile-differs', tile.index);
    done += 1;
    report('tiles', done, tiles.length);
  }
}

async function readTile(reader: LogReader, level: number, tile: Tile): Promise<readonly Bytes[] | null> {
  const bytes =
    (await reader.tile(level, tilePath(tile))) ?? (await reader.tile(level, tilePath({ ...tile, width: 256 })));
  return bytes ? (hashesOf(bytes)?.slice(0, tile.width) ?? null) : null;
}

async function compareHistory(
  levels: readonly (readonly Bytes[])[],
  checkpoint: Checkpoint,
  remembered: Remembered | null,
): Promise<void> {
  if (!remembered) return;
  if (remembered.size > checkpoint.size) throw new Broken('history', 'shrunk');
  const before = fromBase64(remembered.root);
  if (!before || !isEqual(before, await rootAt(levels, remembered.size))) throw new Broken('history', 'rewritten');
}

async function attempt<Thing>(step: Step, work: Promise<Thing>): Promise<Thing> {
  try {
    return await work;
  } catch (error) {
    throw error instanceof Broken ? error : new Broken(step, 'unreachable');
  }
}
