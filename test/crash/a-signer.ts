/**
 * A signer alone on a database of its own, which can be made to die between any two of its steps: from the chosen query on it hears nothing
 * any more and does nothing any more, and its connections break, as those of a killed process do.
 */
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import type { Pool } from 'pg';
import { foundCity } from '../../src/database/city.js';
import { asAdmin } from '../../src/database/migrate.js';
import { openPool } from '../../src/database/pool.js';
import { demoCity } from '../../src/demo/city.js';
import { checkLog, type Report } from '../../src/transparency-log/check-log.js';
import { LogStoreService } from '../../src/transparency-log/log-store.service.js';
import { parseSigningKey, generateNoteKey, type SigningKey } from '../../src/transparency-log/note-key.js';
import { PublicationService } from '../../src/transparency-log/publication.service.js';
import { SignerService } from '../../src/transparency-log/signer.service.js';
import { aFreshCity, type FreshCity } from '../setup/fresh-database.js';
import { aTemporaryDirectory } from '../setup/leftovers.js';

/** Dies when it is about to send the named query, or when it would hear its answer. */
export interface Death {
  readonly query: string;
  readonly when: 'before' | 'after';
}

export interface RunningSigner {
  readonly publication: PublicationService;
  /** From then on it hears and sends nothing; resolves once its connections are broken. */
  dieAt(death: Death): Promise<void>;
  stop(): Promise<void>;
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
    private readonly key: SigningKey,
  ) {}

  static async found(): Promise<SignerCity> {
    Logger.overrideLogger(false);
    const databases = await aFreshCity();
    const app = openPool({ url: databases.appUrl, size: 3, applicationName: 'signer test' });
    const { skey, vkey } = generateNoteKey(demoCity.logOrigin);
    await foundCity(app, demoCity, 'a'.repeat(64), vkey);
    const key = parseSigningKey(skey);
    return new SignerCity(databases, await aTemporaryDirectory(), app, key);
  }

  async stopSigners(): Promise<void> {
    for (const stop of this.running) await stop();
    this.running.clear();
  }

  async close(): Promise<void> {
    await this.stopSigners();
    await this.app.end();
    await this.databases.drop();
  }

  anchorFile(name: string): string {
    return join(this.directory, name);
  }

  /** A second anchor as another machine has it: what the first one was at this moment. */
  async copyAnchor(from: string, to: string): Promise<void> {
    await cp(this.anchorFile(from), this.anchorFile(to));
  }

  /** @param name of the signer's connections, so that they can be broken. */
  async startSigner(name: string, anchor: string): Promise<RunningSigner> {
    const pool = openPool({ url: this.databases.signerUrl, size: 3, applicationName: name });
    const publication = new PublicationService(new LogStoreService(this.app));
    const fate = new Fate();
    const anchorFile = this.anchorFile(anchor);
    const options = { origin: demoCity.logOrigin, signingKey: this.key, anchorFile, runsSigner: true };
    const signer = new SignerService(fate.rule(pool), options, publication);
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
    return {
      publication,
      stop,
      dieAt: async (death) => {
        this.running.delete(stop);
        this.running.add(async () => fate.die());
        await fate.meet(death);
        await this.breakConnections(name);
      },
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

  /** The whole log, held against every checkpoint that was kept. */
  check(): Promise<Report> {
    const store = new LogStoreService(this.app);
    const reader = {
      checkpoint: async () => Buffer.from((await store.checkpoint())!.note),
      tile: store.readTile,
      entries: (n: number, width: number) => store.readBundle(n, width),
    };
    const earlier = [...this.notes].map((content, number) => ({ label: `checkpoint ${number}`, content }));
    return checkLog(reader, { origin: demoCity.logOrigin, logKeys: [this.key] }, { earlier, now: new Date() });
  }

  async frozen(): Promise<string | null> {
    const { rows } = await this.app.query<{ freeze_reason: string | null }>(
      'SELECT freeze_reason FROM azukari.signer_state',
    );
    return rows[0]!.freeze_reason;
  }
}

const never = new Promise<never>(() => undefined);

/** Until death everything works; from then on no query is sent and no answer heard. */
class Fate {
  private death: Death | null = null;
  private tell: () => void = () => undefined;
  private isDead = false;

  /** Resolves when it has happened. */
  meet(death: Death): Promise<void> {
    this.death = death;
    return new Promise((resolve) => (this.tell = resolve));
  }

  rule(pool: Pool): Pool {
    const query = async (asked: unknown, values?: unknown[]): Promise<unknown> => {
      const isLast = this.death !== null && (asked as { name?: string }).name === this.death.query;
      if (isLast && this.death?.when === 'before') this.die();
      if (this.isDead) return never;
      const answer = await (pool.query as (...all: unknown[]) => Promise<unknown>).call(pool, asked, values);
      if (isLast) this.die();
      return this.isDead ? never : answer;
    };
    return new Proxy(pool, {
      get: (target, property) => {
        if (property === 'query') return query;
        if (property === 'connect' && this.isDead) return () => never;
        const value: unknown = Reflect.get(target, property);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });
  }

  die(): void {
    this.isDead = true;
    this.tell();
  }
}
