/**
 * The directory of the log's anchor: in the data directory, or wherever the operator wants it (AZUKARI_ANCHOR_DIRECTORY). Whoever may write the anchor
 * opens it first, so that a place that cannot be used is said at the start, and an anchor that was not moved along is not begun anew.
 */
import { existsSync } from 'node:fs';
import { mkdtemp, realpath, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseStartError } from './database-start-error.js';
import { makeDirectoryDurably } from './durable-file.js';

export interface AnchorPlace {
  /** The data directory. It is there. */
  readonly directory: string;
  readonly anchorDirectory: string;
}

/** Where the anchor lies unless it is said otherwise. */
export function usualAnchorDirectory(directory: string): string {
  return join(directory, 'anchor');
}

/**
 * Makes the directory (mode 0700) where it is missing. Returns its path, symbolic links resolved.
 * @throws DatabaseStartError `unusable-directory` when no file can be made in it, `anchor-left-behind` when the anchor still lies in the data directory
 */
export async function openAnchorDirectory({ directory, anchorDirectory }: AnchorPlace): Promise<string> {
  const path = await requireWritable(anchorDirectory);
  const usual = usualAnchorDirectory(await realpath(directory));
  const [kept, left] = [path, usual].map((place) => existsSync(join(place, 'checkpoint')));
  if (kept || !left) return path;
  const sentence = `the anchor lies in ${usual} and not in ${path}, where AZUKARI_ANCHOR_DIRECTORY says: if it was never moved there, stop every process of the city and move its file checkpoint; if it was, that disk is not mounted`;
  throw new DatabaseStartError('anchor-left-behind', sentence);
}

async function requireWritable(anchorDirectory: string): Promise<string> {
  try {
    makeDirectoryDurably(anchorDirectory);
    await rmdir(await mkdtemp(join(anchorDirectory, 'writable-')));
  } catch (cause) {
    // A disk that is full is one day not: until then the signer says so, and withdrawals work.
    if (!isFull(cause)) {
      const sentence = `the log's anchor cannot be written: ${(cause as Error).message}; choose another directory with AZUKARI_ANCHOR_DIRECTORY`;
      throw new DatabaseStartError('unusable-directory', sentence, { cause });
    }
  }
  return realpath(anchorDirectory);
}

function isFull(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT'].includes((error as NodeJS.ErrnoException).code ?? '');
}
