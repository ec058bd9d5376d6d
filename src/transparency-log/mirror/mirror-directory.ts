/**
 * Where a mirror keeps its copy: the layout of c2sp.org/tlog-tiles, so that any verifier reads it and any file server serves it. A file is
 * there whole or not at all, whatever kills the process; the checkpoint is written last and covers nothing that is not on the disk.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { sha256, toHex } from '../../kernel/bytes.js';
import { syncDirectory } from '../../database/durable-file.js';
import { directoryReader } from '../directory-reader.js';
import type { LogReader } from '../reader.js';

const incoming = '.incoming';

/** One process at a time may write to a directory. */
export class MirrorDirectory {
  /** What has been kept, read as a log. Nothing in it is trusted. */
  readonly reader: LogReader;
  private readonly touched = new Set<string>();

  private constructor(readonly path: string) {
    this.reader = directoryReader(path);
  }

  /** Creates the directory where there is none, and clears what a killed process left half written. */
  static async open(directory: string): Promise<MirrorDirectory> {
    const path = resolve(directory);
    await mkdir(path, { recursive: true });
    await rm(join(path, incoming), { recursive: true, force: true });
    await mkdir(join(path, incoming));
    return new MirrorDirectory(path);
  }

  /** The checkpoint of the last round that ended well, or null before the first. */
  checkpoint(): Promise<Buffer | null> {
    return orIfAbsent(readFile(join(this.path, 'checkpoint')), null);
  }

  /** Writes a resource. It survives a loss of power once `settle` has returned. */
  async write(resource: string, content: Uint8Array): Promise<void> {
    const target = join(this.path, resource);
    const temporary = join(this.path, incoming, randomBytes(8).toString('hex'));
    await writeFile(temporary, content, { flush: true });
    await mkdir(dirname(target), { recursive: true });
    await rename(temporary, target);
    this.touched.add(this.path);
    for (let folder = dirname(target); folder.length > this.path.length; folder = dirname(folder)) {
      this.touched.add(folder);
    }
  }

  /** Makes every name written so far durable: a rename is not before its directory is. */
  async settle(): Promise<void> {
    for (const folder of this.touched) await syncDirectory(folder);
    this.touched.clear();
  }

  /** Removes the partial versions of a full resource, all but the one `width` wide, if that is given. */
  async removePartial(resource: string, width?: number): Promise<void> {
    const folder = join(this.path, `${resource}.p`);
    if (width === undefined) return rm(folder, { recursive: true, force: true });
    for (const name of await orIfAbsent(readdir(folder), [])) {
      if (name !== String(width)) await rm(join(folder, name), { force: true });
    }
  }

  /**
   * Keeps a checkpoint that the log showed and does not stand by, and the one before that it contradicts, beside the log; returns their paths. The same go to
   * the same place.
   */
  async keepEvidence(kept: Uint8Array | null, shown: Uint8Array): Promise<readonly string[]> {
    const name = toHex(sha256(kept ?? Buffer.alloc(0), shown)).slice(0, 16);
    const notes = { 'kept-checkpoint': kept, 'shown-checkpoint': shown };
    const paths: string[] = [];
    for (const [file, note] of Object.entries(notes)) {
      if (!note) continue;
      await this.write(`evidence/${name}/${file}`, note);
      paths.push(join(this.path, 'evidence', name, file));
    }
    await this.settle();
    return paths;
  }
}

async function orIfAbsent<Thing, Other>(work: Promise<Thing>, otherwise: Other): Promise<Thing | Other> {
  try {
    return await work;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return otherwise;
    throw error;
  }
}
