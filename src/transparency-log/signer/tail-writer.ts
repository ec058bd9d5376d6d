/**
 * Writes the tail (`../tail.ts`). Whoever begins one replaces the file and keeps it open, so two signers never write into the same: one that has been
 * replaced finds that the name is another file's, or nobody's. It waits for the disk itself: it belongs in the signer's thread or process.
 */
import { closeSync, fdatasyncSync, fstatSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createWhole, makeDirectoryDurably, syncDirectoryAtOnce } from '../../database/durable-file.js';
import { formatTailPart, formatTailStart, tailFile } from '../tail.js';

export class TailWriter {
  private open: { readonly file: number; readonly from: number; entries: number; note: string } | null = null;
  private readonly path: string;

  constructor(directory: string) {
    this.path = join(directory, tailFile);
  }

  /**
   * Makes `entries`, all of a log since its entry `from`, and the checkpoint over them durable: adds what is missing, or begins a new tail.
   * @throws Error when another signer has begun one meanwhile, and whatever the disk says: then the next call begins anew
   */
  keep(from: number, entries: readonly Buffer[], note: string): void {
    const { open } = this;
    if (open === null || open.from !== from || open.entries > entries.length) return this.begin(from, entries, note);
    try {
      if (!this.isStillNamed(open.file)) throw new Error(`another signer has begun ${this.path} anew`);
      // It was kept, and then could not be published: each time that is tried again the file would grow.
      if (open.entries === entries.length && open.note === note) return;
      writeFileSync(open.file, formatTailPart(entries.slice(open.entries), note));
      fdatasyncSync(open.file);
      [open.entries, open.note] = [entries.length, note];
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Ends the use of the file, which stays where it is. */
  close(): void {
    if (this.open !== null) closeSync(this.open.file);
    this.open = null;
  }

  /** For when everything in it is in the layout. */
  remove(): void {
    // The one that lies there may be another signer's by now.
    const isOurs = this.open === null || this.isStillNamed(this.open.file);
    this.close();
    if (isOurs) rmSync(this.path, { force: true });
  }

  /** By its number, for a backup may hold on to a file that was replaced (`cp -l`). */
  private isStillNamed(file: number): boolean {
    const [ours, named] = [
      fstatSync(file, { bigint: true }),
      statSync(this.path, { bigint: true, throwIfNoEntry: false }),
    ];
    return named !== undefined && named.ino === ours.ino && named.dev === ours.dev;
  }

  private begin(from: number, entries: readonly Buffer[], note: string): void {
    this.close();
    makeDirectoryDurably(dirname(this.path));
    const content = formatTailStart(from) + formatTailPart(entries, note);
    this.open = { file: createWhole({ path: this.path, content }), from, entries: entries.length, note };
    try {
      syncDirectoryAtOnce(dirname(this.path));
    } catch (error) {
      this.close();
      throw error;
    }
  }
}
