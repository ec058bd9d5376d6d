/**
 * Verifies a whole log from what it publishes: the checkpoint's signature, every entry, the root recomputed from them, the published
 * hash tiles, and that nothing changed since the last time. It believes only the verifier key it is handed.
 */
import { concat, fromBase64, isEqual, toBase64, type Bytes } from './bytes.js';
import { openCheckpoint, parseVerifierKey, type Checkpoint, type VerifierKey } from './checkpoint.js';
import { CoveredLog, Missing, placeOf, type LogReader, type Place } from './covered.js';
import { leafHash, rootAt, tileLevels } from './merkle.js';
import { tilesFor, type Tile } from './tiles.js';

export const steps = ['checkpoint', 'entries', 'root', 'tiles', 'history'] as const;
export type Step = (typeof steps)[number];

export type Failure =
  | 'bad-key'
  | 'unreachable'
  | 'no-checkpoint'
  | 'bad-checkpoint'
  | 'bad-signature'
  | 'too-large'
  | 'entries-missing'
  | 'entries-malformed'
  | 'tile-missing'
  | 'root-differs'
  | 'tile-differs'
  | 'shrunk'
  | 'rewritten';

/** What says nothing against the log: it could not be verified, and nobody is accused. */
export const provesNothing: ReadonlySet<Failure> = new Set(['bad-key', 'unreachable', 'no-checkpoint', 'too-large']);

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
      readonly place: Place | null;
    };

/** Beyond this many entries a browser is the wrong tool; the command has no such bound. */
export const largestSize = 1_000_000;

type Report = (step: Step, done: number, total: number) => void;

class Broken extends Error {
  constructor(
    readonly step: Step,
    readonly failure: Failure,
    readonly place: Place | null = null,
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
    const key = await parseVerifierKey(verifierKey);
    if (!key) throw new Broken('checkpoint', 'bad-key');
    const checkpoint = await readCheckpoint(reader, key);
    report('checkpoint', 1, 1);
    const log = new CoveredLog(reader, () => sizeNow(reader, key));
    const { leaves, kinds } = await readEntries(log, checkpoint.size, report);
    const levels = await tileLevels(leaves);
    const root = await rootAt(levels, checkpoint.size);
    if (!isEqual(root, checkpoint.root)) throw new Broken('root', 'root-differs');
    report('root', 1, 1);
    await compareTiles(log, levels, report);
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

async function readCheckpoint(reader: LogReader, key: VerifierKey): Promise<Checkpoint> {
  const note = await attempt('checkpoint', reader.checkpoint());
  if (!note) throw new Broken('checkpoint', 'no-checkpoint');
  const checkpoint = await openCheckpoint(note, key);
  if (typeof checkpoint === 'string') throw new Broken('checkpoint', checkpoint);
  if (checkpoint.size > largestSize) throw new Broken('checkpoint', 'too-large');
  return checkpoint;
}

/** Only while the log still shows a checkpoint does it mean anything that the rest is not there. */
async function sizeNow(reader: LogReader, key: VerifierKey): Promise<number> {
  const note = await reader.checkpoint();
  const checkpoint = note && (await openCheckpoint(note, key));
  if (!checkpoint || typeof checkpoint === 'string') throw new Error('the log is not at this address any more');
  return checkpoint.size;
}

const inFlight = 4;

/** Fetches bundles a few at a time, in order. */
async function readEntries(log: CoveredLog, size: number, report: Report) {
  const leaves: Bytes[] = [];
  const kinds: Record<string, number> = {};
  const bundles = tilesFor(size);
  for (let from = 0; from < bundles.length; from += inFlight) {
    const some = bundles.slice(from, from + inFlight);
    const read = await attempt('entries', Promise.all(some.map((bundle) => log.entries(bundle))));
    for (const [at, found] of read.entries()) {
      const entries = requireEntries(found, some[at]!);
      leaves.push(...(await Promise.all(entries.map(leafHash))));
      for (const entry of entries) {
        const kind = kindOf(entry);
        if (kind === null) throw new Broken('entries', 'entries-malformed', placeOf('entries', some[at]!));
        kinds[kind] = (kinds[kind] ?? 0) + 1;
      }
    }
    report('entries', leaves.length, size);
  }
  return { leaves, kinds };
}

function requireEntries(found: readonly Bytes[] | Missing | null, bundle: Tile): readonly Bytes[] {
  if (found instanceof Missing) throw new Broken('entries', 'entries-missing', found.place);
  if (!found) throw new Broken('entries', 'entries-malformed', placeOf('entries', bundle));
  return found;
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
async function compareTiles(log: CoveredLog, levels: readonly (readonly Bytes[])[], report: Report): Promise<void> {
  const tiles = levels.flatMap((hashes, level) => tilesFor(hashes.length).map((tile) => ({ hashes, level, tile })));
  let done = 0;
  for (const { hashes, level, tile } of tiles) {
    const published = await attempt('tiles', log.tile(level, tile));
    if (published instanceof Missing) throw new Broken('tiles', 'tile-missing', published.place);
    const expected = hashes.slice(tile.index * 256, tile.index * 256 + tile.width);
    if (!isEqual(concat(...published), concat(...expected)))
      throw new Broken('tiles', 'tile-differs', placeOf(level, tile));
    done += 1;
    report('tiles', done, tiles.length);
  }
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
