/**
 * Signers alone on a database of their own: in this process, or each in a process of its own, which kills itself (SIGKILL) right after the
 * step it is told to die at.
 */
import { once } from 'node:events';
import { cp, mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Logger } from '@nestjs/common';
import type { Pool } from 'pg';
import { foundCity } from '../../src/database/city.js';
import { asAdmin } from '../../src/database/migrate.js';
import { openPool } from '../../src/database/pool.js';
import { demoCity } from '../../src/demo/city.js';
import { checkLog, type Report } from '../../src/transparency-log/check-log.js';
import { directoryReader } from '../../src/transparency-log/directory-reader.js';
import type { LogReader } from '../../src/transparency-log/reader.js';
import { LogStoreService } from '../../src/transparency-log/log-store.service.js';
import { KeyRing } from '../../src/transparency-log/keys/key-ring.js';
import { encodeVerifierKey, parseVerifierKey } from '../../src/transparency-log/note-key.js';
import { PublicationService } from '../../src/transparency-log/publication.service.js';
import { openNextLog, prepareNextLog, type Turned } from '../../src/transparency-log/turn/open-next-log.js';
import { tilesOfLog } from '../../src/transparency-log/signer/tile-directory.js';
import { SignerService } from '../../src/transparency-log/signer.service.js';
import type { LogOptions } from '../../src/transparency-log/log-options.js';
import type { SignerStep } from '../../src/transparency-log/signer/steps.js';
import { both } from '../setup/check-log.js';
import { checked } from '../setup/checked-logs.js';
import { aFreshCity, type FreshCity } from '../setup/fresh-database.js';
import { aTemporaryDirectory } from '../setup/leftovers.js';
import { forkSigner } from './fork-signer.js';

export interface RunningSigner {
  readonly publication: PublicationService;
  stop(): Promise<void>;
}

/** A signer in a process of its own. */
export interface MortalSigner {
  /** Armed: it will die right after it has next done the step. */
  dieAfter(step: SignerStep): Promise<void>;
  /** Resolves once it is dead. */
  readonly died: Promise<void>;
}

export class SignerCity {
  /** Every checkpoint that anybody could have seen or kept. */
  readonly notes = new Set<string>();
  private readonly running = new Set<() => Promise<void>>();
  private entries = 0;

  private constructor(
    readonly databases: FreshCity,
    readonly directory: string,
    readonly app: Pool,
    readonly keys: KeyRing,
    /** Those that verify this log: its first one, and whatever a test adds. */
    readonly vkeys: string[],
  ) {}

  static async found(): Promise<SignerCity> {
    Logger.overrideLogger(false);
    const databases = await aFreshCity();
    const app = openPool({ url: databases.appUrl, size: 3, applicationName: 'signer test' });
    const directory = await aTemporaryDirectory();
    const keys = new KeyRing(directory);
    const vkey = encodeVerifierKey(await keys.first(demoCity.logOrigin));
    await foundCity(app, demoCity, 'a'.repeat(64), vkey);
    return new SignerCity(databases, directory, app, keys, [vkey]);
  }

  async stopSigners(): Promise<void> {
    for (const stop of this.running) await stop();
    this.running.clear();
  }

  /** Unless the test says that it cannot be so: everything is signed, and every log is sound in the database and on the disk. Then it is closed. */
  closeSoundly(): Promise<void> {
    const expectSound = async () => {
      await this.stopSigners();
      if (this.databases.isLeftUnchecked) return;
      const { publication, stop } = await this.startSigner('last', 'last');
      await publication.covering((await this.size()) - 1);
      await stop();
      for (const { origin } of await new LogStoreService(this.app).logs()) {
        for (const { findings, isComplete } of [await this.check(origin), await this.checkTiles('last', origin)]) {
          expect({ origin, findings, isComplete }).toEqual({ origin, findings: [], isComplete: true });
        }
      }
    };
    return both(expectSound, () => this.close());
  }

  async close(): Promise<void> {
    await this.stopSigners();
    await this.app.end();
    await this.databases.drop();
  }

  /** A signer's own place: `anchor/checkpoint` and `tiles/`. */
  place(name: string): string {
    return join(this.directory, name);
  }

  anchorFile(name: string): string {
    return join(this.place(name), 'anchor', 'checkpoint');
  }

  /** Of one log, the first unless told otherwise. */
  tilesDirectory(name: string, origin = demoCity.logOrigin): string {
    return tilesOfLog(join(this.place(name), 'tiles'), origin);
  }

  /** A second anchor as another machine has it: what the first one was at this moment. */
  async copyAnchor(from: string, to: string): Promise<void> {
    await mkdir(dirname(this.anchorFile(to)), { recursive: true });
    await cp(this.anchorFile(from), this.anchorFile(to));
  }

  private optionsOf(anchor: string, keys = this.keys): LogOptions {
    const [anchorFile, tilesDirectory] = [this.anchorFile(anchor), join(this.place(anchor), 'tiles')];
    return { keys, anchorFile, tilesDirectory, runsSigner: true };
  }

  /** @param name of the signer's connections, so that they can be broken. @param anchor the name of its place. @param keys those on its machine. */
  async startSigner(name: string, anchor: string, keys = this.keys): Promise<RunningSigner> {
    const pool = openPool({ url: this.databases.signerUrl, size: 3, applicationName: name });
    const publication = new PublicationService(new LogStoreService(this.app));
    const signer = new SignerService(pool, this.optionsOf(anchor, keys), publication);
    await signer.start().catch(async (error: unknown) => {
      await pool.end();
      throw error;
    });
    const stop = async () => {
      this.running.delete(stop);
      await signer.onApplicationShutdown();
      await pool.end();
    };
    this.running.add(stop);
    return { publication, stop };
  }

  /**
   * Starts a signer in a process of its own.
   * @param fileBytesMax no file may grow beyond this: what a full disk does to a write
   */
  async startMortal(anchor: string, fileBytesMax?: number): Promise<MortalSigner> {
    const { anchorFile, tilesDirectory } = this.optionsOf(anchor);
    const place = {
      signerUrl: this.databases.signerUrl,
      keysDirectory: this.directory,
      anchorFile,
      tilesDirectory,
    };
    const child = forkSigner(place, fileBytesMax);
    const exited = once(child, 'exit');
    const end = async () => {
      this.running.delete(end);
      child.kill('SIGKILL');
      await exited;
    };
    this.running.add(end);
    await Promise.race([once(child, 'message'), exited.then(() => Promise.reject(new Error('the signer ended')))]);
    return {
      dieAfter: async (step) => {
        child.send(step);
        await once(child, 'message');
      },
      died: exited.then(() => undefined),
    };
  }

  /** Appends entries in one transaction; returns the index of the last. */
  async append(count = 1): Promise<number> {
    const from = this.entries;
    this.entries += count;
    const { rows } = await this.app.query<{ idx: number }>(
      `SELECT azukari.register_recipient('recipient-' || number, 'clinic', '提供先', 'Recipient', 'JP', '990019') AS idx
       FROM generate_series($1::integer, $2) AS number ORDER BY 1 DESC`,
      [from, from + count - 1],
    );
    return rows[0]!.idx;
  }

  /** Entries that the log has, signed or not. */
  async size(): Promise<number> {
    const { rows } = await this.app.query<{ size: number }>('SELECT size FROM azukari.log_state');
    return rows[0]!.size;
  }

  /** Breaks every connection of the signer of that name, as its death or a network's does. Returns how many. */
  async breakConnections(name: string): Promise<number> {
    return asAdmin(this.databases.adminUrl, async (client) => {
      const { rows } = await client.query(
        'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1 AND datname = current_database()',
        [name],
      );
      return rows.length;
    });
  }

  async keepCheckpoint(): Promise<number> {
    const checkpoint = await new LogStoreService(this.app).checkpoint();
    if (checkpoint !== null) this.notes.add(checkpoint.note);
    return checkpoint?.size ?? 0;
  }

  /** A whole log, the first unless told otherwise, held against every checkpoint of it that was kept. */
  async check(origin = demoCity.logOrigin): Promise<Report> {
    const store = new LogStoreService(this.app);
    const log = (await store.logs()).find((one) => one.origin === origin)!;
    const reader = {
      checkpoint: async () => Buffer.from(log.finalNote ?? (await store.checkpoint())!.note),
      tile: store.tilesOf(log.base),
      entries: (n: number, width: number) => store.readBundle(log.base, n, width),
    };
    return this.checkAgainstNotes(reader, origin);
  }

  /** A log as it lies in a signer's directory. */
  checkTiles(place: string, origin = demoCity.logOrigin): Promise<Report> {
    return this.checkAgainstNotes(directoryReader(this.tilesDirectory(place, origin)), origin);
  }

  private async checkAgainstNotes(reader: LogReader, origin: string): Promise<Report> {
    const notes = [...this.notes].filter((note) => note.startsWith(`${origin}\n`));
    const earlier = notes.map((content, number) => ({ label: `checkpoint ${number}`, content }));
    const logKeys = this.vkeys.map(parseVerifierKey).filter(({ name }) => name === origin);
    return checked(await checkLog(reader, { origin, logKeys }, { earlier, now: new Date() }));
  }

  /** Begins the log of this origin, as an operator does. Whoever verifies knows its key. */
  turn(origin: string): Promise<Turned> {
    return this.asOperator(async (pool) => {
      const vkey = await prepareNextLog(pool, this.keys, origin);
      if (!this.vkeys.includes(vkey)) this.vkeys.push(vkey);
      return openNextLog(pool, this.keys, origin);
    });
  }

  /** Asks for the turn alone, as somebody who had prepared it before. */
  openAgain(origin: string): Promise<Turned> {
    return this.asOperator((pool) => openNextLog(pool, this.keys, origin));
  }

  /** As if the log that is open had begun hours ago. */
  age(): Promise<void> {
    return this.asSuperuser("UPDATE azukari.city_log SET opened_at = opened_at - interval '2 hours'");
  }

  async asSuperuser(statements: string): Promise<void> {
    await asAdmin(this.databases.adminUrl, (client) => client.query(statements));
  }

  /** Why nothing is signed any more; waits for it, at most ten seconds. */
  async untilFrozen(): Promise<string | null> {
    for (let attempt = 0; attempt < 400; attempt += 1) {
      const reason = await this.frozen();
      if (reason !== null) return reason;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    return null;
  }

  async freeze(reason: string): Promise<void> {
    await this.asOperator((pool) => pool.query('SELECT azukari.freeze_log($1)', [reason]));
  }

  private async asOperator<T>(work: (pool: Pool) => Promise<T>): Promise<T> {
    const pool = openPool({ url: this.databases.signerUrl, size: 2, applicationName: 'operator test' });
    try {
      return await work(pool);
    } finally {
      await pool.end();
    }
  }

  async frozen(): Promise<string | null> {
    const { rows } = await this.app.query<{ freeze_reason: string | null }>(
      'SELECT freeze_reason FROM azukari.signer_state',
    );
    return rows[0]!.freeze_reason;
  }
}
