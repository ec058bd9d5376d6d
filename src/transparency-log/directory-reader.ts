/**
 * A log in a directory, laid out as it is served: `checkpoint`, `tile/0/000`, `tile/entries/000.p/3`. It blocks while it reads: for commands, not
 * for a service. Asking for each file by way of a promise was a noticeable part of checking a log.
 */
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type LogReader, ReadFailure, readerOver } from './reader.js';

export function directoryReader(directory: string): LogReader {
  return readerOver(async (path, bytesMax) => {
    let file: number | null = null;
    try {
      file = openSync(join(directory, path), 'r');
      if (fstatSync(file).size > bytesMax) throw new ReadFailure(`${path} is larger than ${bytesMax} bytes`);
      return readFileSync(file);
    } catch (error) {
      if (error instanceof ReadFailure) throw error;
      const code = (error as NodeJS.ErrnoException).code;
      if (code === 'ENOENT' || code === 'ENOTDIR') return null;
      throw new ReadFailure(`${path} cannot be read: ${code}`, { cause: error });
    } finally {
      if (file !== null) closeSync(file);
    }
  });
}
