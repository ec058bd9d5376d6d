/**
 * The logs of a city as the signer goes through them: each to its end, and then the next. At start every log is recomputed, later only the one
 * that is open. A log is signed for the first time when the one before it has been published to its last entry.
 */
import type { Pool } from 'pg';
import { readCityLogs } from '../city-logs.js';
import type { LogOptions } from '../log-options.js';
import type { PublicationService } from '../publication.service.js';
import { requireNoLogAtWitnesses, requireNoUnknownLog } from './later-logs.js';
import { LogDiffers } from './log-differs.js';
import { SignedLog } from './signed-log.js';

export class SignedLogs {
  /** The oldest first; the last one is being signed. */
  private readonly logs: SignedLog[] = [];
  /** The place of the log that is being read once more. */
  private rereadPlace = 0;

  constructor(
    private readonly pool: Pool,
    private readonly options: LogOptions,
    private readonly publication: PublicationService,
  ) {}

  /** Recomputes what was signed since this process looked last: at start all logs. Throws `LogDiffers`. */
  takeUp(): Promise<void> {
    return this.walk(async (log) => void (await log.takeUp()));
  }

  /** Before the first signature of a leader: also the witnesses are asked, and what tiles or anchor lack is written. */
  async takeUpAsLeader(): Promise<void> {
    await requireNoLogAtWitnesses(this.pool, this.options);
    await this.walk((log) => log.takeUpAsLeader());
  }

  /** Signs and publishes what waits, or goes on to the next log. Returns whether there was anything. */
  async advance(): Promise<boolean> {
    const log = await this.logAt(Math.max(0, this.logs.length - 1));
    if (await log.advance()) return true;
    if (log.end === null) return false;
    await (await this.logAt(this.logs.length)).takeUpAndMend();
    return true;
  }

  /** Reads a little of what was signed once more: one log after the other, and then from the first again. Throws `LogDiffers`. */
  async rereadSome(): Promise<void> {
    const log = this.logs[this.rereadPlace];
    if (log === undefined) return;
    if (await log.reread()) this.rereadPlace = (this.rereadPlace + 1) % this.logs.length;
  }

  /** For when the signer ends: the tiles are left as they are served. */
  async settle(): Promise<void> {
    await this.logs.at(-1)?.settle();
  }

  /** From the first log on: what is known of one costs next to nothing the second time. */
  private async walk(work: (log: SignedLog) => Promise<void>): Promise<void> {
    await requireNoUnknownLog(this.pool, this.options);
    for (let place = 0; ; place += 1) {
      const log = await this.logAt(place);
      await work(log);
      if (log.end === null) return;
    }
  }

  private async logAt(place: number): Promise<SignedLog> {
    const known = this.logs[place];
    if (known) return known;
    const before = this.logs.at(-1) ?? null;
    const log = (await readCityLogs(this.pool)).find(({ base }) => base === (before?.end ?? 0));
    if (!log) throw new LogDiffers(before ? `no log follows ${before.origin}, which is closed` : 'there is no log');
    const next = new SignedLog(this.pool, this.options, log, before, this.publication);
    this.logs.push(next);
    return next;
  }
}
