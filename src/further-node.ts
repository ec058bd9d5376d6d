/** `azukari node`: one more node of a city that is set up and served from the same data directory. */
import { join } from 'node:path';
import type { Config } from './config.js';
import type { Running } from './running-file.js';
import { type RunningService, startService } from './service.js';

/** Where the parts of a city lie in its data directory. */
export function placesOf({
  directory,
  tilesDirectory,
  witnesses,
}: Pick<Config, 'directory' | 'tilesDirectory' | 'witnesses'>) {
  return {
    keysDirectory: join(directory, 'keys'),
    journalDirectory: join(directory, 'journal'),
    anchorDirectory: join(directory, 'anchor'),
    ...{ tilesDirectory, witnesses },
  };
}

/** Under the public address of the first node; its own address is only where it listens. */
export function startFurtherNode(config: Config, running: Running): Promise<RunningService> {
  const { host, port, policies, runsSigner } = config;
  return startService({
    ...running,
    ...placesOf(config),
    ...{ host, port, policies, runsSigner, signsInThread: true, founding: null, isFurther: true },
  });
}
