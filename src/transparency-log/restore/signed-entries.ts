/** The entries of a log in tiles (the signer's own directory, or a mirror's), verified from the first one on against every checkpoint that was signed. */
import { isEqual } from '../../kernel/bytes.js';
import { type OpenCheckpoint, openCheckpoint, type Trust } from '../checkpoint.js';
import type { EntryOf } from '../entry.js';
import { closeIn } from '../ends-of-log.js';
import { decodeBundle } from '../entry-bundle.js';
import { VerificationError } from '../finding.js';
import { type LogReader, ReadFailure } from '../reader.js';
import { type CompletedTile, RightEdge } from '../right-edge.js';
import { leafHash } from '../merkle.js';
import { tileWidth } from '../tile-path.js';
import { RestoreRefused } from './restore-refused.js';

/** A stretch of entries, and the hash tiles it completed. */
export interface Stretch {
  readonly first: number;
  readonly lines: string[];
  readonly tiles: readonly CompletedTile[];
}

const otherTiles = 'take those of a mirror: azukari restore --from <directory>';

export class SignedEntries {
  private constructor(
    private readonly reader: LogReader,
    readonly checkpoint: OpenCheckpoint,
    /** The signed text of the checkpoint. */
    readonly note: string,
  ) {}

  /** Whether there are tiles at all. */
  static async areThere(reader: LogReader): Promise<boolean> {
    try {
      await reader.checkpoint();
      return true;
    } catch (error) {
      if (error instanceof ReadFailure) return false;
      throw error;
    }
  }

  /** @throws RestoreRefused where there are no tiles, or they end before `size`. */
  static async open(reader: LogReader, trust: Trust, size: number): Promise<SignedEntries> {
    try {
      const note = (await reader.checkpoint()).toString('utf8');
      const checkpoint = openCheckpoint(note, trust);
      if (checkpoint.size >= size) return new SignedEntries(reader, checkpoint, note);
      const sentence = `the tiles reach to ${checkpoint.size} entries, but ${size} were signed; ${otherTiles}`;
      throw new RestoreRefused('tiles-too-short', sentence);
    } catch (error) {
      if (error instanceof ReadFailure) throw new RestoreRefused('tiles-too-short', `${error.message}; ${otherTiles}`);
      if (error instanceof VerificationError)
        throw new RestoreRefused('tiles-differ', `${error.message}; ${otherTiles}`);
      throw error;
    }
  }

  /**
   * All entries, bundle by bundle. Once it has ended without throwing, they are those that every one of the checkpoints was signed for.
   * @throws RestoreRefused naming the place
   */
  async *read(signed: readonly OpenCheckpoint[]): AsyncGenerator<Stretch> {
    const milestones = [...signed, this.checkpoint].sort((a, b) => a.size - b.size);
    const edge = RightEdge.empty();
    const compare = () => {
      while (milestones[0]?.size === edge.size) {
        if (isEqual(edge.root(), milestones.shift()!.root)) continue;
        const sentence = `the entries below ${edge.size} in the tiles are not those that were signed; ${otherTiles}`;
        throw new RestoreRefused('tiles-differ', sentence);
      }
    };
    const { size } = this.checkpoint;
    compare();
    for (let n = 0; n * tileWidth < size; n += 1) {
      const first = n * tileWidth;
      const entries = await this.bundle(n, Math.min(tileWidth, size - first));
      const tiles = entries.flatMap((entry) => {
        const completed = edge.append(leafHash(entry));
        compare();
        return completed;
      });
      yield { first, lines: entries.map((entry) => entry.toString('latin1')), tiles };
    }
  }

  /** The entry that closes the log; null when the last one does not. It is one of those that `read` verifies. @throws RestoreRefused */
  close(): Promise<EntryOf<'close'> | null> {
    return this.orRefuse(() => closeIn(this.reader, this.checkpoint.size));
  }

  private bundle(n: number, width: number): Promise<Buffer[]> {
    return this.orRefuse(async () => decodeBundle(await this.reader.entries(n, width), width));
  }

  private async orRefuse<T>(read: () => Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof ReadFailure) && !(error instanceof VerificationError)) throw error;
      throw new RestoreRefused('tiles-differ', `${error.message}; ${otherTiles}`);
    }
  }
}
