/**
 * Brings a database that went back behind its own logs (an older backup, a replica that had not everything) up to what was signed: compares it
 * with the tiles entry by entry, imports what is missing, also over the turn of a year, moves behind it what was appended meanwhile and never signed,
 * and closes whatever the imported entries say has ended. All of it in one transaction, or nothing. Design section 6, Restore.
 */
import type { Client } from 'pg';
import { readCityLogs } from '../city-logs.js';
import { type OpenCheckpoint, openCheckpoint } from '../checkpoint.js';
import type { EntryOf } from '../entry.js';
import { VerificationError } from '../finding.js';
import type { VerifierKey } from '../note-key.js';
import type { LogReader } from '../reader.js';
import { compareWithDatabase, importEntries } from './import-entries.js';
import { RestoreRefused } from './restore-refused.js';
import { SignedEntries } from './signed-entries.js';

/** Entries [from, to) of a log. */
interface Missing {
  readonly origin: string;
  readonly from: number;
  readonly to: number;
}

/** Of the newest log that was signed: entries [from, to) were missing and are imported; equal when none were. */
export interface Restored extends Missing {
  /** What was missing of the logs before it, which had been closed since. */
  readonly before: readonly Missing[];
  /** Entries that had been appended meanwhile and stand behind them now. */
  readonly moved: number;
  /** What was closed and what is lost, in the order to tell it. */
  readonly consequences: readonly { readonly what: string; readonly howMany: number }[];
}

export interface WhatWasKept {
  /** Of every log of the city. */
  readonly logKeys: readonly VerifierKey[];
  /** Every checkpoint known to have been signed, apart from the published one, of whichever log. */
  readonly signed: readonly OpenCheckpoint[];
  readonly readerOf: (origin: string) => LogReader;
}

/**
 * @param client of a role that may become the owner; not in a transaction.
 * @throws RestoreRefused when tiles, database and signed checkpoints do not fit together; nothing was changed then
 */
export async function restoreLog(client: Client, kept: WhatWasKept): Promise<Restored> {
  await client.query('BEGIN');
  try {
    await client.query('SET LOCAL ROLE azukari_owner; SET LOCAL search_path = azukari, pg_temp; SELECT lock_log()');
    // The lock's limit is for nodes that stand still; reading tiles takes as long as it takes.
    await client.query('SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL statement_timeout = 0');
    const restored = await new Restore(client, kept).run();
    await client.query('COMMIT');
    return restored;
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

/** A log that is being restored, and how many entries of it the database has. */
interface Log {
  readonly origin: string;
  readonly base: number;
  readonly known: number;
  /** The database knows that it was closed. */
  readonly isClosed: boolean;
}

class Restore {
  private readonly before: Missing[] = [];
  private published: { base: number; checkpoint: OpenCheckpoint } | null = null;
  /** Where the first imported entry stands in the database. */
  private first: number | null = null;

  constructor(
    private readonly client: Client,
    private readonly kept: WhatWasKept,
  ) {}

  async run(): Promise<Restored> {
    let last: { log: Log; entries: SignedEntries } | null = null;
    let close: EntryOf<'close'> | null = null;
    const logs = await this.unfinished();
    for (let log = logs.shift(); log !== undefined;) {
      const signed = this.signedOf(log);
      // Of the first, something has been signed in any case.
      if (last !== null && signed.length === 0 && !(await SignedEntries.areThere(this.kept.readerOf(log.origin))))
        break;
      const trust = { origin: log.origin, logKeys: this.kept.logKeys };
      const size = Math.max(0, ...signed.map((checkpoint) => checkpoint.size));
      const entries = await SignedEntries.open(this.kept.readerOf(log.origin), trust, size);
      const from = await compareWithDatabase(this.client, entries, signed, {
        ...log,
        published: this.publishedSize(log),
      });
      last = { log, entries };
      close = await entries.close();
      if (log.isClosed) {
        await this.finish(log, entries, from);
        log = logs.shift();
      } else if (close !== null && from < entries.checkpoint.size) {
        log = await this.cross(log, entries, from, close);
      } else return this.conclude(log, entries, from);
    }
    return this.begin(last!.log, last!.entries, close);
  }

  /** The logs of the database from the first on that it does not know to be signed to its end. */
  private async unfinished(): Promise<Log[]> {
    const all = await readCityLogs(this.client);
    const { rows } = await this.client.query<{ size: string; base: string | null; note: string | null }>(
      'SELECT s.size, c.base, c.note FROM log_state s LEFT JOIN published_checkpoint c ON true',
    );
    const { size, base, note } = rows[0]!;
    if (note !== null) this.published = { base: Number(base), checkpoint: this.openPublished(note, Number(base), all) };
    const first = all.findIndex(({ finalNote }) => finalNote === null);
    return all.slice(first).map((log) => ({
      ...{ origin: log.origin, base: log.base, isClosed: log.size !== null },
      known: log.size ?? Number(size) - log.base,
    }));
  }

  private openPublished(note: string, base: number, logs: readonly { origin: string; base: number }[]): OpenCheckpoint {
    try {
      const { origin } = logs.find((log) => log.base === base)!;
      return openCheckpoint(note, { origin, logKeys: this.kept.logKeys });
    } catch (error) {
      if (!(error instanceof VerificationError)) throw error;
      const sentence = `the checkpoint in the database is not one that this log signed (${error.code}); restore the database from a backup, then the log from the tiles`;
      throw new RestoreRefused('database-differs', sentence);
    }
  }

  private signedOf({ origin, base }: Log): OpenCheckpoint[] {
    const own = this.kept.signed.filter((checkpoint) => checkpoint.origin === origin);
    return this.published?.base === base ? [...own, this.published.checkpoint] : own;
  }

  private publishedSize({ base }: Log): number {
    return this.published?.base === base ? this.published.checkpoint.size : 0;
  }

  private async import(log: Log, entries: SignedEntries, from: number): Promise<void> {
    if (from < entries.checkpoint.size) this.first ??= log.base + from;
    const place = { base: log.base, from, tilesFrom: this.publishedSize(log) };
    await importEntries(this.client, entries, this.signedOf(log), place);
  }

  /** A log that the database knows to be closed, and not yet to be signed to its end. */
  private async finish(log: Log, entries: SignedEntries, from: number): Promise<void> {
    const { size } = entries.checkpoint;
    if (size > log.known || from < size) {
      const sentence = `${log.origin} was closed in the database otherwise than it was signed; restore the database from a backup of before that, then the log from the tiles`;
      throw new RestoreRefused('database-differs', sentence);
    }
    await this.import(log, entries, from);
    await this.adopt(log.base, entries);
    if (size === log.known) {
      await this.client.query('UPDATE city_log SET final_note = $2 WHERE base = $1', [log.base, entries.note]);
    }
  }

  /** The log was closed since: takes what is missing of it, and goes on to the one that its last entry names. */
  private async cross(log: Log, entries: SignedEntries, from: number, { next }: EntryOf<'close'>): Promise<Log> {
    if (log.known > from) {
      const sentence = `${log.known - from} entries were appended to this database since it went back to before the log ${next} began, and cannot be moved into it; put back the backup once more, and let nothing run on it before azukari restore`;
      throw new RestoreRefused('database-differs', sentence);
    }
    await this.import(log, entries, from);
    const { size } = entries.checkpoint;
    this.before.push({ origin: log.origin, from, to: size });
    const { rows } = await this.client.query<{ base: string }>('SELECT import_turn($1, $2, $3, $4) AS base', [
      ...[log.base, size, entries.note, next],
    ]);
    return { origin: next, base: Number(rows[0]!.base), known: 0, isClosed: false };
  }

  /** The newest log that was signed. */
  private async conclude(log: Log, entries: SignedEntries, from: number): Promise<Restored> {
    const { origin, base } = log;
    const to = entries.checkpoint.size;
    const isMissing = from < to || this.before.length > 0;
    const toMove = isMissing ? Math.max(0, log.known - from) : 0;
    if (toMove > 0) await this.moveUnsigned(base + from, to - from + 1);
    await this.import(log, entries, from);
    if (isMissing) await this.client.query('SELECT import_restore_entry($1, $2)', [this.first, base + to]);
    await this.adopt(base, entries);
    const consequences = isMissing ? await this.settle(base + to) : [];
    if (this.before.length > 0) await this.client.query('SELECT state_again_after_restore()');
    return { origin, from, to, before: this.before, moved: toMove, consequences };
  }

  /** Nothing has been signed of the log that comes now: the database knows it already, or it begins here as the one before says. */
  private async begin(log: Log, entries: SignedEntries, close: EntryOf<'close'> | null): Promise<Restored> {
    const to = entries.checkpoint.size;
    await this.adopt(log.base, entries);
    if (this.before.length === 0) {
      return { origin: log.origin, from: to, to, before: [], moved: 0, consequences: [] };
    }
    const newBase = log.base + to;
    const consequences = await this.settle(newBase);
    await this.client.query('SELECT begin_log(g, $2, $3) FROM city_log g WHERE base = $1', [
      ...[log.base, entries.checkpoint.root, close!.key],
    ]);
    await this.client.query('SELECT import_restore_entry($1, $2)', [this.first, newBase + 2]);
    await this.adopt(log.base, entries);
    await this.client.query('SELECT state_again_after_restore()');
    return { origin: close!.next, from: 0, to: 0, before: this.before, moved: 0, consequences };
  }

  private async adopt(base: number, { checkpoint: { size, root }, note }: SignedEntries): Promise<void> {
    await this.client.query('SELECT adopt_checkpoint($1, $2, $3, $4)', [base, size, root, note]);
  }

  private async moveUnsigned(from: number, by: number): Promise<void> {
    const remedy = 'restore the database from its backup once more, and start it at once, before it appends anything';
    await orRefuse(() => this.client.query('SELECT move_unsigned_entries($1, $2)', [from, by]), remedy);
  }

  /** @param to where the imported entries end in the database */
  private async settle(to: number): Promise<Restored['consequences']> {
    const text = 'SELECT * FROM settle_restore($1, $2)';
    const remedy = 'restore the database from its backup once more, and change no key before it has caught up';
    const { rows } = await orRefuse(
      () => this.client.query<{ what: string; how_many: string }>(text, [this.first, to]),
      remedy,
    );
    return rows.map(({ what, how_many }) => ({ what, howMany: Number(how_many) }));
  }
}

/** What stands in the way is said by the database; what to do about it, by us. */
async function orRefuse<T>(work: () => Promise<T>, remedy: string): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if ((error as { code?: string }).code !== 'AZ409') throw error;
    throw new RestoreRefused('database-differs', `${(error as Error).message}: ${remedy}`, { cause: error });
  }
}
