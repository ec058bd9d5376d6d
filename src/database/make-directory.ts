/** Makes directories that are ours alone. */
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseStartError } from './database-start-error.js';

/**
 * Makes `path` (mode 0700) and whatever is missing above it. Not by mkdir's own `recursive`: that never returns where nothing can be made and the
 * system says that nothing is there, as in /proc.
 * @throws DatabaseStartError `unusable-directory`
 */
export function makeDirectory(path: string): void {
  try {
    if (!existsSync(dirname(path))) makeDirectory(dirname(path));
    mkdirSync(path, { mode: 0o700 });
  } catch (cause) {
    if (cause instanceof DatabaseStartError) throw cause;
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'EEXIST' && statSync(path, { throwIfNoEntry: false })?.isDirectory()) return;
    const why = code === 'EEXIST' ? 'something else has that name' : code;
    throw new DatabaseStartError('unusable-directory', `the directory ${path} cannot be made: ${why}`, { cause });
  }
}
