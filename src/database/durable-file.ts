/**
 * Files that must survive a loss of power: each appears whole under its name or not at all. Many are written at once,
 * each directory is made durable once.
 *
 * In a thread of its own (the signer's) every call waits for the disk: nobody else waits with it, and handing each of a dozen calls to another
 * thread and back took four times as long as the calls.
 */
import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, fdatasyncSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isMainThread } from 'node:worker_threads';
import { makeDirectory } from './make-directory.js';

export interface NewFile {
  /** Absolute. Its directories are made where they are missing. */
  readonly path: string;
  readonly content: string | Uint8Array;
}

/** Kept in flight at once: there are as many threads for files (UV_THREADPOOL_SIZE). */
const atOnceMax = 4;

/** Writes all of them; durable when it resolves. After a failure any of them may be there, each of them whole. */
export async function writeDurably(files: readonly NewFile[]): Promise<void> {
  const directories = new Set<string>();
  for (const path of new Set(files.map((file) => dirname(file.path)))) await prepareDirectory(path, directories);
  const waiting = [...files];
  const work = async () => {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) await writeWhole(file);
  };
  await Promise.all(Array.from({ length: Math.min(atOnceMax, files.length) }, work));
  await Promise.all([...directories].map(syncDirectory));
}

/** A new directory is durable once the one that holds it is: those are noted, too. */
async function prepareDirectory(path: string, directories: Set<string>): Promise<void> {
  directories.add(path);
  const first = await mkdir(path, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  for (let made = path; made.length >= first.length; made = dirname(made)) directories.add(dirname(made));
}

/** One file in a directory that is there, readable by its owner alone (0600) from its first byte. Durable once its directory is. */
export async function writeWhole({ path, content }: NewFile): Promise<void> {
  if (!isMainThread) return closeSync(createWhole({ path, content }));
  const temporary = temporaryFor(path);
  try {
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(content);
      await file.datasync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
}

/** As {@link writeWhole}; the thread waits. Returns the file, open to be added to. */
export function createWhole({ path, content }: NewFile): number {
  const temporary = temporaryFor(path);
  const file = openSync(temporary, 'wx', 0o600);
  try {
    writeFileSync(file, content);
    fdatasyncSync(file);
    renameSync(temporary, path);
    return file;
  } catch (error) {
    closeSync(file);
    rmSync(temporary, { force: true });
    throw error;
  }
}

function temporaryFor(path: string): string {
  return `${path}.${randomBytes(4).toString('hex')}.new`;
}

/** A rename is durable only once its directory is: fsync(2), NOTES. */
export async function syncDirectory(path: string): Promise<void> {
  if (!isMainThread) return syncDirectoryAtOnce(path);
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/** As {@link syncDirectory}; the thread waits. */
export function syncDirectoryAtOnce(path: string): void {
  const directory = openSync(path, 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}

/** Makes `path` and what is missing above it, for its owner alone, and waits until it would survive a loss of power. */
export function makeDirectoryDurably(path: string): void {
  const missing: string[] = [];
  for (let place = path; !existsSync(place); place = dirname(place)) missing.push(place);
  makeDirectory(path);
  for (const place of missing) syncDirectoryAtOnce(dirname(place));
}
