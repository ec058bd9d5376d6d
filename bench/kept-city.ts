/**
 * A city as it was founded, kept in a directory for further runs: founding a large one takes longer than measuring it. A run measures a copy.
 * One that was founded by other migrations is not taken up.
 */
import { constants, cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hash } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BenchCity } from './found-city.js';
import type { CitySize } from './sizes.js';

export interface FoundedCity {
  city: BenchCity;
  /** How long the founding took. */
  seconds: number;
}

interface Kept extends FoundedCity {
  schema: string;
}

const migrations = fileURLToPath(new URL('../migrations', import.meta.url));

export class KeptCity {
  private readonly directory: string;

  constructor(cities: string, { residents, logEntries }: CitySize, records: number) {
    this.directory = join(cities, `${residents}-residents-${logEntries}-entries-${records}-records`);
  }

  /** Null where there is none, or none of this schema. @param directory is filled with the copy. */
  async copyTo(directory: string): Promise<FoundedCity | null> {
    const text = await readFile(join(this.directory, 'founded.json'), 'utf8').catch(() => null);
    if (text === null) return null;
    const { schema, ...founded } = JSON.parse(text) as Kept;
    if (schema !== (await schemaDigest())) return null;
    await copyAll(this.directory, directory);
    return founded;
  }

  /** @param directory of a city whose processes have all stopped. */
  async keep(directory: string, founded: FoundedCity): Promise<void> {
    const unfinished = `${this.directory}.new`;
    for (const path of [unfinished, this.directory]) await rm(path, { recursive: true, force: true });
    await mkdir(unfinished, { recursive: true, mode: 0o700 });
    await copyAll(directory, unfinished);
    const kept: Kept = { schema: await schemaDigest(), ...founded };
    await writeFile(join(unfinished, 'founded.json'), JSON.stringify(kept), { mode: 0o600 });
    await rename(unfinished, this.directory);
  }
}

function copyAll(from: string, to: string): Promise<void> {
  return cp(from, to, { recursive: true, mode: constants.COPYFILE_FICLONE });
}

/** Of all migrations, as they run. */
async function schemaDigest(): Promise<string> {
  const names = await readdir(migrations, { recursive: true });
  const texts = names.filter((name) => name.endsWith('.js')).toSorted();
  const contents = await Promise.all(texts.map((name) => readFile(join(migrations, name), 'utf8')));
  return hash('sha256', contents.join('\0'));
}
