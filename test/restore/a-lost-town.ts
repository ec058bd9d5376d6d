/**
 * A town whose database is lost, and the backup that is left of it: as old as its founding. Keys, journal, anchor and tiles lie elsewhere and
 * are as they were last.
 */
import { cp, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Client } from 'pg';
import { asAdmin } from '../../src/database/migrate.js';
import { catchUp, type Restorable, restore } from '../../src/catch-up.js';
import { SecurityLog } from '../../src/http/security-log.js';
import { SignerService } from '../../src/transparency-log/signer.service.js';
import type { Restored } from '../../src/transparency-log/restore/restore-log.js';
import { Town } from '../setup/a-town.js';
import { anOldBackup, type DemoCity, type Directories, openCity } from '../setup/demo-city.js';
import type { FreshCity } from '../setup/fresh-database.js';

export class LostTown {
  private constructor(
    readonly backup: FreshCity,
    readonly directories: Directories,
    private readonly city: DemoCity,
    private readonly publicUrl: string,
  ) {}

  /** Loses the town's database. */
  static async of(town: Town): Promise<LostTown> {
    const { city } = town;
    await town.leave();
    city.databases.leaveUnchecked('it is lost; what follows it is checked');
    return new LostTown(await anOldBackup(), city.directories, city, city.service.publicUrl);
  }

  /** What a start of the service does first. Returns what it said. */
  async catchUp(): Promise<string[]> {
    const said: string[] = [];
    await catchUp(this.directories, this.restorable, (sentence) => said.push(sentence));
    return said;
  }

  restore(from?: string): Promise<Restored> {
    return restore(this.directories, this.restorable, from);
  }

  /** The service on the restored database, and its people. */
  async reopen(): Promise<Town> {
    const http = { securityLog: new SecurityLog(() => undefined), incidentSink: () => undefined };
    return Town.of(await openCity(this.backup, this.directories, { publicUrl: this.publicUrl, http }));
  }

  /** As the superuser of the restored database. */
  asSuperuser<T>(work: (client: Client) => Promise<T>): Promise<T> {
    return asAdmin(this.backup.adminUrl, work);
  }

  /** A copy of the tiles, as a mirror keeps one. */
  async mirror(): Promise<string> {
    const directory = join(dirname(this.directories.tilesDirectory), 'mirror');
    await cp(this.directories.tilesDirectory, directory, { recursive: true });
    return directory;
  }

  async loseTiles(): Promise<void> {
    await rm(this.directories.tilesDirectory, { recursive: true, force: true });
  }

  async discard(): Promise<void> {
    await this.city.databases.drop();
    await this.backup.drop();
  }

  private get restorable(): Restorable {
    const { keysDirectory, anchorDirectory } = this.directories;
    return { adminUrl: this.backup.adminUrl, directory: { keys: keysDirectory, anchor: anchorDirectory } };
  }
}

/** From here on nothing that happens is signed any more. */
export async function stopSigning({ service }: DemoCity): Promise<void> {
  await service.app.get(SignerService, { strict: false }).onApplicationShutdown();
}
