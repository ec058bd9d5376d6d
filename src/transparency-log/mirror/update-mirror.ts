/**
 * One round of a mirror: takes what a log has grown by, after proving that it is a continuation of what was taken before. Every bundle is proved
 * against the signed root before it is kept, and what a killed round left is proved again like anything else, so a round may end anywhere
 * and the next one goes on from there. Memory does not grow with the log.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { leafHash } from '../merkle.js';
import { verifyInclusion } from '../merkle-proof.js';
import { type OpenCheckpoint, openCheckpoint, type Trust } from '../checkpoint.js';
import { compareCheckpoints } from '../consistency.js';
import { coveredReader, isMissing, orMissing } from '../covered-reader.js';
import { decodeBundle } from '../entry-bundle.js';
import { type Finding, toFinding, VerificationError } from '../finding.js';
import { isEqual } from '../../kernel/bytes.js';
import { readAhead } from '../read-ahead.js';
import { type LogReader, ReadFailure } from '../reader.js';
import { RightEdge } from '../right-edge.js';
import { bundlePath, hashesAt, tileLevels, tilePath, tileWidth } from '../tile-path.js';
import { proveInclusion, type ReadTile } from '../tiles.js';
import { blameBundle } from './blame.js';
import { closeIn, closeOf } from '../ends-of-log.js';
import { rememberTiles } from './remember-tiles.js';
import type { MirrorDirectory } from './mirror-directory.js';

export type MirrorOutcome =
  | { readonly ok: true; readonly size: number; readonly taken: number }
  | { readonly ok: false; readonly finding: Finding; readonly evidence?: readonly string[] };

/** A cache or another node may show a checkpoint that is only old: how long to wait before it is asked for again, each time. */
const olderAgainMs = [250, 750, 2000];

/**
 * @param onProgress is told how many entries are proved and kept, and of how many.
 * @param againMs when to ask again for a checkpoint smaller than the kept one; one that stays so is `rolled-back`.
 */
export async function updateMirror(
  source: LogReader,
  directory: MirrorDirectory,
  trust: Trust,
  onProgress: (entries: number, size: number) => void = () => undefined,
  againMs: readonly number[] = olderAgainMs,
): Promise<MirrorOutcome> {
  const keptNote = await directory.checkpoint();
  // What was kept was held against the quorum when it was taken; now the log's signature is enough.
  const { origin, logKeys } = trust;
  const kept = keptNote && open(keptNote, { origin, logKeys }, `the copy in ${directory.path}`);
  if (kept && 'code' in kept) return { ok: false, finding: kept };
  let [note, shown] = await show(source, trust);
  if ('code' in shown) return { ok: false, finding: shown };
  let log = against(shown, source);
  const keep = (finding: Finding) => directory.keepEvidence(isMissing(finding) ? null : keptNote, note);
  for (let asked = 0; kept && keptNote; asked += 1) {
    const finding = await compare(kept, shown, directory, log.tile);
    if (!finding) break;
    if (finding.code !== 'rolled-back' || asked >= againMs.length) {
      return { ok: false, finding, evidence: await keep(finding) };
    }
    await pause(againMs[asked]);
    [note, shown] = await show(source, trust);
    if ('code' in shown) return { ok: false, finding: shown };
    log = against(shown, source);
  }
  const size = kept?.size ?? 0;
  if (shown.size > size) {
    const finding = await faultOf(take(new Round(log, directory, shown, onProgress), kept));
    if (finding) {
      // The log's own signature is proof: of what it does not show, or, together with the one before, of an end and of more.
      const isProof = isMissing(finding) || (keptNote !== null && finding.code === 'entry-after-close');
      return { ok: false, finding, ...(isProof ? { evidence: await keep(finding) } : {}) };
    }
  }
  if (!keptNote || !isEqual(keptNote, note)) {
    await directory.settle();
    await directory.write('checkpoint', note);
    await directory.settle();
    if (kept) await removeOutgrown(directory, kept.size, shown.size);
  }
  return { ok: true, size: shown.size, taken: shown.size - size };
}

interface Part {
  readonly n: number;
  readonly bundle: Buffer;
  readonly entries: readonly Buffer[];
}

class Blamed extends Error {
  constructor(readonly finding: Finding) {
    super(finding.message);
  }
}

/** What is wrong with what was to be taken; null when it was taken. */
async function faultOf(work: Promise<void>): Promise<Finding | null> {
  try {
    return (await orMissing(work)) ?? null;
  } catch (error) {
    if (error instanceof Blamed) return error.finding;
    throw error;
  }
}

function open(note: Buffer, trust: Trust, place: string): OpenCheckpoint | Finding {
  try {
    return openCheckpoint(note, trust);
  } catch (error) {
    return toFinding(error, place);
  }
}

async function show(source: LogReader, trust: Trust): Promise<[Buffer, OpenCheckpoint | Finding]> {
  const note = await source.checkpoint();
  return [note, open(note, trust, 'checkpoint')];
}

/** The log as this checkpoint covers it, each tile asked for once while it is in use. */
function against(shown: OpenCheckpoint, source: LogReader): LogReader {
  const covered = coveredReader(source, shown);
  return { ...covered, tile: rememberTiles(covered.tile) };
}

/** A shorter log is held against our own tiles: whether it is only old, or another. */
async function compare(
  kept: OpenCheckpoint,
  shown: OpenCheckpoint,
  directory: MirrorDirectory,
  readTile: ReadTile,
): Promise<Finding | null> {
  if (shown.size >= kept.size) return compareCheckpoints(kept, shown, readTile);
  const other = await compareCheckpoints(shown, kept, (level, n, width) => directory.reader.tile(level, n, width));
  return other?.code === 'forked' ? other : compareCheckpoints(kept, shown, readTile);
}

/** What one round works with. */
class Round {
  constructor(
    readonly source: LogReader,
    readonly directory: MirrorDirectory,
    readonly shown: OpenCheckpoint,
    readonly onProgress: (entries: number, size: number) => void,
  ) {}

  widthOf(n: number): number {
    return Math.min(tileWidth, this.shown.size - n * tileWidth);
  }

  /** Null when these are the entries that the signed root stands for; otherwise what is wrong. */
  async prove(n: number, bundle: Buffer): Promise<Part | Finding> {
    let entries: Buffer[];
    try {
      entries = decodeBundle(bundle, this.widthOf(n));
    } catch (error) {
      return toFinding(error, bundlePath({ n, width: this.widthOf(n) }));
    }
    const hashes = entries.map(leafHash);
    const own = Buffer.concat(hashes);
    // The proof of the first entry contains every other hash of its tile: with our own hashes in it, it is a proof of all of them.
    const read: ReadTile = (level, number, width) =>
      level === 0 && number === n ? Promise.resolve(own) : this.source.tile(level, number, width);
    const { size, root } = this.shown;
    const proof = await proveInclusion(n * tileWidth, size, read);
    if (verifyInclusion(hashes[0]!, n * tileWidth, size, proof, root)) return { n, bundle, entries };
    return blameBundle(n, hashes, size, this.source);
  }
}

async function take(round: Round, kept: OpenCheckpoint | null): Promise<void> {
  const { directory, shown } = round;
  const edge = await loadEdge(directory, kept);
  const first = Math.floor(edge.size / tileWidth);
  const count = Math.ceil(shown.size / tileWidth) - first;
  // The last entry that was kept stands in the first bundle taken now, or it fills the one before.
  let isClosed = edge.size % tileWidth === 0 && (await closeIn(directory.reader, edge.size)) !== null;
  const { readsAtOnce = 1 } = round.source;
  for await (const { n, bundle, entries } of readAhead(count, readsAtOnce, (step) => takeBundle(round, first + step))) {
    const width = entries.length;
    const ours = edge.size - n * tileWidth;
    for (const [place, entry] of entries.entries()) {
      if (place < ours - 1) continue;
      if (isClosed) throw afterClose(n * tileWidth + place);
      isClosed = closeOf(entry) !== null;
    }
    await directory.write(bundlePath({ n, width }), bundle);
    for (const entry of entries.slice(ours)) {
      for (const tile of edge.append(leafHash(entry))) {
        await directory.write(tilePath({ ...tile, width: tileWidth }), tile.hashes);
      }
    }
    round.onProgress(edge.size, shown.size);
  }
  for (const tile of edge.partialTiles()) await directory.write(tilePath(tile), edge.partialHashes(tile.level));
  if (!isEqual(edge.root(), shown.root)) throw damaged(directory);
}

/** From the copy, when a killed round had got that far; otherwise, or when that is not what it should be, from the log. */
async function takeBundle(round: Round, n: number): Promise<Part> {
  const width = round.widthOf(n);
  const left = await round.directory.reader.entries(n, width).catch((error: unknown) => {
    if (error instanceof ReadFailure || error instanceof VerificationError) return null;
    throw error;
  });
  if (left) {
    const part = await round.prove(n, left);
    if ('entries' in part) return part;
  }
  const part = await round.prove(n, await round.source.entries(n, width));
  if ('entries' in part) return part;
  throw new Blamed(part);
}

async function loadEdge(directory: MirrorDirectory, kept: OpenCheckpoint | null): Promise<RightEdge> {
  if (!kept) return RightEdge.empty();
  const edge = await RightEdge.load(kept.size, (level, n, width) => directory.reader.tile(level, n, width));
  if (!isEqual(edge.root(), kept.root)) throw damaged(directory);
  return edge;
}

function afterClose(index: number): Blamed {
  const { message } = new VerificationError('entry-after-close', `entry ${index - 1} had closed the log`);
  return new Blamed({ code: 'entry-after-close', place: `entry ${index}`, index, message });
}

function damaged({ path }: MirrorDirectory): Blamed {
  const message = `the copy in ${path} is not what was written there: its tiles do not give the root of its checkpoint`;
  return new Blamed({ code: 'root-differs', place: path, message });
}

/** Partial tiles and bundles of the size before, which nobody asks for any more. */
async function removeOutgrown(directory: MirrorDirectory, before: number, size: number): Promise<void> {
  for (let level = 0; level < tileLevels; level += 1) {
    const n = Math.floor(hashesAt(level, before) / tileWidth);
    if (hashesAt(level, before) % tileWidth === 0) continue;
    const isStill = Math.floor(hashesAt(level, size) / tileWidth) === n;
    const width = isStill ? hashesAt(level, size) % tileWidth : undefined;
    await directory.removePartial(tilePath({ level, n, width: tileWidth }), width);
    if (level === 0) await directory.removePartial(bundlePath({ n, width: tileWidth }), width);
  }
}
