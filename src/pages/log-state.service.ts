/** The state of the log as pages show it, read from what the signer published. */
import { Inject, Injectable } from '@nestjs/common';
import { LOG_OPTIONS, type LogOptions } from '../transparency-log/log-options.js';
import { LogStoreService } from '../transparency-log/log-store.service.js';
import { standingKeys } from '../transparency-log/keys/key-standing.js';
import { LogKeysService } from '../transparency-log/keys/log-keys.service.js';
import type { LogState } from './front/view.js';

@Injectable()
export class LogStateService {
  constructor(
    private readonly store: LogStoreService,
    private readonly keys: LogKeysService,
    @Inject(LOG_OPTIONS) private readonly options: LogOptions,
  ) {}

  async now(): Promise<LogState> {
    const checkpoint = await this.store.checkpoint();
    const history = await this.keys.history();
    const standing = standingKeys(history).map(({ vkey }) => vkey);
    const verifierKey = standing.at(-1)!;
    return {
      origin: this.options.origin,
      verifierKey,
      outgoingKey: standing.length > 1 ? standing[0]! : null,
      otherKeys: history
        .map(({ vkey }) => vkey)
        .filter((vkey) => vkey !== verifierKey)
        .reverse(),
      checkpoint: checkpoint && {
        size: checkpoint.size,
        at: checkpoint.publishedAt,
        root: checkpoint.root.toString('base64'),
      },
    };
  }
}
