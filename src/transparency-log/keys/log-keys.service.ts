/** Which keys sign the log at the moment, for whoever tells verifiers what to pin. */
import { Inject, Injectable } from '@nestjs/common';
import { Pool } from 'pg';
import { APP_POOL } from '../../database/connections.js';
import { invariant } from '../../kernel/errors.js';
import { type KeyStanding, standingKeys } from './key-standing.js';
import { readAllLogKeys, readHandover, readLogKeys } from './log-keys.js';

@Injectable()
export class LogKeysService {
  constructor(@Inject(APP_POOL) private readonly pool: Pool) {}

  /** All there ever were of one log, the oldest first. @param base of the log; without it, of the one that is open */
  history(base: number | null = null): Promise<KeyStanding[]> {
    return readLogKeys(this.pool, base);
  }

  /** Every key that ever signed for any log of the city, as verifiers pin it, the oldest first. */
  all(): Promise<string[]> {
    return readAllLogKeys(this.pool);
  }

  /** In the form that verifiers pin, the oldest first: one, or two during a rotation. */
  async standing(base: number | null = null): Promise<string[]> {
    return standingKeys(await this.history(base)).map(({ vkey }) => vkey);
  }

  /** The one to pin: during a rotation the new one. */
  async newest(base: number | null = null): Promise<string> {
    const newest = (await this.standing(base)).at(-1);
    invariant(newest !== undefined, 'a log has a key that stands');
    return newest;
  }

  /** The last checkpoint that a retired key signed. */
  handover(keyId: string): Promise<string | null> {
    return readHandover(this.pool, keyId);
  }
}
