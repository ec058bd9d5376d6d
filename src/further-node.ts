/** `azukari node`: one more node of a city that is set up and served from the same data directory. */
import { join } from 'node:path';
import type { Config } from './config.js';
import { openAnchorDirectory } from './database/anchor-directory.js';
import type { Running } from './running-file.js';
import { type RunningService, startService } from './service.js';

/** Where the parts of a city lie. */
export function placesOf({
  directory,
  tilesDirectory,
  anchorDirectory,
  witnesses,
}: Pick<Config, 'directory' | 'tilesDirectory' | 'anchorDirectory' | 'witnesses'>) {
  return {
    keysDirectory: join(directory, 'keys'),
    journalDirectory: join(directory, 'journal'),
    ...{ tilesDirectory, anchorDirectory, witnesses },
  };
}

/** Under the public address of the first node; its own address is only where it listens. */
export async function startFurtherNode(config: Config, running: Running): Promise<RunningService> {
  const { host, port, policies, runsSigner } = config;
  if (runsSigner) await openAnchorDirectory(config);
  return startService({
    ...running,
    ...placesOf(config),
    ...{ host, port, policies, runsSigner, signsInThread: true, founding: null, isFurther: true },
  });
}
