/** A log in a directory, laid out as it is served: `checkpoint`, `tile/0/000`, `tile/entries/000.p/3`. */
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { type LogReader, ReadFailure, readerOver } from './reader.js';

export function directoryReader(directory: string): LogReader {
  return readerOver(async (path, bytesMax) => {
    try {
      await using file = await open(join(directory, path));
      const { size } = await file.stat();
      if (size > bytesMax) throw new ReadFailure(`${path} is larger than ${bytesMax} bytes`);
      return await file.readFile();
    } catch (error) {
      if (error instanceof ReadFailure) throw error;
      const code = (error as NodeJS.ErrnoException).code;
      if (code === 'ENOENT' || code === 'ENOTDIR') return null;
      throw new ReadFailure(`${path} cannot be read: ${code}`, { cause: error });
    }
  });
}
