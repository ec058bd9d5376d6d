/** The state of the log as pages show it, read from what the signer published. */
import { Inject, Injectable } from '@nestjs/common';
import { LOG_OPTIONS, type LogOptions } from '../transparency-log/log-options.js';
import { LogStoreService } from '../transparency-log/log-store.service.js';
import { encodeVerifierKey } from '../transparency-log/note-key.js';
import type { LogState } from './front/view.js';

@Injectable()
export class LogStateService {
  constructor(
    private readonly store: LogStoreService,
    @Inject(LOG_OPTIONS) private readonly options: LogOptions,
  ) {}

  async now(): Promise<LogState> {
    const checkpoint = await this.store.checkpoint();
    return {
      origin: this.options.origin,
      verifierKey: encodeVerifierKey(this.options.signingKey),
      checkpoint: checkpoint && {
        size: checkpoint.size,
        at: checkpoint.publishedAt,
        root: checkpoint.root.toString('base64'),
      },
    };
  }
}
